package app.session.redis.settings;

import java.time.Duration;

/**
 * The settings of the collector of expired sessions.
 *
 * @param enabled whether this node runs the collector
 * @param interval how often the collector runs
 * @param lease the time after which another node runs the collector if this one has died
 * @param batchSize how many expired sessions the collector claims in one step
 */
public record CollectorSettings(boolean enabled, Duration interval, Duration lease, int batchSize) {
}
