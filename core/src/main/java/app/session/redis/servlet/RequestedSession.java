package app.session.redis.servlet;

import app.session.redis.session.SentIdValues;
import app.session.redis.session.StoredSession;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

/**
 * The session whose id the client has sent. It is looked up once: one round trip, or none
 * if the client has sent no id.
 */
final class RequestedSession {

	private final RequestBinding binding;

	private final ServletSessions sessions;

	private boolean resolved;

	private @Nullable String id;

	private @Nullable StoredSession session;

	/** Whether the client's cookie names another node, so that it is sent again. */
	private boolean routed;

	private volatile boolean idChanged;

	RequestedSession(RequestBinding binding, ServletSessions sessions) {
		this.binding = binding;
		this.sessions = sessions;
	}

	/**
	 * Returns the session, or null if there is none or it has ended during the request.
	 */
	@Nullable StoredSession find(HttpServletRequest request) {
		if (!this.resolved) {
			resolve(request);
			this.resolved = true;
		}
		return hasEnded() ? null : this.session;
	}

	private void resolve(HttpServletRequest request) {
		String previous = null;
		for (String sent : this.sessions.ids().resolveSessionIds(request)) {
			StoredSession found = this.sessions.clients().findById(sent);
			if (this.id == null || found != null) {
				this.id = sent;
			}
			if (found != null) {
				this.session = found;
				this.routed = SentIdValues.isRoute(previous, sent);
				return;
			}
			previous = sent;
		}
	}

	/** Returns whether the session has ended during the request. */
	boolean hasEnded() {
		StoredSession session = this.session;
		return session != null && this.binding.scope().hasEnded(session.getHandle());
	}

	/** Returns the id that the client has sent, or null. */
	@Nullable String id(HttpServletRequest request) {
		return this.binding.run(() -> {
			find(request);
			return this.id;
		});
	}

	/** Returns whether the client has sent an id in a cookie. */
	boolean isIdFromCookie(HttpServletRequest request) {
		String id = id(request);
		return id != null && this.sessions.ids().isFromCookie(request, id);
	}

	/**
	 * Returns whether the id that the client has sent is that of a living session. After
	 * a change of the id, it isn't.
	 */
	boolean isIdValid(HttpServletRequest request) {
		return this.binding.run(() -> find(request) != null && !this.idChanged);
	}

	/** Called when the id of the session is changed. */
	void idChanged() {
		this.idChanged = true;
	}

	/**
	 * Returns the id of the session that the client knows, or null if it has to be sent.
	 */
	@Nullable String knownId() {
		return (this.session != null && !this.routed) ? this.id : null;
	}

	/** Forgets the session, which is looked up again when it is used. */
	void forget() {
		this.session = null;
		this.resolved = false;
	}

}
