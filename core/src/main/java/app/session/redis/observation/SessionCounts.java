package app.session.redis.observation;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Counts the events of this node. Counting allocates nothing.
 */
public final class SessionCounts implements SessionStatistics {

	/** The counts, by the ordinals of their counters. */
	private final LongAdder[] counts = new LongAdder[SessionCounter.values().length];

	private final LongAdder lockWaits = new LongAdder();

	private final LongAdder lockWaitNanos = new LongAdder();

	private final LongAccumulator longestLockWaitNanos = new LongAccumulator(Math::max, 0);

	private final List<LongConsumer> saveListeners = new CopyOnWriteArrayList<>();

	private final List<IntConsumer> batchListeners = new CopyOnWriteArrayList<>();

	private volatile LongSupplier nearCacheMemory = () -> 0;

	private volatile LongSupplier nearCacheSize = () -> 0;

	private volatile BooleanSupplier nearCacheTrust = () -> false;

	/** Creates counters, all of which are 0. */
	public SessionCounts() {
		for (int i = 0; i < this.counts.length; i++) {
			this.counts[i] = new LongAdder();
		}
	}

	/**
	 * Counts an event.
	 * @param counter the counter
	 */
	public void increment(SessionCounter counter) {
		this.counts[counter.ordinal()].increment();
	}

	/**
	 * Counts a request that had to wait for a lock, whether or not it got the lock.
	 * @param nanos how long it waited, in nanoseconds
	 */
	public void addLockWait(long nanos) {
		this.lockWaits.increment();
		this.lockWaitNanos.add(nanos);
		this.longestLockWaitNanos.accumulate(nanos);
	}

	/**
	 * Notifies the listeners of a save; the size is computed only if there are any.
	 * @param bytes the size of the session in bytes
	 */
	public void saved(LongSupplier bytes) {
		for (LongConsumer listener : this.saveListeners) {
			listener.accept(bytes.getAsLong());
		}
	}

	/**
	 * Notifies the listeners of a batch of collected sessions.
	 * @param sessions the number of sessions
	 */
	public void collected(int sessions) {
		for (IntConsumer listener : this.batchListeners) {
			listener.accept(sessions);
		}
	}

	@Override
	public long get(SessionCounter counter) {
		return this.counts[counter.ordinal()].sum();
	}

	@Override
	public long getLockWaits() {
		return this.lockWaits.sum();
	}

	@Override
	public Duration getLockWaitTime() {
		return Duration.ofNanos(this.lockWaitNanos.sum());
	}

	@Override
	public Duration getLongestLockWait() {
		return Duration.ofNanos(this.longestLockWaitNanos.get());
	}

	/**
	 * Sets the sources of the memory and the number of copies, and of their trust.
	 * @param memory the memory of the copies in bytes
	 * @param size the number of copies
	 * @param trust whether copies are used without asking Redis
	 */
	public void nearCache(LongSupplier memory, LongSupplier size, BooleanSupplier trust) {
		this.nearCacheMemory = memory;
		this.nearCacheSize = size;
		this.nearCacheTrust = trust;
	}

	@Override
	public long getNearCacheMemory() {
		return this.nearCacheMemory.getAsLong();
	}

	@Override
	public long getNearCacheSize() {
		return this.nearCacheSize.getAsLong();
	}

	@Override
	public boolean isNearCacheTrusted() {
		return this.nearCacheTrust.getAsBoolean();
	}

	@Override
	public void onSave(LongConsumer listener) {
		this.saveListeners.add(listener);
	}

	@Override
	public void onBatch(IntConsumer listener) {
		this.batchListeners.add(listener);
	}

}
