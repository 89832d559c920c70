package app.session.redis.session;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import app.session.redis.client.Turns;
import app.session.redis.lock.HeldLock;
import app.session.redis.store.Compensations.Compensation;
import org.jspecify.annotations.Nullable;

/**
 * The state that determines whether and when a session can be saved.
 */
public final class SaveState {

	private final Turns turns = new Turns();

	/** The lock that the request holds for the session, if any. */
	private @Nullable HeldLock lock;

	/** Undoes the last save, which Redis may have applied although no reply arrived. */
	private @Nullable Compensation<?> compensation;

	/**
	 * The reason why the session exists only for the current request, or null if it
	 * doesn't.
	 */
	private @Nullable SessionStoreUnavailableException temporary;

	private volatile boolean refused;

	/**
	 * Returns the turns that run one save at a time, so that a save by another thread of
	 * the request is based on the state in Redis after the previous one.
	 * @return the turns
	 */
	public Turns turns() {
		return this.turns;
	}

	/**
	 * Returns the lock without which saves of the session are refused.
	 * @return the lock, or null for none
	 */
	public synchronized @Nullable HeldLock lock() {
		return this.lock;
	}

	/**
	 * Associates the session with a lock, so that saves by any thread require it.
	 * @param lock the lock; null changes nothing
	 */
	public synchronized void lock(@Nullable HeldLock lock) {
		if (lock != null) {
			this.lock = lock;
		}
	}

	/**
	 * Sets the compensation of a save that got no reply.
	 * @param compensation the task that undoes the save
	 */
	public synchronized void compensation(Compensation<?> compensation) {
		this.compensation = compensation;
	}

	/**
	 * Returns and clears the compensation that must complete before the next save.
	 * @return the compensation, or null for none
	 */
	public synchronized @Nullable Compensation<?> takeCompensation() {
		Compensation<?> taken = this.compensation;
		this.compensation = null;
		return taken;
	}

	/**
	 * Records that Redis has refused a save, because the session has ended or got another
	 * id.
	 */
	public void refused() {
		this.refused = true;
	}

	/**
	 * Returns whether Redis has refused a save, so that changes were lost.
	 * @return whether a save was refused
	 */
	public boolean isRefused() {
		return this.refused;
	}

	/**
	 * Makes the session exist only for the current request, because Redis is unavailable.
	 * @param failure the failure, or null if it is unknown
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
	 * Fails if the session exists only for the current request: log-ins and log-outs must
	 * not be lost silently.
	 * @throws SessionStoreUnavailableException the reason why it is never saved
	 */
	public synchronized void requireLasting() {
		if (this.temporary != null) {
			throw this.temporary;
		}
	}

}
