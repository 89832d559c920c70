package app.session.redis.settings;

import java.time.Duration;

/**
 * How sessions are locked.
 *
 * @param waitTime how long a request waits for the lock; zero: not at all
 * @param lease how long a lock outlives a node that has died; it is renewed while the
 * request runs
 * @param onTimeout what becomes of a request that has waited so long
 * @param maxWaiters how many requests may wait for the lock of one session, any more are
 * refused at once; zero: any number
 */
public record LockSettings(Duration waitTime, Duration lease, OnLockTimeout onTimeout, int maxWaiters) {

	/**
	 * Checks them.
	 * @throws IllegalArgumentException if they can't work
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
