package app.session.redis.cache;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

/**
 * Determines whether a copy may be used without asking Redis: for a limited time after
 * the lookup that has validated it was sent, unless this node has been notified of a
 * change since then, or may have missed a notification. Notifications only shorten the
 * time; that none arrives never extends it.
 *
 * <p>
 * A validation contains what this node knew before its lookup was sent, and is compared
 * with what it knows when the copy is used. So it doesn't matter in which order replies
 * and notifications arrive or are processed, and nothing has to be found when a
 * notification arrives.
 */
final class Trust {

	/**
	 * The number of groups of sessions, a power of two. A change voids the validations of
	 * all sessions in its group: a few more lookups, but a constant amount of memory.
	 */
	private static final int GROUPS = 1 << 16;

	private final long maxAgeNanos;

	private final LongSupplier clock;

	/** The number of changes by group; they overflow, because they are only compared. */
	private final AtomicIntegerArray changes;

	private volatile int interruptions;

	private volatile boolean subscribed;

	private volatile boolean published = true;

	/**
	 * Creates an instance that trusts nothing until {@link #subscribed()}.
	 * @param maxAge how long a validation lasts; zero or less to trust nothing
	 * @param clock a monotonic clock in nanoseconds
	 */
	Trust(Duration maxAge, LongSupplier clock) {
		this.maxAgeNanos = maxAge.toNanos();
		this.clock = clock;
		this.changes = new AtomicIntegerArray((this.maxAgeNanos > 0) ? GROUPS : 0);
	}

	/** Returns whether copies are trusted at present. */
	boolean isActive() {
		return this.maxAgeNanos > 0 && this.subscribed && this.published;
	}

	/**
	 * Prepares the validation of a copy. Must be called before the lookup is sent.
	 * @param handle the session
	 * @return the validation, to be used only if Redis answers; null if copies are not
	 * trusted at present
	 */
	@Nullable Validation prepare(String handle) {
		if (!isActive()) {
			return null;
		}
		int interruptions = this.interruptions;
		int changes = this.changes.get(group(handle));
		return new Validation(this.clock.getAsLong(), changes, interruptions);
	}

	/**
	 * Returns whether a validation still holds.
	 * @param handle the session
	 * @param validation its validation
	 * @param now the present time
	 */
	boolean holds(String handle, Validation validation, long now) {
		return isActive() && now - validation.sentAt() < this.maxAgeNanos
				&& validation.interruptions() == this.interruptions
				&& validation.changes() == this.changes.get(group(handle));
	}

	long now() {
		return this.clock.getAsLong();
	}

	/**
	 * Returns whether a session with an idle timeout is not trusted, because it is short.
	 */
	boolean isShort(Duration idleTimeout) {
		return !idleTimeout.isNegative() && !idleTimeout.isZero()
				&& idleTimeout.compareTo(Duration.ofNanos(this.maxAgeNanos).multipliedBy(10)) < 0;
	}

	/** Records that a session has changed or ended. */
	void changed(String handle) {
		if (this.maxAgeNanos > 0) {
			this.changes.getAndIncrement(group(handle));
		}
	}

	/**
	 * Records that a lookup has found content of which there is no copy, so that
	 * concurrent lookups, which may have found other content, validate nothing.
	 * @param handle the session
	 * @param validation the validation by the lookup, or null
	 * @return the validation if it is the only one; else null
	 */
	@Nullable Validation supersede(String handle, @Nullable Validation validation) {
		if (this.maxAgeNanos <= 0) {
			return null;
		}
		int group = group(handle);
		if (validation != null && this.changes.compareAndSet(group, validation.changes(), validation.changes() + 1)) {
			return new Validation(validation.sentAt(), validation.changes() + 1, validation.interruptions());
		}
		this.changes.getAndIncrement(group);
		return null;
	}

	/** Records that this node may miss notifications from now on. */
	synchronized void interrupted() {
		this.subscribed = false;
		this.interruptions++;
	}

	/**
	 * Records that this node receives notifications from now on. Validations from before
	 * are void, because notifications may have been missed.
	 */
	synchronized void subscribed() {
		this.interruptions++;
		this.subscribed = true;
	}

	/**
	 * Records whether this node's changes are published to the other nodes. If they are
	 * not, it is likely that those of the other nodes are not published either.
	 * @return whether this has changed
	 */
	boolean published(boolean published) {
		return this.published != published && publishedChanged(published);
	}

	private synchronized boolean publishedChanged(boolean published) {
		boolean changed = this.published != published;
		if (changed) {
			this.interruptions++;
			this.published = published;
		}
		return changed;
	}

	private static int group(String handle) {
		int hash = handle.hashCode();
		return (hash ^ (hash >>> 16)) & (GROUPS - 1);
	}

}
