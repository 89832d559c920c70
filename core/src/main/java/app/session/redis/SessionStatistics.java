package app.session.redis;

import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;

import app.session.redis.lock.LockCounts;

/**
 * What this node has counted since it started.
 */
public final class SessionStatistics {

	final LongAdder created = new LongAdder();

	final LongAdder deleted = new LongAdder();

	final LongAdder expired = new LongAdder();

	final LongAdder savesOfEndedSessions = new LongAdder();

	final LongAdder savesUnderOldIds = new LongAdder();

	final LongAdder refusedTouches = new LongAdder();

	final LongAdder unreadableAttributes = new LongAdder();

	final LongAdder unconfirmed = new LongAdder();

	final LongAdder takenOver = new LongAdder();

	final LockCounts locks = new LockCounts();

	final LongAdder evicted = new LongAdder();

	final LongAdder rejectedLogIns = new LongAdder();

	final LongAdder rejectedSessions = new LongAdder();

	SessionStatistics() {
	}

	/**
	 * Sessions that this node wrote for the first time.
	 * @return how many
	 */
	public long getCreated() {
		return this.created.sum();
	}

	/**
	 * Sessions that this node deleted.
	 * @return how many
	 */
	public long getDeleted() {
		return this.deleted.sum();
	}

	/**
	 * Sessions whose expiry this node told.
	 * @return how many
	 */
	public long getExpired() {
		return this.expired.sum();
	}

	/**
	 * Saves that were refused because the session had ended.
	 * @return how many
	 */
	public long getSavesOfEndedSessions() {
		return this.savesOfEndedSessions.sum();
	}

	/**
	 * Saves that were refused because the session had got another id.
	 * @return how many
	 */
	public long getSavesUnderOldIds() {
		return this.savesUnderOldIds.sum();
	}

	/**
	 * Accesses that Redis refused to note while it allowed to read.
	 * @return how many
	 */
	public long getRefusedTouches() {
		return this.refusedTouches.sum();
	}

	/**
	 * Attributes that could not be read.
	 * @return how many
	 */
	public long getUnreadableAttributes() {
		return this.unreadableAttributes.sum();
	}

	/**
	 * Log-ins, changes of id and log-outs that too few replicas confirmed in time.
	 * @return how many
	 */
	public long getUnconfirmed() {
		return this.unconfirmed.sum();
	}

	/**
	 * Sessions that this node took over from Spring Session's own repository.
	 * @return how many
	 */
	public long getTakenOver() {
		return this.takenOver.sum();
	}

	/**
	 * Requests that had to wait for the lock of their session, whatever came of it.
	 * @return how many
	 */
	public long getLockWaits() {
		return this.locks.waits();
	}

	/**
	 * How long requests waited for locks, all together.
	 * @return the time
	 */
	public Duration getLockWaitTime() {
		return this.locks.waited();
	}

	/**
	 * How long that request waited for a lock that waited longest.
	 * @return the time
	 */
	public Duration getLongestLockWait() {
		return this.locks.longestWait();
	}

	/**
	 * Requests that waited for a lock in vain, those among them that then took it over or
	 * went on without.
	 * @return how many
	 */
	public long getLockTimeouts() {
		return this.locks.timeouts();
	}

	/**
	 * Requests that were refused at once because too many waited for the lock.
	 * @return how many
	 */
	public long getLockRefusals() {
		return this.locks.refusals();
	}

	/**
	 * Requests that lost their lock: it was taken over, or its lease ran out.
	 * @return how many
	 */
	public long getLocksLost() {
		return this.locks.lost();
	}

	/**
	 * Requests whose changes were not saved because they had no lock, or no longer.
	 * @return how many
	 */
	public long getSavesWithoutLock() {
		return this.locks.unsaved();
	}

	/**
	 * Sessions that this node deleted to make room for a log-in of the same principal.
	 * They are among the deleted ones, too.
	 * @return how many
	 */
	public long getEvicted() {
		return this.evicted.sum();
	}

	/**
	 * Log-ins that were refused because the principal had as many sessions as are
	 * allowed.
	 * @return how many
	 */
	public long getRejectedLogIns() {
		return this.rejectedLogIns.sum();
	}

	/**
	 * New sessions that were refused because there were as many in all as are allowed.
	 * @return how many
	 */
	public long getRejectedSessions() {
		return this.rejectedSessions.sum();
	}

}
