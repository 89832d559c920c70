package app.session.redis;

import java.util.Arrays;

import app.session.redis.store.SessionHeader;
import app.session.redis.store.SessionRecord;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import org.jspecify.annotations.Nullable;

/**
 * The ids of sessions that this node served lately. Redis doesn't hold them, but
 * registries on this node know sessions by their ids, so results and events name them so
 * where that can be done.
 */
final class KnownIds {

	private static final int MAX_SIZE = 10_000;

	private final Cache<String, String> secrets = Caffeine.newBuilder()
		.maximumSize(MAX_SIZE)
		.executor(Runnable::run)
		.build();

	void add(String handle, String secret) {
		if (!secret.equals(this.secrets.getIfPresent(handle))) {
			this.secrets.put(handle, secret);
		}
	}

	/**
	 * The secret under which the node last served the session, be it outdated; or null.
	 */
	@Nullable String last(String handle) {
		return this.secrets.getIfPresent(handle);
	}

	/** The secret that the session has, where the node knows it; or null. */
	@Nullable String current(SessionRecord session) {
		if (session.secret() != null) {
			return session.secret();
		}
		String secret = last(session.handle());
		return (secret != null && Arrays.equals(SessionHeader.digest(secret), session.header().digest())) ? secret
				: null;
	}

}
