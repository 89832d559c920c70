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
 * What one request knows of sessions: each is looked up once, one that the request has
 * ended stays ended, and when the store fails it fails once. Every use case is given the
 * scope of the request that it works for, or {@link #none()} outside of requests, which
 * remembers nothing. Safe for use by several threads, since asynchronous processing has
 * several.
 */
public sealed class SessionScope permits NoRequest {

	private final RequestClient client;

	private final Map<String, StoredSession> sessions = new HashMap<>(4);

	/** Created when it is needed, like the collections below: most requests only read. */
	private @Nullable Set<String> ended;

	private @Nullable Set<String> unknownIds;

	/** What the client has sent, until the sessions are looked up together. */
	private @Nullable List<String> resolvedIds;

	private @Nullable Map<String, String> replacedIds;

	private @Nullable Map<String, String> confirmedIds;

	private @Nullable List<String> clientIds;

	private final Turns locking = new Turns();

	private List<HeldLock> locks = List.of();

	private boolean over;

	private @Nullable Map<IndexEntry, Kept> reservations;

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
	 * The scope of work outside of requests, which remembers nothing.
	 * @return the scope
	 */
	public static SessionScope none() {
		return NoRequest.SCOPE;
	}

	/**
	 * Returns whether this is the scope of a request.
	 * @return whether it is
	 */
	public boolean isRequest() {
		return true;
	}

	/**
	 * The client of the request.
	 * @return the client
	 */
	public RequestClient client() {
		return this.client;
	}

	/**
	 * The session of a handle, if the request has it.
	 * @param handle the handle
	 * @return the session, or null
	 */
	public synchronized @Nullable StoredSession session(String handle) {
		return this.sessions.get(handle);
	}

	/**
	 * Keeps a session, unless the request has one of that handle already.
	 * @param session the session
	 */
	public synchronized void add(StoredSession session) {
		this.sessions.putIfAbsent(session.getHandle(), session);
	}

	/**
	 * Keeps a session that was found by its id, in the place of one that was found by its
	 * handle before.
	 * @param session the session
	 */
	public synchronized void put(StoredSession session) {
		this.sessions.put(session.getHandle(), session);
	}

	/**
	 * Notes that a session has ended: nothing brings it back in this request.
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
	 * Returns whether the request has seen the end of a session.
	 * @param handle its handle
	 * @return whether the session has ended
	 */
	public synchronized boolean hasEnded(String handle) {
		return this.ended != null && this.ended.contains(handle);
	}

	/**
	 * Notes that Redis has confirmed an id that the request has given a session: from
	 * then on no other opens it.
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
	 * Returns the last id that the request has given a session.
	 * @param handle the session's handle
	 * @return the id, or null for none
	 */
	public synchronized @Nullable String confirmedId(String handle) {
		return (this.confirmedIds != null) ? this.confirmedIds.get(handle) : null;
	}

	/**
	 * Notes that a session has another id than the client has sent, since it was taken
	 * over from elsewhere.
	 * @param id what the client has sent
	 * @param replacement the id that it has; empty: there is no such session elsewhere
	 */
	public synchronized void replace(String id, String replacement) {
		if (this.replacedIds == null) {
			this.replacedIds = new HashMap<>(2);
		}
		this.replacedIds.put(id, replacement);
	}

	/**
	 * The id that a session has in the place of the one that the client has sent.
	 * @param id what the client has sent
	 * @return the id that it has, empty when there is no such session elsewhere; null
	 * when that is not known
	 */
	public synchronized @Nullable String replacement(String id) {
		return (this.replacedIds != null) ? this.replacedIds.get(id) : null;
	}

	/**
	 * Notes that no session has an id.
	 * @param id the id
	 */
	public synchronized void addUnknown(String id) {
		if (this.unknownIds == null) {
			this.unknownIds = new HashSet<>(2);
		}
		this.unknownIds.add(id);
	}

	/**
	 * Returns whether the request knows that no session has an id.
	 * @param id the id
	 * @return whether the id is unknown
	 */
	public synchronized boolean isUnknown(String id) {
		return this.unknownIds != null && this.unknownIds.contains(id);
	}

	/**
	 * Notes the ids that the client has sent, the first time that they are resolved.
	 * @param ids the ids
	 */
	public synchronized void resolvedIds(List<String> ids) {
		if (this.resolvedIds == null) {
			this.resolvedIds = List.copyOf(ids);
		}
	}

	/**
	 * The ids that the client has sent, once: their sessions are looked up together.
	 * @return the ids in their order; empty if there is only one, or if they were taken
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
	 * The ids that the request's client has sent, and those that took their place when
	 * their sessions were taken over from elsewhere. Whether there are such sessions is
	 * not checked.
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

	/** Begins a dispatch of the request: locks can be kept until it is over. */
	public synchronized void begin() {
		this.over = false;
	}

	/**
	 * Lets one thread of the request at a time take the lock of a session, so that they
	 * don't wait for each other until they give up.
	 * @return the turns
	 */
	public Turns locking() {
		return this.locking;
	}

	/**
	 * Keeps the lock of a session until the request ends.
	 * @param lock the lock
	 * @return false when the request has ended, so that nobody will release it
	 */
	public synchronized boolean addLock(HeldLock lock) {
		if (this.over) {
			return false;
		}
		if (this.locks.isEmpty()) {
			this.locks = new ArrayList<>(1);
		}
		this.locks.add(lock);
		return true;
	}

	/**
	 * The lock of a session, if the request has it or goes on without.
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

	/** Releases the locks: the request has ended, unless another dispatch follows. */
	public void releaseLocks() {
		List<HeldLock> releasing;
		synchronized (this) {
			this.over = true;
			releasing = this.locks;
			this.locks = List.of();
		}
		releasing.forEach(HeldLock::release);
	}

	/**
	 * Notes that the session of the request's client could not be looked up: whatever is
	 * answered now would take the client for a stranger.
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
	 * Serves the request as if its client had no session, because Redis can't be asked.
	 */
	public void anonymous() {
		this.anonymous = true;
	}

	/**
	 * Returns whether the request is served as if its client had no session, because
	 * Redis can't be asked. The client keeps the cookie that it has.
	 * @return whether the client is anonymous
	 */
	public boolean isAnonymous() {
		return this.anonymous;
	}

	/**
	 * Notes that the store failed, so that the request doesn't wait for it again.
	 * @param failure the failure
	 */
	public void fail(SessionStoreUnavailableException failure) {
		this.failure = failure;
	}

	/**
	 * The failure of the store in this request.
	 * @return the failure, or null
	 */
	public @Nullable SessionStoreUnavailableException failure() {
		return this.failure;
	}

	/**
	 * Fails if the store has failed in this request before.
	 * @throws SessionStoreUnavailableException the failure
	 */
	public void rethrowFailure() {
		SessionStoreUnavailableException failure = this.failure;
		if (failure != null) {
			throw failure;
		}
	}

	/**
	 * Notes a place that is reserved for a session of this request, in place of what it
	 * has reserved of that index value before. Unless it is taken up it is given back
	 * when the request ends.
	 * @param reservation the reservation
	 * @param giveBack what gives it back
	 */
	public synchronized void reserved(Reservation reservation, Consumer<Reservation> giveBack) {
		if (this.reservations == null) {
			this.reservations = new HashMap<>(2);
		}
		this.reservations.put(reservation.entry(), new Kept(reservation, giveBack));
	}

	/**
	 * The place that the request has reserved among the sessions of an index value.
	 * @param entry the index value
	 * @return the reservation, or null
	 */
	public synchronized @Nullable Reservation reservation(IndexEntry entry) {
		Kept kept = (this.reservations != null) ? this.reservations.get(entry) : null;
		return (kept != null) ? kept.reservation() : null;
	}

	/**
	 * Notes that the place is the session's, or was given back.
	 * @param entry the index value
	 */
	public synchronized void takenUp(IndexEntry entry) {
		if (this.reservations != null) {
			this.reservations.remove(entry);
		}
	}

	/** Gives back what was reserved and not taken up. */
	public void giveBackReservations() {
		Map<IndexEntry, Kept> left;
		synchronized (this) {
			left = this.reservations;
			this.reservations = null;
		}
		if (left != null) {
			left.values().forEach((kept) -> kept.giveBack().accept(kept.reservation()));
		}
	}

	/**
	 * Notes that something was refused.
	 * @param what what
	 * @return whether it was for the first time in this request
	 */
	public synchronized boolean addRefused(Object what) {
		if (this.refused == null) {
			this.refused = new HashSet<>(2);
		}
		return this.refused.add(what);
	}

	/** Notes that the failure has been answered. */
	public void answered() {
		this.answered = true;
	}

	/**
	 * Returns whether the failure has been answered: what comes now renders the error
	 * page, for which there are no sessions.
	 * @return whether it has been answered
	 */
	public boolean isAnswered() {
		return this.answered;
	}

	/**
	 * A place that is reserved.
	 *
	 * @param reservation the reservation
	 * @param giveBack what gives it back
	 */
	private record Kept(Reservation reservation, Consumer<Reservation> giveBack) {
	}

}
