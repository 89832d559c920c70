package app.session.redis.observation;

import java.time.Duration;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;

/**
 * What has come of locking on this node.
 */
public final class LockCounts {

	private final LongAdder waits = new LongAdder();

	private final LongAdder waited = new LongAdder();

	private final LongAccumulator longest = new LongAccumulator(Math::max, 0);

	private final LongAdder timeouts = new LongAdder();

	private final LongAdder refusals = new LongAdder();

	private final LongAdder lost = new LongAdder();

	private final LongAdder unsaved = new LongAdder();

	public void addWait(long nanos) {
		this.waits.increment();
		this.waited.add(nanos);
		this.longest.accumulate(nanos);
	}

	public void addTimeout() {
		this.timeouts.increment();
	}

	public void addRefusal() {
		this.refusals.increment();
	}

	public void addLost() {
		this.lost.increment();
	}

	public void addUnsaved() {
		this.unsaved.increment();
	}

	/**
	 * Requests that had to wait for a lock, whatever came of it.
	 * @return how many
	 */
	public long waits() {
		return this.waits.sum();
	}

	/**
	 * How long they waited, all together.
	 * @return the time
	 */
	public Duration waited() {
		return Duration.ofNanos(this.waited.sum());
	}

	/**
	 * How long the one waited that waited longest.
	 * @return the time
	 */
	public Duration longestWait() {
		return Duration.ofNanos(this.longest.get());
	}

	/**
	 * Requests that waited in vain.
	 * @return how many
	 */
	public long timeouts() {
		return this.timeouts.sum();
	}

	/**
	 * Requests that were refused because too many waited.
	 * @return how many
	 */
	public long refusals() {
		return this.refusals.sum();
	}

	/**
	 * Requests that lost their lock.
	 * @return how many
	 */
	public long lost() {
		return this.lost.sum();
	}

	/**
	 * Requests whose changes were not saved because they had no lock, or no longer.
	 * @return how many
	 */
	public long unsaved() {
		return this.unsaved.sum();
	}

}
