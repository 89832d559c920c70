package app.session.redis.servlet;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import org.jspecify.annotations.Nullable;

import org.springframework.web.context.request.DestructionCallbackBindingListener;

/**
 * The destruction callbacks that were registered on this node and don't belong to a bean.
 * They can't be stored, so that they run only if the session ends on this node. Kept for
 * the {@value #MAX_SESSIONS} sessions that registered one last.
 */
final class LocalCallbacks {

	private static final int MAX_SESSIONS = 10_000;

	private final Cache<String, Map<String, DestructionCallbackBindingListener>> callbacks = Caffeine.newBuilder()
		.maximumSize(MAX_SESSIONS)
		.executor(Runnable::run)
		.build();

	void add(String handle, String name, DestructionCallbackBindingListener callback) {
		this.callbacks.get(handle, (key) -> new ConcurrentHashMap<>(2)).put(name, callback);
	}

	/** Removes the callback of a bean, which is destroyed in another way. */
	void remove(String handle, String name) {
		// Called for each attribute that is set, although few applications have callbacks
		Map<String, DestructionCallbackBindingListener> own = this.callbacks.asMap().isEmpty() ? null
				: this.callbacks.getIfPresent(handle);
		if (own != null) {
			own.remove(name);
		}
	}

	/** Removes the callbacks of a session that has ended. */
	@Nullable Map<String, DestructionCallbackBindingListener> removeAll(String handle) {
		return this.callbacks.asMap().remove(handle);
	}

}
