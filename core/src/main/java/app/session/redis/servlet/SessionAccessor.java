package app.session.redis.servlet;

import java.util.function.Consumer;

import app.session.redis.session.RequestClient;
import app.session.redis.session.StoredSession;
import jakarta.servlet.http.HttpSession;

/**
 * Accesses a session outside of requests. During the request from which it was obtained,
 * it uses the session of the request. Afterwards it behaves like another request of the
 * client: it locks the session if sessions are locked, loads it, which counts as an
 * access, and saves the changes: one round trip, and one more if there are changes.
 */
final class SessionAccessor implements HttpSession.Accessor {

	private final ServletSession session;

	private final RequestSession request;

	private final ServletSessions sessions;

	private final String id;

	SessionAccessor(ServletSession session, RequestSession request, ServletSessions sessions) {
		this.session = session;
		this.request = request;
		this.sessions = sessions;
		this.id = session.getId();
	}

	@Override
	public void access(Consumer<HttpSession> consumer) {
		if (!this.session.getId().equals(this.id)) {
			throw new IllegalStateException("The id of the session has been changed");
		}
		if (!this.request.runIfActive(this.session, consumer)) {
			accessAsRequest(consumer);
		}
	}

	private void accessAsRequest(Consumer<HttpSession> consumer) {
		RequestBinding binding = new RequestBinding(RequestClient.UNKNOWN);
		RequestBinding before = binding.bind(() -> false);
		RequestSession access = binding.session(this.sessions);
		try {
			this.sessions.lock(this.id);
			StoredSession found = this.sessions.clients().findById(this.id);
			if (found == null) {
				throw new IllegalStateException("The session has ended, or its id has been changed");
			}
			ServletSession accessed = access.use(found, this.session.getServletContext());
			consumer.accept(accessed);
			if (accessed.isValid()) {
				access.save(accessed);
			}
		}
		finally {
			access.ended();
			binding.scope().releaseReservations();
			binding.scope().releaseLocks();
			RequestBinding.restore(before);
		}
	}

}
