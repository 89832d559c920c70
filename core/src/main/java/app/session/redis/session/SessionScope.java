package app.session.redis.session;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

import app.session.redis.SessionId;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.client.Turns;
import app.session.redis.lock.HeldLock;
import app.session.redis.store.IndexEntry;
import org.jspecify.annotations.Nullable;

/**
 * The state of sessions in one request: each session is looked up once, a session that
 * the request has ended stays ended, and after a failure of the store no further commands
 * are sent. Every use case receives the scope of its request, or {@link #none()} outside
 * of requests, which keeps no state. Safe for concurrent use, because asynchronous
 * processing uses several threads.
 */
public sealed class SessionScope permits NoRequest {

	private final RequestClient client;

	private final Map<String, StoredSession> sessions = new HashMap<>(4);

	/** Created on demand, like the collections below, because most requests only read. */
	private @Nullable Set<String> ended;

	private @Nullable Set<String> unknownIds;

	/** The ids that the client has sent, until their sessions are looked up together. */
	private @Nullable List<String> resolvedIds;

	private @Nullable Map<String, String> replacedIds;

	private @Nullable Map<String, String> confirmedIds;

	private @Nullable List<String> clientIds;

	private final Turns locking = new Turns();

	private List<HeldLock> locks = List.of();

	private boolean dispatchEnded;

	private @Nullable Map<IndexEntry, HeldReservation> reservations;

	private @Nullable Set<Object> refused;

	private volatile @Nullable SessionStoreUnavailableException failure;

	private volatile boolean answered;

	private volatile boolean clientUnknown;

	private volatile boolean anonymous;

	/**
	 * Creates the scope of a request.
	 * @param client the client of the request
	 */
	public SessionScope(RequestClient client) {
		this.client = client;
	}

	/**
	 * Returns the scope of operations outside of requests, which keeps no state.
	 * @return the scope
	 */
	public static SessionScope none() {
		return NoRequest.SCOPE;
	}

	/**
	 * Returns whether this is the scope of a request.
	 * @return whether it is the scope of a request
	 */
	public boolean isRequest() {
		return true;
	}

	/**
	 * Returns the client of the request.
	 * @return the client
	 */
	public RequestClient client() {
		return this.client;
	}

	/**
	 * Returns the session with a handle, if the request has already loaded it.
	 * @param handle the handle
	 * @return the session, or null
	 */
	public synchronized @Nullable StoredSession session(String handle) {
		return this.sessions.get(handle);
	}

	/**
	 * Adds a session, unless the scope already has one with this handle.
	 * @param session the session
	 */
	public synchronized void add(StoredSession session) {
		this.sessions.putIfAbsent(session.getHandle(), session);
	}

	/**
	 * Adds a session that was found by its id, and replaces one that was found by its
	 * handle before.
	 * @param session the session
	 */
	public synchronized void put(StoredSession session) {
		this.sessions.put(session.getHandle(), session);
	}

	/**
	 * Records that a session has ended, so that this request can't load it again.
	 * @param handle its handle
	 */
	public synchronized void end(String handle) {
		this.sessions.remove(handle);
		if (this.ended == null) {
			this.ended = new HashSet<>(2);
		}
		this.ended.add(handle);
		if (this.confirmedIds != null) {
			this.confirmedIds.remove(handle);
		}
	}

	/**
	 * Returns whether a session has ended during the request.
	 * @param handle its handle
	 * @return whether the session has ended
	 */
	public synchronized boolean hasEnded(String handle) {
		return this.ended != null && this.ended.contains(handle);
	}

	/**
	 * Records that Redis has stored a new id of a session, which is its only valid id
	 * from then on.
	 * @param handle the session's handle
	 * @param id its id
	 */
	public synchronized void idConfirmed(String handle, String id) {
		if (this.confirmedIds == null) {
			this.confirmedIds = new HashMap<>(2);
		}
		this.confirmedIds.put(handle, id);
	}

	/**
	 * Returns the last id that the request has assigned to a session and stored in Redis.
	 * @param handle the session's handle
	 * @return the id, or null for none
	 */
	public synchronized @Nullable String confirmedId(String handle) {
		return (this.confirmedIds != null) ? this.confirmedIds.get(handle) : null;
	}

	/**
	 * Records the new id of a migrated session.
	 * @param id the id that the client has sent
	 * @param replacement the new id; empty if there is no session to migrate
	 */
	public synchronized void replace(String id, String replacement) {
		if (this.replacedIds == null) {
			this.replacedIds = new HashMap<>(2);
		}
		this.replacedIds.put(id, replacement);
	}

	/**
	 * Returns the new id of a migrated session.
	 * @param id the id that the client has sent
	 * @return the new id, empty if there is no session to migrate, or null if this is not
	 * known
	 */
	public synchronized @Nullable String replacement(String id) {
		return (this.replacedIds != null) ? this.replacedIds.get(id) : null;
	}

	/**
	 * Records that an id doesn't exist.
	 * @param id the id
	 */
	public synchronized void addUnknown(String id) {
		if (this.unknownIds == null) {
			this.unknownIds = new HashSet<>(2);
		}
		this.unknownIds.add(id);
	}

	/**
	 * Returns whether the request has found that an id doesn't exist.
	 * @param id the id
	 * @return whether the id is unknown
	 */
	public synchronized boolean isUnknown(SessionId id) {
		return this.unknownIds != null && this.unknownIds.contains(id.value());
	}

	/**
	 * Records the ids that the client has sent when they are first resolved.
	 * @param ids the ids
	 */
	public synchronized void resolvedIds(List<String> ids) {
		if (this.resolvedIds == null) {
			this.resolvedIds = List.copyOf(ids);
		}
	}

	/**
	 * Returns the ids that the client has sent, on the first call only: their sessions
	 * are looked up together.
	 * @return the ids in their order; empty if there is only one, or if they were already
	 * taken
	 */
	public synchronized List<String> takeResolvedIds() {
		List<String> taken = this.resolvedIds;
		if (taken == null || taken.isEmpty()) {
			return List.of();
		}
		this.resolvedIds = List.of();
		return (taken.size() > 1) ? taken : List.of();
	}

	/**
	 * Returns the ids that the request's client has sent, with the new ids of migrated
	 * sessions. The existence of the sessions is not checked.
	 * @return the ids
	 */
	public List<SessionId> clientIds() {
		List<String> sent;
		synchronized (this) {
			if (this.clientIds == null) {
				this.clientIds = List.copyOf(this.client.sentIds());
			}
			sent = this.clientIds;
		}
		List<SessionId> ids = new ArrayList<>(sent.size());
		for (String value : sent) {
			String replacement = replacement(value);
			SessionId id = SessionId.parse((replacement != null) ? replacement : value);
			if (id != null) {
				ids.add(id);
			}
		}
		return ids;
	}

	/** Begins a dispatch of the request, until whose end locks can be held. */
	public synchronized void begin() {
		this.dispatchEnded = false;
	}

	/**
	 * Returns the turns in which the threads of the request acquire locks, so that they
	 * don't wait for each other's locks until the timeout.
	 * @return the turns
	 */
	public Turns locking() {
		return this.locking;
	}

	/**
	 * Adds a lock, which is released when the request ends.
	 * @param lock the lock
	 * @return false if the request has already ended, so that the lock would never be
	 * released
	 */
	public synchronized boolean addLock(HeldLock lock) {
		if (this.dispatchEnded) {
			return false;
		}
		if (this.locks.isEmpty()) {
			this.locks = new ArrayList<>(1);
		}
		this.locks.add(lock);
		return true;
	}

	/**
	 * Returns the lock of a session, if the request holds it or continues without it.
	 * @param handle the session
	 * @return the lock, or null
	 */
	public synchronized @Nullable HeldLock lock(String handle) {
		for (HeldLock lock : this.locks) {
			if (lock.handle().equals(handle)) {
				return lock;
			}
		}
		return null;
	}

	/**
	 * Removes the lock of a session, which the caller then releases.
	 * @param handle the session
	 * @return the lock, or null
	 */
	public synchronized @Nullable HeldLock removeLock(String handle) {
		HeldLock lock = lock(handle);
		if (lock != null) {
			this.locks.remove(lock);
		}
		return lock;
	}

	/**
	 * Releases the locks at the end of a dispatch. No lock can be added until the next
	 * dispatch begins.
	 */
	public void releaseLocks() {
		List<HeldLock> releasing;
		synchronized (this) {
			this.dispatchEnded = true;
			releasing = this.locks;
			this.locks = List.of();
		}
		releasing.forEach(HeldLock::release);
	}

	/**
	 * Records that the session of the request's client could not be looked up, so that a
	 * normal response would treat the client as having no session.
	 */
	public void clientUnknown() {
		this.clientUnknown = true;
	}

	/**
	 * Returns whether the session of the request's client could not be looked up.
	 * @return whether the client is unknown
	 */
	public boolean isClientUnknown() {
		return this.clientUnknown;
	}

	/**
	 * Handles the request as if its client had no session, because Redis is unavailable.
	 */
	public void anonymous() {
		this.anonymous = true;
	}

	/**
	 * Returns whether the request is handled as if its client had no session, because
	 * Redis is unavailable. The client keeps its cookie.
	 * @return whether the client is anonymous
	 */
	public boolean isAnonymous() {
		return this.anonymous;
	}

	/**
	 * Records a failure of the store, so that the request doesn't wait for it again.
	 * @param failure the failure
	 */
	public void fail(SessionStoreUnavailableException failure) {
		this.failure = failure;
	}

	/**
	 * Returns the failure of the store in this request.
	 * @return the failure, or null
	 */
	public @Nullable SessionStoreUnavailableException failure() {
		return this.failure;
	}

	/**
	 * Throws the failure of the store, if it has already failed in this request.
	 * @throws SessionStoreUnavailableException the failure
	 */
	public void rethrowFailure() {
		SessionStoreUnavailableException failure = this.failure;
		if (failure != null) {
			throw failure;
		}
	}

	/**
	 * Records a reservation for a session of this request, and replaces an earlier one
	 * for the same index value. If it isn't used, it is released when the request ends.
	 * @param reservation the reservation
	 * @param release releases the reservation
	 */
	public synchronized void reserved(Reservation reservation, Consumer<Reservation> release) {
		if (this.reservations == null) {
			this.reservations = new HashMap<>(2);
		}
		this.reservations.put(reservation.entry(), new HeldReservation(reservation, release));
	}

	/**
	 * Returns the reservation of the request for an index value.
	 * @param entry the index value
	 * @return the reservation, or null
	 */
	public synchronized @Nullable Reservation reservation(IndexEntry entry) {
		HeldReservation held = (this.reservations != null) ? this.reservations.get(entry) : null;
		return (held != null) ? held.reservation() : null;
	}

	/**
	 * Records that the reservation for an index value was used or released.
	 * @param entry the index value
	 */
	public synchronized void removeReservation(IndexEntry entry) {
		if (this.reservations != null) {
			this.reservations.remove(entry);
		}
	}

	/** Releases the reservations that were not used. */
	public void releaseReservations() {
		Map<IndexEntry, HeldReservation> left;
		synchronized (this) {
			left = this.reservations;
			this.reservations = null;
		}
		if (left != null) {
			left.values().forEach((held) -> held.release().accept(held.reservation()));
		}
	}

	/**
	 * Records a refusal.
	 * @param what the object that was refused
	 * @return whether it is the first refusal of this object in this request
	 */
	public synchronized boolean addRefused(Object what) {
		if (this.refused == null) {
			this.refused = new HashSet<>(2);
		}
		return this.refused.add(what);
	}

	/** Records that an error response was sent for the failure. */
	public void answered() {
		this.answered = true;
	}

	/**
	 * Returns whether an error response was sent for the failure. From then on only the
	 * error page is rendered, without access to sessions.
	 * @return whether an error response was sent
	 */
	public boolean isAnswered() {
		return this.answered;
	}

	/**
	 * A reservation and its release.
	 *
	 * @param reservation the reservation
	 * @param release releases the reservation
	 */
	private record HeldReservation(Reservation reservation, Consumer<Reservation> release) {
	}

}
