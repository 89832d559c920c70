package app.session.redis.session;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;

import app.session.redis.codec.SessionSeal;
import app.session.redis.store.IndexEntry;
import app.session.redis.store.SessionRecord;
import org.jspecify.annotations.Nullable;

/**
 * What Redis has of a session, as far as this node knows. Guarded by the monitor of the
 * session.
 */
final class StoredState {

	private static final Duration NEVER = Duration.ofSeconds(-1);

	/** Whether Redis has the session. */
	boolean present;

	/** The secret of the id; null where it isn't known here. */
	@Nullable String secret;

	/** The digest of the id. */
	byte[] digest;

	/**
	 * The digest under which the session was loaded; null for one that is new or was
	 * found by its handle.
	 */
	byte @Nullable [] loadedDigest;

	SessionSeal seal;

	/** The field of the seal; null when the session has none. */
	byte @Nullable [] sealField;

	/** When the session ends however active it is, where the seal proves it. */
	@Nullable Instant deadline;

	/** When the session ends however active it is, as far as is known here. */
	@Nullable Instant end;

	Duration interval;

	/** The idle timeout until the client's second request, where it is another one. */
	@Nullable Duration firstTimeout;

	/** The last access as Redis has it, by the clock of this node. */
	Instant access;

	/** The last access with that of the request that has read the session. */
	Instant latestAccess;

	/** What was read, until its index entries are asked for: few requests do. */
	private @Nullable SessionRecord record;

	private Set<IndexEntry> entries = Set.of();

	/** The state of a session that is made now. */
	StoredState(SessionSeal seal, @Nullable String secret, byte[] digest, Duration interval, Instant now) {
		this.seal = seal;
		this.secret = secret;
		this.digest = digest;
		this.interval = interval;
		this.access = now;
		this.latestAccess = now;
	}

	/** The state of a session that was read. */
	StoredState(SessionRecord session, @Nullable String secret, boolean byId, Instant access, Instant latestAccess) {
		this(session.seal(), secret, session.header().digest(), normalize(session.header().lastingIdleTimeout()),
				access);
		this.present = true;
		this.loadedDigest = byId ? session.header().digest() : null;
		this.latestAccess = latestAccess;
		take(session);
	}

	/** Takes what was read anew. */
	void refresh(SessionRecord session, Instant access) {
		this.interval = normalize(session.header().lastingIdleTimeout());
		this.digest = session.header().digest();
		this.seal = session.seal();
		this.latestAccess = access.isAfter(this.latestAccess) ? access : this.latestAccess;
		take(session);
	}

	private void take(SessionRecord session) {
		this.sealField = session.sealField();
		this.deadline = session.header().deadline();
		this.end = this.deadline;
		this.firstTimeout = (session.header().laterIdleTimeout() != null) ? session.header().idleTimeout() : null;
		this.record = session;
	}

	/** Takes what was written. */
	void saved(PendingSave save) {
		String secret = save.secret();
		if (secret != null && (!this.present || (this.loadedDigest != null && !secret.equals(this.secret)))) {
			this.loadedDigest = save.digest();
		}
		this.secret = secret;
		this.digest = save.digest();
		this.interval = save.interval();
		this.seal = save.seal();
		this.sealField = save.sealField();
		if (save.entries() != null) {
			this.record = null;
			this.entries = save.entries();
		}
		if (save.change() != null) {
			this.access = save.lastAccess();
			if (save.change().isAccess()) {
				this.latestAccess = save.lastAccess();
				this.firstTimeout = null;
			}
		}
		this.present = true;
	}

	/** The index entries of the session, as far as is known here. */
	Set<IndexEntry> entries() {
		if (this.record != null) {
			this.entries = this.record.entries();
			this.record = null;
		}
		return this.entries;
	}

	/** Returns whether the session was not accessed for longer than its idle timeout. */
	boolean isIdleTooLong(Instant now) {
		Duration timeout = (this.firstTimeout != null) ? normalize(this.firstTimeout) : this.interval;
		return !timeout.isNegative() && !now.isBefore(this.latestAccess.plus(timeout));
	}

	/** A timeout of zero or less means that the session never expires. */
	static Duration normalize(Duration interval) {
		return (interval.isZero() || interval.isNegative()) ? NEVER : interval;
	}

}
