package app.session.redis.servlet;

import java.time.Instant;
import java.util.function.Consumer;

import app.session.redis.session.CookieRenewal;
import app.session.redis.session.StoredSession;
import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import org.jspecify.annotations.Nullable;

/**
 * The session of a client's request in all its dispatches: finds or creates it, saves it,
 * and sends its id to the client. It holds no reference to the container's request, so
 * that a session that the application keeps can be used after the request has ended. Each
 * operation on such a session reads it from Redis and writes its changes at once.
 */
final class RequestSession implements SessionBacking {

	private final RequestBinding binding;

	private final ServletSessions sessions;

	private volatile Phase phase = Phase.ACTIVE;

	private volatile @Nullable Thread endingThread;

	private final RequestedSession requested;

	private volatile @Nullable ServletSession current;

	/** The id that was added to the response; null if the client knows only its own. */
	private @Nullable String sentId;

	private final SentCookie cookie = new SentCookie();

	private boolean expiring;

	private boolean renewing;

	RequestSession(RequestBinding binding, ServletSessions sessions) {
		this.binding = binding;
		this.sessions = sessions;
		this.requested = new RequestedSession(binding, sessions);
	}

	/** Returns what the client has requested. */
	RequestedSession requested() {
		return this.requested;
	}

	/** Begins a dispatch of the request. */
	void begin() {
		this.phase = Phase.ACTIVE;
		this.endingThread = null;
	}

	/**
	 * Begins the end of the request. From now on, changes by other threads are written at
	 * once, because the last save may have missed them.
	 */
	void ending() {
		this.endingThread = Thread.currentThread();
		this.phase = Phase.ENDING;
	}

	/** Ends the request. An error page may follow. */
	void ended() {
		this.phase = Phase.ENDED;
		this.endingThread = null;
	}

	private boolean isActive() {
		Phase phase = this.phase;
		return phase == Phase.ACTIVE || (phase == Phase.ENDING && this.endingThread == Thread.currentThread());
	}

	/** Returns the session if the request has used it and it hasn't ended, or null. */
	@Nullable ServletSession current() {
		ServletSession current = this.current;
		return (current != null && current.isValid()) ? current : null;
	}

	/**
	 * Returns the session with a handle, if the request has used it, even if it is
	 * ending.
	 */
	@Nullable ServletSession used(String handle) {
		ServletSession current = this.current;
		return (current != null && current.stored().getHandle().equals(handle)) ? current : null;
	}

	/**
	 * Finds the session of the client: one round trip for the first call, unless the
	 * client has sent no id.
	 * @return the session, or null if there is none
	 */
	@Nullable ServletSession find(HttpServletRequest request) {
		return this.binding.run(() -> {
			ServletSession current = current();
			if (current != null) {
				return current;
			}
			StoredSession requested = this.requested.find(request);
			return (requested != null) ? use(requested, request, false) : null;
		});
	}

	/**
	 * Creates a session. It is written to Redis before the response is committed: during
	 * asynchronous processing now, because any thread can complete the response.
	 */
	ServletSession create(HttpServletRequest request, HttpServletResponse response) {
		return this.binding.run(() -> {
			StoredSession created = this.sessions.clients().createSession();
			ServletSession session = use(created, request, true);
			if (session.stored().equals(created)) {
				this.sessions.announce(session);
			}
			commitIfAsync(request, response);
			return session;
		});
	}

	private void commitIfAsync(HttpServletRequest request, HttpServletResponse response) {
		if (this.binding.isAsyncStarted()) {
			commit(request, response);
		}
	}

	/**
	 * Called before asynchronous processing starts. Saves a session whose id the client
	 * doesn't know yet, because other threads can complete the response from now on.
	 */
	void asyncStarting(HttpServletRequest request, HttpServletResponse response) {
		ServletSession session = current();
		if (this.expiring || (session != null && !isKnown(session.getId()))) {
			this.binding.beforeAsync(() -> commit(request, response));
		}
	}

	/** Another thread of the request may have been faster. */
	private synchronized ServletSession use(StoredSession session, HttpServletRequest request, boolean created) {
		ServletSession present = current();
		if (present != null) {
			return present;
		}
		ServletSession used = new ServletSession(session, this, request.getServletContext(), this.sessions.listeners(),
				created);
		access(session, created);
		this.current = used;
		return used;
	}

	private void access(StoredSession session, boolean created) {
		if (this.binding.scope().client().isPassive()) {
			return;
		}
		Instant now = this.sessions.now();
		this.renewing = !created && this.sessions.cookieRenewal()
			.isDue(session.getCreationTime(), session.getLastAccessedTime(), now, session.getMaxInactiveInterval());
		session.setLastAccessedTime(now);
	}

	/**
	 * Saves the session before asynchronous processing completes the response. If it
	 * can't be saved, the response is completed nevertheless, because no error page can
	 * follow.
	 */
	void asyncCompleting(HttpServletRequest request, HttpServletResponse response) {
		this.binding.asyncCompleting();
		try {
			commit(request, response);
		}
		catch (RuntimeException ex) {
			this.sessions.saveFailed(ex);
		}
	}

	/**
	 * Changes the id of the session.
	 * @return the new id
	 * @throws IllegalStateException if there is no session
	 */
	String changeId(HttpServletRequest request, HttpServletResponse response) {
		return this.binding.run(() -> {
			ServletSession session = find(request);
			if (session == null) {
				throw new IllegalStateException("The id can't be changed, because the request has no session");
			}
			String oldId = session.getId();
			String newId = session.stored().changeSessionId();
			this.requested.idChanged();
			this.sessions.listeners().idChanged(session, oldId);
			commitIfAsync(request, response);
			return newId;
		});
	}

	/**
	 * Saves the session and sends its id to the client, if the client doesn't know it; or
	 * removes the client's cookie if the session has ended.
	 */
	void commit(HttpServletRequest request, HttpServletResponse response) {
		this.binding.run(() -> {
			ServletSession session = current();
			if (session != null) {
				save(session);
				send(session.getId(), request, response);
			}
			else if (this.expiring) {
				this.expiring = false;
				this.cookie.replace(response, () -> this.sessions.ids().expireSession(request, response));
			}
			return null;
		});
	}

	void save(ServletSession session) {
		session.passivate();
		this.sessions.clients().save(session.stored());
	}

	private void send(String id, HttpServletRequest request, HttpServletResponse response) {
		if (!isKnown(id) || (this.renewing && !isPubliclyCacheable(response))) {
			this.cookie.replace(response, () -> this.sessions.ids().setSessionId(request, response, id));
			this.sentId = id;
			this.renewing = false;
		}
	}

	private static boolean isPubliclyCacheable(HttpServletResponse response) {
		return CookieRenewal.isPubliclyCacheable(response.getHeaders("Cache-Control"),
				response.containsHeader("Expires") || response.containsHeader("Last-Modified"));
	}

	/** Returns whether the client knows an id, or receives it with the response. */
	private boolean isKnown(String id) {
		return id.equals((this.sentId != null) ? this.sentId : this.requested.knownId());
	}

	/** Saves a session at the end of asynchronous processing. */
	void saveDeferred(StoredSession session) {
		ServletSession current = current();
		if (current != null && current.stored().equals(session)) {
			current.passivate();
		}
		this.sessions.clients().save(session);
	}

	/** Called after the response was reset, including the id that was added to it. */
	void idNotSent() {
		this.sentId = null;
		this.expiring = this.requested.hasEnded();
	}

	/**
	 * Forgets the session, so that the error page is rendered without it.
	 * @return the id of the session that was used, or null
	 */
	@Nullable String forget() {
		ServletSession current = this.current;
		this.current = null;
		this.requested.forget();
		this.expiring = false;
		if (current != null) {
			this.sessions.abandon(current);
		}
		return (current != null) ? current.getId() : null;
	}

	@Override
	public @Nullable StoredSession current(StoredSession session) {
		return isActive() ? session : this.sessions.reload(session);
	}

	/**
	 * Writes a change at once if the request has ended, or has ended since the change.
	 */
	@Override
	public void changed(StoredSession content) {
		if (!isActive()) {
			this.sessions.saveNow(content);
		}
	}

	@Override
	public boolean hasEnded(StoredSession session) {
		return this.binding.scope().hasEnded(session.getHandle());
	}

	@Override
	public void invalidate(ServletSession session) {
		this.expiring = isActive();
		if (!this.expiring) {
			this.sessions.end(session);
			return;
		}
		this.binding.run(() -> {
			this.sessions.end(session);
			return null;
		});
	}

	@Override
	public HttpSession.Accessor accessor(ServletSession session) {
		return new SessionAccessor(session, this, this.sessions);
	}

	/**
	 * Runs a task with a session of this request, if the request has not ended.
	 * @return false if the request has ended, so that the task has not run
	 */
	boolean runIfActive(ServletSession session, Consumer<HttpSession> task) {
		if (!isActive()) {
			return false;
		}
		if (!session.isValid()) {
			throw new IllegalStateException("The session has been invalidated");
		}
		this.binding.run(() -> {
			task.accept(session);
			return null;
		});
		return true;
	}

	/** Uses a session that was found in another way than by the client's request. */
	ServletSession use(StoredSession found, ServletContext context) {
		ServletSession used = new ServletSession(found, this, context, this.sessions.listeners(), false);
		this.current = used;
		return used;
	}

	private enum Phase {

		ACTIVE, ENDING, ENDED

	}

}
