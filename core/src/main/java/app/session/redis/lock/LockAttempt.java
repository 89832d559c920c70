package app.session.redis.lock;

import java.time.Duration;

import app.session.redis.store.SessionRecord;
import org.jspecify.annotations.Nullable;

/**
 * The result of an attempt to take the lock of a session.
 *
 * @param outcome the outcome
 * @param holdersLease how long the current holder's lease lasts unless renewed; zero if
 * no other request holds the lock
 * @param session the session as read under the lock; null if it was not read with it, or
 * is gone
 */
public record LockAttempt(Outcome outcome, Duration holdersLease, @Nullable SessionRecord session) {

	LockAttempt(Outcome outcome) {
		this(outcome, Duration.ZERO, null);
	}

	/**
	 * Returns whether the request holds the lock.
	 * @return whether it holds the lock
	 */
	public boolean isHeld() {
		return this.outcome == Outcome.HELD || this.outcome == Outcome.TAKEN;
	}

	/** The outcome of an attempt. */
	public enum Outcome {

		/** The request holds the lock. */
		HELD,

		/** The request holds the lock, which it took from another request. */
		TAKEN,

		/** Another request holds the lock, and this one waits for it. */
		WAITING,

		/** Another request holds the lock, and the maximum number of requests wait. */
		TOO_MANY_WAITERS,

		/** There is no such session, and so no lock. */
		NO_SESSION

	}

}
