package app.session.redis;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import org.jspecify.annotations.Nullable;

/**
 * The ids of sessions that this node served lately. Redis doesn't hold them, but
 * registries on this node know sessions by their ids, so events name sessions by them
 * where possible.
 */
final class KnownIds {

	private static final int MAX_SIZE = 10_000;

	private final Cache<String, String> secrets = Caffeine.newBuilder().maximumSize(MAX_SIZE).build();

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

}
