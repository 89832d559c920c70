package app.session.redis.lock;

import java.time.Duration;

import app.session.redis.store.SessionRecord;
import org.jspecify.annotations.Nullable;

/**
 * What came of asking for the lock of a session.
 *
 * @param outcome what came of it
 * @param holdersLease how long the present holder has it unless it renews its lease; zero
 * where nobody else has it
 * @param session the session as it is under the lock; null where it was not read with it,
 * or is gone
 */
public record LockAttempt(Outcome outcome, Duration holdersLease, @Nullable SessionRecord session) {

	LockAttempt(Outcome outcome) {
		this(outcome, Duration.ZERO, null);
	}

	/**
	 * Whether the request has the lock.
	 * @return true if so
	 */
	public boolean isHeld() {
		return this.outcome == Outcome.HELD || this.outcome == Outcome.TAKEN;
	}

	/** What came of asking for the lock. */
	public enum Outcome {

		/** The request has it. */
		HELD,

		/** The request has it: it took it from another. */
		TAKEN,

		/** Another has it, and the request is among those that wait. */
		WAITING,

		/** Another has it, and more requests wait already than may. */
		TOO_MANY_WAITERS,

		/** There is no such session, and so no lock. */
		NO_SESSION

	}

}
