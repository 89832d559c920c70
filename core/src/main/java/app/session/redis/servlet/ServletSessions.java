package app.session.redis.servlet;

import java.time.Instant;

import app.session.redis.SessionId;
import app.session.redis.log.LimitedLog;
import app.session.redis.session.CookieRenewal;
import app.session.redis.session.StoredSession;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * What the sessions of all requests of a filter share.
 */
final class ServletSessions {

	private final LimitedLog failures = new LimitedLog(LogFactory.getLog(RedisSessionFilter.class));

	private final AtomicRedisSessionRepository repository;

	private final ClientSessions clients;

	private final ClientIds ids;

	private final SessionListeners listeners;

	private final CookieRenewal cookieRenewal;

	private final boolean locks;

	ServletSessions(AtomicRedisSessionRepository repository, ClientIds ids, SessionListeners listeners,
			CookieRenewal cookieRenewal, boolean locks) {
		this.repository = repository;
		this.clients = repository.clients();
		this.ids = ids;
		this.listeners = listeners;
		this.cookieRenewal = cookieRenewal;
		this.locks = locks;
	}

	ClientSessions clients() {
		return this.clients;
	}

	ClientIds ids() {
		return this.ids;
	}

	SessionListeners listeners() {
		return this.listeners;
	}

	CookieRenewal cookieRenewal() {
		return this.cookieRenewal;
	}

	Instant now() {
		return this.repository.now();
	}

	/** Locks a session for the calling thread's request, if sessions are locked. */
	void lock(String id) {
		SessionId sessionId = SessionId.parse(id);
		if (this.locks && sessionId != null) {
			this.clients.lock(sessionId);
		}
	}

	/**
	 * Notifies listeners of a new session, unless events are published on no node, or the
	 * session was already stored and its creation published.
	 */
	void announce(ServletSession session) {
		if (this.repository.publishesEvents() && !session.stored().isStored()) {
			session.announced();
			this.listeners.created(session);
		}
	}

	/** Notifies listeners of the end of a new session that could not be stored. */
	void abandon(ServletSession session) {
		if (session.isAnnounced() && !session.stored().isStored()) {
			session.end(true);
		}
	}

	/**
	 * Reads a session again: one round trip, unless the calling thread's request has
	 * loaded it.
	 * @return the session, or null if it has ended
	 */
	@Nullable StoredSession reload(StoredSession session) {
		return this.repository.findById(session.getHandle());
	}

	/**
	 * Saves a session outside of its request: one round trip, or none if nothing has
	 * changed.
	 * @throws IllegalStateException if the session has ended, so that nothing was saved
	 */
	void saveNow(StoredSession session) {
		this.repository.save(session);
		if (session.saving().isRefused()) {
			throw new IllegalStateException(
					"The session has ended, or its id has been changed, so that the change was not saved");
		}
	}

	/** Called if a session could not be saved when its response was completed. */
	void saveFailed(RuntimeException failure) {
		this.failures.error("Saving a session at the end of asynchronous processing failed", failure);
	}

	/**
	 * Ends a session. Its listeners are notified by the event of its deletion, or here if
	 * the session was never stored.
	 */
	void end(ServletSession session) {
		StoredSession stored = session.stored();
		boolean unsaved = !stored.isStored();
		this.clients.delete(stored);
		if (unsaved) {
			session.end(true);
		}
	}

}
