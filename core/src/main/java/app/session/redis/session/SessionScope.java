package app.session.redis.session;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

import app.session.redis.SessionId;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.lock.HeldLock;
import app.session.redis.store.IndexEntry;
import jakarta.servlet.ServletRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.session.Session;

/**
 * What one request knows of sessions, through all its dispatches: each is asked for once,
 * one that it ended stays ended, and when the store fails it fails once. Bound to the
 * thread of each dispatch; safe for use by several threads, since asynchronous processing
 * has several.
 */
public final class SessionScope {

	private static final String ATTRIBUTE = SessionScope.class.getName();

	private static final ThreadLocal<@Nullable SessionScope> CURRENT = new ThreadLocal<>();

	private final Map<String, Session> sessions = new HashMap<>(4);

	private final Set<String> ended = new HashSet<>(2);

	private final Set<String> unknownIds = new HashSet<>(2);

	/** What the client has sent, until the sessions are looked up together. */
	private @Nullable List<String> resolvedIds;

	private final Map<String, String> replacedIds = new HashMap<>(2);

	/** Few requests give an id. */
	private @Nullable Map<String, String> confirmedIds;

	private volatile BooleanSupplier bot = () -> false;

	private volatile Supplier<ClientDetails> client = () -> new ClientDetails(null, null);

	private volatile Supplier<List<String>> sentIds = List::of;

	private @Nullable List<String> clientIds;

	private final Lock locking = new ReentrantLock();

	private List<HeldLock> locks = List.of();

	private boolean over;

	/** Few requests have any. */
	private @Nullable Map<IndexEntry, Kept> reservations;

	private @Nullable Set<Object> refused;

	private volatile BooleanSupplier asyncStarted = () -> false;

	private volatile boolean asyncCompleted;

	private volatile @Nullable Thread leaving;

	private volatile @Nullable SessionStoreUnavailableException failure;

	private volatile boolean answered;

	/** Few requests have any. */
	private @Nullable Map<String, Session> deferred;

	private volatile boolean clientUnknown;

	private volatile boolean anonymous;

	/**
	 * The scope of the request that this thread works for.
	 * @return the scope, or null outside of requests
	 */
	public static @Nullable SessionScope current() {
		return CURRENT.get();
	}

	/** The scope of a request; null when it has none yet. */
	public static @Nullable SessionScope of(ServletRequest request) {
		return (request.getAttribute(ATTRIBUTE) instanceof SessionScope scope) ? scope : null;
	}

	/** Makes this the scope of the request in all its dispatches. */
	public void keepIn(ServletRequest request) {
		request.setAttribute(ATTRIBUTE, this);
	}

	/**
	 * Binds this scope to the thread, and returns what was bound before, for
	 * {@link #restore}.
	 */
	public @Nullable SessionScope bind(BooleanSupplier asyncStarted) {
		SessionScope before = CURRENT.get();
		this.asyncStarted = asyncStarted;
		begin();
		bind();
		return before;
	}

	/**
	 * Runs a task in this scope, unless the thread has one: threads that the application
	 * starts have none.
	 */
	public <T extends @Nullable Object> T run(Supplier<T> task) {
		if (current() != null) {
			return task.get();
		}
		bind();
		try {
			return task.get();
		}
		finally {
			restore(null);
		}
	}

	/** Binds this scope to a thread that works for the request outside its dispatches. */
	public void bind() {
		CURRENT.set(this);
	}

	public static void restore(@Nullable SessionScope before) {
		if (before != null) {
			CURRENT.set(before);
		}
		else {
			CURRENT.remove();
		}
	}

	/**
	 * The session of a handle, if the request has it.
	 * @param handle the handle
	 * @return the session, or null
	 */
	public synchronized @Nullable Session session(String handle) {
		return this.sessions.get(handle);
	}

	/**
	 * Keeps a session, unless the request has one of that handle already.
	 * @param handle its handle
	 * @param session the session
	 */
	public synchronized void add(String handle, Session session) {
		this.sessions.putIfAbsent(handle, session);
	}

	/**
	 * Keeps a session that was found by its id, in the place of one that was found by its
	 * handle before.
	 * @param handle its handle
	 * @param session the session
	 */
	public synchronized void put(String handle, Session session) {
		this.sessions.put(handle, session);
	}

	/**
	 * Notes that a session has ended: nothing brings it back in this request.
	 * @param handle its handle
	 */
	public synchronized void end(String handle) {
		this.sessions.remove(handle);
		this.ended.add(handle);
		if (this.confirmedIds != null) {
			this.confirmedIds.remove(handle);
		}
		if (this.deferred != null) {
			this.deferred.remove(handle);
		}
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

	/** Returns the last id that the request has given a session; null for none. */
	public synchronized @Nullable String confirmedId(String handle) {
		return (this.confirmedIds != null) ? this.confirmedIds.get(handle) : null;
	}

	/**
	 * Whether the request has seen the session's end.
	 * @param handle its handle
	 * @return true if so
	 */
	public synchronized boolean hasEnded(String handle) {
		return this.ended.contains(handle);
	}

	/**
	 * Notes that a session has another id than the client has sent, since it was taken
	 * over from elsewhere.
	 * @param id what the client has sent
	 * @param replacement the id that it has; empty: there is no such session elsewhere
	 */
	public synchronized void replace(String id, String replacement) {
		this.replacedIds.put(id, replacement);
	}

	/**
	 * The id that a session has in the place of the one that the client has sent.
	 * @param id what the client has sent
	 * @return the id that it has, empty when there is no such session elsewhere; null
	 * when that is not known
	 */
	public synchronized @Nullable String replacement(String id) {
		return this.replacedIds.get(id);
	}

	/**
	 * Notes that no session has that id.
	 * @param id an id
	 */
	public synchronized void addUnknown(String id) {
		this.unknownIds.add(id);
	}

	/**
	 * Whether the request knows that no session has that id.
	 * @param id an id
	 * @return true if so
	 */
	public synchronized boolean isUnknown(String id) {
		return this.unknownIds.contains(id);
	}

	/** Notes the ids that the client has sent, the first time that they are resolved. */
	public synchronized void resolvedIds(List<String> ids) {
		if (this.resolvedIds == null) {
			this.resolvedIds = List.copyOf(ids);
		}
	}

	/**
	 * The ids that the client has sent, once: whoever takes them looks for their sessions
	 * together.
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

	private synchronized void begin() {
		this.over = false;
	}

	/**
	 * Held while the lock of a session is taken, so that the threads of a request don't
	 * wait for each other until they give up.
	 * @return the lock of this object
	 */
	public Lock locking() {
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

	/** Sets what tells whether the request's client is a crawler. */
	public void bot(BooleanSupplier bot) {
		this.bot = bot;
	}

	/**
	 * Whether the request's client is taken for a crawler.
	 * @return true if so
	 */
	public boolean isBot() {
		return this.bot.getAsBoolean();
	}

	/** Sets what tells who the request's client is. */
	public void client(Supplier<ClientDetails> client) {
		this.client = client;
	}

	/**
	 * Who the request's client is.
	 * @return what is known of it
	 */
	public ClientDetails client() {
		return this.client.get();
	}

	/** Sets what tells which ids the request's client has sent. */
	public void sentIds(Supplier<List<String>> sentIds) {
		this.sentIds = sentIds;
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
				this.clientIds = List.copyOf(this.sentIds.get());
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

	/**
	 * Returns whether asynchronous processing is under way, so that objects in the
	 * session may be changing at this moment. If so, the session is saved again when the
	 * request ends, which finds such changes.
	 * @param handle the handle of a session that is being saved
	 * @param session the session
	 * @return whether objects in the session must not be read now
	 */
	public boolean deferIfAsync(String handle, Session session) {
		boolean running = !this.asyncCompleted && this.asyncStarted.getAsBoolean();
		if (running) {
			defer(handle, session);
		}
		return running;
	}

	private synchronized void defer(String handle, Session session) {
		if (this.deferred == null) {
			this.deferred = new HashMap<>(2);
		}
		this.deferred.put(handle, session);
	}

	/** Sets the thread that leaves a dispatch, and has only the session left to save. */
	public void leave(@Nullable Thread thread) {
		this.leaving = thread;
	}

	/**
	 * Whether this thread leaves a dispatch while asynchronous processing goes on, so
	 * that the session is saved again later in the request.
	 * @return whether another save follows
	 */
	public boolean isLeavingToAsync() {
		return this.leaving == Thread.currentThread() && !this.asyncCompleted && this.asyncStarted.getAsBoolean();
	}

	public synchronized boolean hasDeferred() {
		return this.deferred != null;
	}

	/**
	 * Ends asynchronous processing.
	 * @return the sessions that still have to be saved
	 */
	public synchronized List<Session> asyncCompleted() {
		if (this.deferred == null) {
			return List.of();
		}
		this.asyncCompleted = true;
		return List.copyOf(this.deferred.values());
	}

	/**
	 * Notes that the session of the request's client could not be looked up: whatever is
	 * answered now would take the client for a stranger.
	 */
	public void clientUnknown() {
		this.clientUnknown = true;
	}

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
	 * Whether the request is served as if its client had no session, because Redis can't
	 * be asked. The client keeps the cookie that it has.
	 * @return true if so
	 */
	public boolean isAnonymous() {
		return this.anonymous;
	}

	/**
	 * Notes that the store failed, so that the request doesn't wait for it again.
	 * @param failure how
	 */
	public void fail(SessionStoreUnavailableException failure) {
		this.failure = failure;
	}

	/**
	 * How the store failed in this request.
	 * @return the failure, or null
	 */
	public @Nullable SessionStoreUnavailableException failure() {
		return this.failure;
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
	 * Notes that the request was refused something.
	 * @param what what
	 * @return whether it was for the first time
	 */
	public synchronized boolean addRefused(Object what) {
		if (this.refused == null) {
			this.refused = new HashSet<>(2);
		}
		return this.refused.add(what);
	}

	public void answered() {
		this.answered = true;
	}

	/**
	 * Whether the failure has been answered: what comes now renders the error page, for
	 * which there are no sessions.
	 * @return true if so
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
