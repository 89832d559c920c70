package app.session.redis.settings;

import java.time.Duration;

/**
 * The settings of the near cache.
 *
 * @param enabled whether this node keeps copies of sessions
 * @param maxSize the maximum memory of all copies, in bytes
 * @param maxAge how long a copy is used after it was validated before Redis validates it
 * again; zero if Redis validates it with each use
 */
public record NearCacheSettings(boolean enabled, long maxSize, Duration maxAge) {

	/**
	 * Returns whether copies are used without being validated with each use.
	 * @return whether copies are trusted for a while
	 */
	public boolean isTrusting() {
		return this.enabled && !this.maxAge.isZero();
	}

}
