package app.session.redis.lock;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

import app.session.redis.observation.SessionCounter;
import org.jspecify.annotations.Nullable;

/**
 * The lock of a session in the hands of one request. Safe for use by several threads.
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
	 * The session.
	 * @return its handle
	 */
	public String handle() {
		return this.owner.handle();
	}

	LockOwner owner() {
		return this.owner;
	}

	/**
	 * What a save must show, so that it is refused when the lock is another's by then.
	 * @return the token; null when the request has ended and given the lock up
	 */
	public @Nullable String fence() {
		return (this.state.get() == State.RELEASED) ? null : this.owner.token();
	}

	/**
	 * Whether the request goes on without the lock, which another has, and saves nothing.
	 * @return true if so
	 */
	public boolean isReadOnly() {
		return this.state.get() == State.REFUSED;
	}

	/**
	 * Whether the request had the lock and lost it.
	 * @return true if so
	 */
	public boolean isLost() {
		return this.state.get() == State.LOST;
	}

	/** Notes that the lock is another's. */
	public void lose() {
		if (this.state.compareAndSet(State.HELD, State.LOST)) {
			this.locks.lost(this);
		}
	}

	/** Notes that something was not saved for want of the lock. */
	public void unsaved() {
		if (this.unsaved.compareAndSet(false, true)) {
			this.locks.counts().increment(SessionCounter.CONFLICT_LOCKED);
		}
	}

	/**
	 * Gives the lock up, if the request has it: {@code EVALSHA unlock}, not waited for.
	 */
	public void release() {
		if (this.state.getAndUpdate((now) -> (now == State.HELD) ? State.RELEASED : now) == State.HELD) {
			this.locks.released(this);
		}
	}

	/** What has become of the lock. */
	private enum State {

		/** The request has it, as far as is known. */
		HELD,

		/** The request never got it. */
		REFUSED,

		/** Another has it, or nobody. */
		LOST,

		/** The request has ended. */
		RELEASED

	}

}
