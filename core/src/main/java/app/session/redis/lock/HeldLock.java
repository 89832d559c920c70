package app.session.redis.lock;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

import app.session.redis.observation.SessionCounter;
import org.jspecify.annotations.Nullable;

/**
 * The lock of a session that a request holds or has tried to take. Thread-safe.
 */
public final class HeldLock {

	private final SessionLocks locks;

	private final LockOwner owner;

	private final AtomicReference<State> state;

	private final AtomicBoolean unsaved = new AtomicBoolean();

	HeldLock(SessionLocks locks, LockOwner owner, boolean held) {
		this.locks = locks;
		this.owner = owner;
		this.state = new AtomicReference<>(held ? State.HELD : State.REFUSED);
	}

	/**
	 * Returns the session.
	 * @return its handle
	 */
	public String handle() {
		return this.owner.handle();
	}

	LockOwner owner() {
		return this.owner;
	}

	/**
	 * Returns the token that a save must present, so that it is refused if another
	 * request has the lock by then.
	 * @return the token, or null if the request has ended and released the lock
	 */
	public @Nullable String fence() {
		return (this.state.get() == State.RELEASED) ? null : this.owner.token();
	}

	/**
	 * Returns whether the request continues without the lock, which another request
	 * holds, and saves nothing.
	 * @return whether the request is read-only
	 */
	public boolean isReadOnly() {
		return this.state.get() == State.REFUSED;
	}

	/**
	 * Returns whether the request held the lock and lost it.
	 * @return whether the lock was lost
	 */
	public boolean isLost() {
		return this.state.get() == State.LOST;
	}

	/** Records that the request has lost the lock. */
	public void lose() {
		if (this.state.compareAndSet(State.HELD, State.LOST)) {
			this.locks.lost(this);
		}
	}

	/** Records that a change was not saved because the request doesn't hold the lock. */
	public void unsaved() {
		if (this.unsaved.compareAndSet(false, true)) {
			this.locks.counts().increment(SessionCounter.CONFLICT_LOCKED);
		}
	}

	/**
	 * Releases the lock if the request holds it: {@code EVALSHA unlock}, in the
	 * background.
	 */
	public void release() {
		if (this.state.getAndUpdate((now) -> (now == State.HELD) ? State.RELEASED : now) == State.HELD) {
			this.locks.released(this);
		}
	}

	/** The states of the lock. */
	private enum State {

		/** The request holds it, as far as is known. */
		HELD,

		/** The request never got it. */
		REFUSED,

		/** Another request holds it, or none does. */
		LOST,

		/** The request has ended. */
		RELEASED

	}

}
