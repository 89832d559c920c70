package app.session.redis.settings;

import java.time.Duration;

/**
 * The settings of session locks.
 *
 * @param waitTime how long a request waits for the lock; zero for not at all
 * @param lease how long a lock remains after its node has died; the lock is renewed while
 * the request runs
 * @param onTimeout how a request is handled that doesn't get the lock in this time
 * @param maxWaiters how many requests can wait for the lock of one session; further
 * requests are refused at once. Zero for no limit
 */
public record LockSettings(Duration waitTime, Duration lease, OnLockTimeout onTimeout, int maxWaiters) {

	/**
	 * Checks the settings.
	 * @throws IllegalArgumentException if a value is out of its bounds
	 */
	public LockSettings {
		if (waitTime.isNegative()) {
			throw new IllegalArgumentException("A lock can't be waited for for " + waitTime);
		}
		if (lease.toMillis() < 1) {
			throw new IllegalArgumentException("The lease of a lock must be at least 1 ms, not " + lease);
		}
		if (maxWaiters < 0) {
			throw new IllegalArgumentException("No fewer than 0 requests can wait for a lock, not " + maxWaiters);
		}
	}

}
