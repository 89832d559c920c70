package app.session.redis.observation;

import java.time.Duration;
import java.util.Arrays;
import java.util.function.IntConsumer;
import java.util.function.LongConsumer;

import app.session.redis.DeletionReason;

/**
 * What this node has counted since it started. Reading it sends no command.
 */
public sealed interface SessionStatistics permits SessionCounts {

	/**
	 * Returns the value of a counter.
	 * @param counter the counter
	 * @return the value
	 */
	long get(SessionCounter counter);

	/**
	 * Returns how many sessions this node deleted, for whatever reason.
	 * @return how many
	 */
	default long getDeleted() {
		return Arrays.stream(DeletionReason.values()).map(SessionCounter::deleted).mapToLong(this::get).sum();
	}

	/**
	 * Returns how many requests had to wait for the lock of their session, with or
	 * without success.
	 * @return how many
	 */
	long getLockWaits();

	/**
	 * Returns how long requests have waited for locks in total.
	 * @return the time
	 */
	Duration getLockWaitTime();

	/**
	 * Returns the longest time that a request has waited for a lock.
	 * @return the time
	 */
	Duration getLongestLockWait();

	/**
	 * Registers a listener for saves that write anything.
	 * @param listener receives how many bytes of fields and values were written, on the
	 * thread that saves; must neither block nor throw
	 */
	void onSave(LongConsumer listener);

	/**
	 * Registers a listener for batches of the collector.
	 * @param listener receives how many sessions were checked for expiry, on the
	 * collector's thread; must neither block nor throw
	 */
	void onBatch(IntConsumer listener);

}
