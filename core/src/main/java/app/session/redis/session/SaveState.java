package app.session.redis.session;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import app.session.redis.client.Turns;
import app.session.redis.lock.HeldLock;
import app.session.redis.store.Compensations.Compensation;
import org.jspecify.annotations.Nullable;

/**
 * What decides whether and when a session may be saved.
 */
public final class SaveState {

	private final Turns turns = new Turns();

	/** The lock of the request that the session belongs to, if that has one. */
	private @Nullable HeldLock lock;

	/** Undoes the last save, which Redis may have applied without a reply. */
	private @Nullable Compensation<?> compensation;

	/** Why the session exists only for the current request; null where it doesn't. */
	private @Nullable SessionStoreUnavailableException temporary;

	/**
	 * Lets one save at a time be on its way, so that another thread of the request begins
	 * its own from what Redis has by then.
	 * @return the turns
	 */
	public Turns turns() {
		return this.turns;
	}

	/**
	 * The lock without which saves of the session are refused.
	 * @return the lock; null for none
	 */
	public synchronized @Nullable HeldLock lock() {
		return this.lock;
	}

	/**
	 * Ties the session to a lock, so that any thread saves it under that.
	 * @param lock the lock; null changes nothing
	 */
	public synchronized void lock(@Nullable HeldLock lock) {
		if (lock != null) {
			this.lock = lock;
		}
	}

	/**
	 * Sets what undoes a save that got no reply.
	 * @param compensation undoes it
	 */
	public synchronized void compensation(Compensation<?> compensation) {
		this.compensation = compensation;
	}

	/**
	 * Returns what must have undone the last save before the next one, once.
	 * @return the compensation; null for none
	 */
	public synchronized @Nullable Compensation<?> takeCompensation() {
		Compensation<?> taken = this.compensation;
		this.compensation = null;
		return taken;
	}

	/**
	 * Makes the session exist only for the current request, because Redis can't be asked.
	 * @param failure why, if it is known
	 */
	public synchronized void becomeTemporary(@Nullable SessionStoreUnavailableException failure) {
		this.temporary = (failure != null) ? failure
				: new SessionStoreUnavailableException(Reason.DISCONNECTED, null, null);
	}

	/**
	 * Returns whether the session exists only for the current request, and is never
	 * saved.
	 * @return whether it is temporary
	 */
	public synchronized boolean isTemporary() {
		return this.temporary != null;
	}

	/**
	 * Fails if the session exists only for the current request: neither a log-in nor a
	 * log-out may be lost without notice.
	 * @throws SessionStoreUnavailableException why it is never saved
	 */
	public synchronized void requireLasting() {
		if (this.temporary != null) {
			throw this.temporary;
		}
	}

}
