package app.session.redis.servlet;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import org.jspecify.annotations.Nullable;

/**
 * The request that the application receives. It accesses sessions with the
 * {@link RequestBinding} of the request on any thread. Once the response is committed, it
 * neither creates a session nor changes the id of one, because the client would never
 * receive the id. A new session would be stored until it expires, and a changed id would
 * log the user out. Containers refuse to create a session in the same way; Spring Session
 * does so for cookies only.
 */
final class SessionRequest extends HttpServletRequestWrapper {

	private final HttpServletResponse response;

	private final RequestBinding binding;

	SessionRequest(HttpServletRequest request, HttpServletResponse response, RequestBinding binding) {
		super(request);
		this.response = response;
		this.binding = binding;
	}

	/**
	 * Returns the session, which is created if there is none.
	 * @throws IllegalStateException if there is none and the response is committed
	 */
	@Override
	public HttpSession getSession() {
		HttpSession session = find(!this.response.isCommitted());
		if (session == null) {
			throw new IllegalStateException("No session can be created after the response has been committed,"
					+ " because its id would not reach the client. Call getSession() before the response is written");
		}
		return session;
	}

	@Override
	public @Nullable HttpSession getSession(boolean create) {
		return create ? getSession() : find(false);
	}

	private @Nullable HttpSession find(boolean create) {
		return this.binding.run(() -> super.getSession(create));
	}

	/**
	 * Changes the id of the session.
	 * @throws IllegalStateException if there is no session, or if the response is
	 * committed; the session then keeps its id
	 */
	@Override
	public String changeSessionId() {
		if (this.response.isCommitted() && find(false) != null) {
			throw new IllegalStateException("The id of the session can't be changed after the response has been"
					+ " committed, because the new id would not reach the client. Log users in, or call"
					+ " changeSessionId(), before the response is written");
		}
		return this.binding.run(super::changeSessionId);
	}

	@Override
	public @Nullable String getRequestedSessionId() {
		return this.binding.run(super::getRequestedSessionId);
	}

	@Override
	public boolean isRequestedSessionIdValid() {
		return this.binding.run(super::isRequestedSessionIdValid);
	}

}
