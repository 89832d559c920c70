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
}
