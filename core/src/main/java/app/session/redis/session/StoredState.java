package app.session.redis.session;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;

import app.session.redis.codec.SessionSeal;
import app.session.redis.store.IndexEntry;
import app.session.redis.store.SessionRecord;
import org.jspecify.annotations.Nullable;

/**
 * The state of a session in Redis, as far as this node knows. Guarded by the monitor of
 * the session.
 */
final class StoredState {

	private static final Duration NEVER = Duration.ofSeconds(-1);

	/** Whether the session is stored in Redis. */
	boolean present;

	/** The secret of the id; null if this node doesn't know it. */
	@Nullable String secret;

	/** The digest of the id. */
	byte[] digest;

	/**
	 * The digest of the id by which the session was loaded; null for a session that is
	 * new or was found by its handle.
	 */
	byte @Nullable [] loadedDigest;

	SessionSeal seal;

	/** The field of the seal; null if the session has none. */
	byte @Nullable [] sealField;

	/** The end of the absolute timeout, if the seal authenticates it. */
	@Nullable Instant deadline;

	/** The end of the absolute timeout, as far as this node knows it. */
	@Nullable Instant end;

	Duration interval;

	/** The idle timeout until the client's second request, if it differs. */
	@Nullable Duration firstTimeout;

	/** The last access that is recorded in Redis, by the clock of this node. */
	Instant access;

	/** The last access, including that of the request that has read the session. */
	Instant latestAccess;

	/**
	 * The record that was read, until its index entries are first requested, which is
	 * rare.
	 */
	private @Nullable SessionRecord record;

	private Set<IndexEntry> entries = Set.of();

	/** Creates the state of a new session. */
	StoredState(SessionSeal seal, @Nullable String secret, byte[] digest, Duration interval, Instant now) {
		this.seal = seal;
		this.secret = secret;
		this.digest = digest;
		this.interval = interval;
		this.access = now;
		this.latestAccess = now;
	}

	/** Creates the state of a session that was read. */
	StoredState(SessionRecord session, @Nullable String secret, boolean byId, Instant access, Instant latestAccess) {
		this(session.seal(), secret, session.header().digest(), normalize(session.header().lastingIdleTimeout()),
				access);
		this.present = true;
		this.loadedDigest = byId ? session.header().digest() : null;
		this.latestAccess = latestAccess;
		take(session);
	}

	/** Replaces the state by a newly read record. */
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

	/** Updates the state after a save. */
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

	/** Returns the index entries of the session, as far as this node knows them. */
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

	/** Normalizes a timeout of zero or less, with which the session never expires. */
	static Duration normalize(Duration interval) {
		return (interval.isZero() || interval.isNegative()) ? NEVER : interval;
	}

}
