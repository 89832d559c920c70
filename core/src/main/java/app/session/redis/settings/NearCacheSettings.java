package app.session.redis.settings;

/**
 * The settings of the near cache.
 *
 * @param enabled whether this node keeps copies of sessions
 * @param maxSize the maximum memory of all copies, in bytes
 */
public record NearCacheSettings(boolean enabled, long maxSize) {
}
