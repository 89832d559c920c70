package app.session.redis.observation;

import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntConsumer;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

import app.session.redis.DeletionReason;

/**
 * What this node has counted since it started.
 */
public final class SessionStatistics {

	public final LongAdder created = new LongAdder();

	final Map<DeletionReason, LongAdder> deleted = new EnumMap<>(DeletionReason.class);

	public final LongAdder expired = new LongAdder();

	public final LongAdder savesOfEndedSessions = new LongAdder();

	public final LongAdder savesOfExpiredSessions = new LongAdder();

	public final LongAdder savesUnderOldIds = new LongAdder();

	public final LongAdder refusedTouches = new LongAdder();

	public final LongAdder unreadableAttributes = new LongAdder();

	public final LongAdder unconfirmed = new LongAdder();

	public final LongAdder takenOver = new LongAdder();

	public final LongAdder notTakenOver = new LongAdder();

	public final LongAdder droppedMessages = new LongAdder();

	public final LongAdder plainSessions = new LongAdder();

	public final LockCounts locks = new LockCounts();

	public final LongAdder rejectedLogIns = new LongAdder();

	public final LongAdder rejectedSessions = new LongAdder();

	public final StoreCounts store = new StoreCounts();

	private final List<LongConsumer> saveListeners = new CopyOnWriteArrayList<>();

	private final List<IntConsumer> batchListeners = new CopyOnWriteArrayList<>();

	public SessionStatistics() {
		for (DeletionReason reason : DeletionReason.values()) {
			this.deleted.put(reason, new LongAdder());
		}
	}

	@SuppressWarnings("NullAway") // there is one for each
	public void addDeleted(DeletionReason reason) {
		this.deleted.get(reason).increment();
	}

	/** Counts bytes only where somebody wants to know. */
	public void saved(LongSupplier bytes) {
		for (LongConsumer listener : this.saveListeners) {
			listener.accept(bytes.getAsLong());
		}
	}

	public void collected(int sessions) {
		for (IntConsumer listener : this.batchListeners) {
			listener.accept(sessions);
		}
	}

	/**
	 * Has each save told that writes anything, by the thread that saves.
	 * @param listener is told how many bytes of fields and values were written; must
	 * neither block nor throw
	 */
	public void onSave(LongConsumer listener) {
		this.saveListeners.add(listener);
	}

	/**
	 * Has each batch of the collector told, by its thread.
	 * @param listener is told how many sessions were asked whether they have expired;
	 * must neither block nor throw
	 */
	public void onBatch(IntConsumer listener) {
		this.batchListeners.add(listener);
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
		return this.deleted.values().stream().mapToLong(LongAdder::sum).sum();
	}

	/**
	 * Sessions that this node deleted for a reason.
	 * @param reason the reason
	 * @return how many
	 */
	@SuppressWarnings("NullAway") // there is one for each
	public long getDeleted(DeletionReason reason) {
		return this.deleted.get(reason).sum();
	}

	/**
	 * Sessions whose expiry this node told.
	 * @return how many
	 */
	public long getExpired() {
		return this.expired.sum();
	}

	/**
	 * Saves that were refused because the session had been deleted.
	 * @return how many
	 */
	public long getSavesOfEndedSessions() {
		return this.savesOfEndedSessions.sum();
	}

	/**
	 * Saves that were refused because the session had expired while the request ran. If
	 * the session is not in Redis any more, the clock of the node decides, by the last
	 * access that the request knows.
	 * @return how many
	 */
	public long getSavesOfExpiredSessions() {
		return this.savesOfExpiredSessions.sum();
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
	 * Sessions of Spring Session's own repository that this node could not take over,
	 * because it can't read when they were used, each counted once. Of those that are
	 * found again later, only the last thousand are remembered.
	 * @return how many
	 */
	public long getNotTakenOver() {
		return this.notTakenOver.sum();
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
		return getDeleted(DeletionReason.LIMIT);
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

	/**
	 * Looks for one session, by an id or a handle. What can't be an id, and what a
	 * request has found already, is not looked for.
	 * @param lookup what they came to
	 * @return how many
	 */
	public long getLookups(LookupResult lookup) {
		return this.store.lookups(lookup);
	}

	/**
	 * Returns how often this node refused a session because it is not authentic: it was
	 * changed in Redis, is in plain text in an encrypted store, or was written with a key
	 * that this node doesn't have.
	 * @return how many
	 */
	public long getRefusedSessions() {
		return this.store.refused();
	}

	/**
	 * Returns how many messages of other nodes about sessions were dropped, because too
	 * many were waiting: listeners of session events take too long.
	 * @return how many
	 */
	public long getDroppedMessages() {
		return this.droppedMessages.sum();
	}

	/**
	 * Returns how many damaged sessions this node has found, each counted once: what
	 * Redis holds under their keys is not what this library writes.
	 * @return how many
	 */
	public long getDamagedSessions() {
		return this.store.damaged();
	}

	/**
	 * Returns how often this node read a session in plain text that it accepted only
	 * because of the time until which it accepts them.
	 * @return how many
	 */
	public long getPlainSessions() {
		return this.plainSessions.sum();
	}

	/**
	 * Commands that this node sent, a script being one, also in the background. Those of
	 * subscriptions, of waits for replicas and of checks of the server don't count.
	 * @return how many
	 */
	public long getCommands() {
		return this.store.commands();
	}

	/**
	 * How often this node sent something. What is sent together is one round trip, to
	 * however many nodes of a cluster it goes, and whether or not anybody waits for the
	 * answer.
	 * @return how many
	 */
	public long getRoundTrips() {
		return this.store.roundTrips();
	}

}
