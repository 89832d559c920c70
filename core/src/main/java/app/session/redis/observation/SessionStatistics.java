package app.session.redis.observation;

import java.time.Duration;
import java.util.Arrays;
import java.util.function.IntConsumer;
import java.util.function.LongConsumer;

import app.session.redis.DeletionReason;

/**
 * The statistics of this node since it started. Reading them sends no command.
 */
public sealed interface SessionStatistics permits SessionCounts {

	/**
	 * Returns the value of a counter.
	 * @param counter the counter
	 * @return the value
	 */
	long get(SessionCounter counter);

	/**
	 * Returns the number of sessions that this node deleted, for any reason.
	 * @return the number of sessions
	 */
	default long getDeleted() {
		return Arrays.stream(DeletionReason.values()).map(SessionCounter::deleted).mapToLong(this::get).sum();
	}

	/**
	 * Returns the number of requests that had to wait for the lock of their session,
	 * whether or not they got it.
	 * @return the number of requests
	 */
	long getLockWaits();

	/**
	 * Returns the total time that requests have waited for locks.
	 * @return the time
	 */
	Duration getLockWaitTime();

	/**
	 * Returns the longest time that a request has waited for a lock.
	 * @return the time
	 */
	Duration getLongestLockWait();

	/**
	 * Returns the approximate memory of the copies of sessions on this node.
	 * @return the number of bytes
	 */
	long getNearCacheMemory();

	/**
	 * Returns the approximate number of copies of sessions on this node.
	 * @return the number of copies
	 */
	long getNearCacheSize();

	/**
	 * Returns whether this node at present uses copies of sessions for a while without
	 * asking Redis: this is configured, and the messages of other nodes are received.
	 * @return whether copies are trusted
	 */
	boolean isNearCacheTrusted();

	/**
	 * Registers a listener for saves that write something.
	 * @param listener receives the number of bytes of the written fields and values, on
	 * the thread that saves; must neither block nor throw
	 */
	void onSave(LongConsumer listener);

	/**
	 * Registers a listener for batches of the collector.
	 * @param listener receives the number of sessions that were checked for expiry, on
	 * the collector's thread; must neither block nor throw
	 */
	void onBatch(IntConsumer listener);

}
