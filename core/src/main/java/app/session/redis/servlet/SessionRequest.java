package app.session.redis.servlet;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import org.jspecify.annotations.Nullable;

import org.springframework.session.web.http.SessionRepositoryFilter;

/**
 * The request that the application receives, with the {@link RequestSession} in place of
 * the container's session. Once the response is committed, it neither creates a session
 * nor changes the id of one, because the client would never receive the id. A new session
 * would be stored until it expires, and a changed id would log the user out.
 */
final class SessionRequest extends HttpServletRequestWrapper {

	private final HttpServletResponse response;

	private final RequestSession session;

	private @Nullable SessionAsyncContext asyncContext;

	/**
	 * Creates a request.
	 * @param request the container's request
	 * @param response the container's response, to which ids are added
	 * @param session the session of the request
	 */
	SessionRequest(HttpServletRequest request, HttpServletResponse response, RequestSession session) {
		super(request);
		this.response = response;
		this.session = session;
	}

	/**
	 * Returns the session, which is created if there is none.
	 * @throws IllegalStateException if there is none and the response is committed
	 */
	@Override
	public HttpSession getSession() {
		ServletSession session = find();
		if (session != null) {
			return session;
		}
		if (this.response.isCommitted()) {
			throw new IllegalStateException("No session can be created after the response has been committed,"
					+ " because its id would not reach the client. Call getSession() before the response is written");
		}
		return this.session.create(this, this.response);
	}

	@Override
	public @Nullable HttpSession getSession(boolean create) {
		return create ? getSession() : find();
	}

	private @Nullable ServletSession find() {
		ServletSession session = this.session.find(this);
		if (session == null) {
			setAttribute(SessionRepositoryFilter.INVALID_SESSION_ID_ATTR, "true");
		}
		return session;
	}

	/**
	 * Changes the id of the session.
	 * @throws IllegalStateException if there is no session, or if the response is
	 * committed; the session then keeps its id
	 */
	@Override
	public String changeSessionId() {
		if (this.response.isCommitted() && this.session.find(this) != null) {
			throw new IllegalStateException("The id of the session can't be changed after the response has been"
					+ " committed, because the new id would not reach the client. Log users in, or call"
					+ " changeSessionId(), before the response is written");
		}
		return this.session.changeId(this, this.response);
	}

	@Override
	public @Nullable String getRequestedSessionId() {
		return this.session.requested().id(this);
	}

	@Override
	public boolean isRequestedSessionIdValid() {
		return this.session.requested().isIdValid(this);
	}

	@Override
	public boolean isRequestedSessionIdFromCookie() {
		return this.session.requested().isIdFromCookie(this);
	}

	/** Returns false, because ids are never taken from URLs. */
	@Override
	public boolean isRequestedSessionIdFromURL() {
		return false;
	}

	@Override
	public AsyncContext startAsync() {
		this.session.asyncStarting(this, this.response);
		return wrap(super.startAsync());
	}

	@Override
	public AsyncContext startAsync(ServletRequest request, ServletResponse response) {
		this.session.asyncStarting(this, this.response);
		return wrap(super.startAsync(request, response));
	}

	@Override
	public AsyncContext getAsyncContext() {
		return wrap(super.getAsyncContext());
	}

	/** MockMvc requires the context to be that of Spring's mock environment. */
	private synchronized AsyncContext wrap(AsyncContext context) {
		if (MockRequests.isAsyncContext(context)) {
			return context;
		}
		SessionAsyncContext wrapped = this.asyncContext;
		if (wrapped == null || !wrapped.wraps(context)) {
			wrapped = new SessionAsyncContext(context, this);
			this.asyncContext = wrapped;
		}
		return wrapped;
	}

	/** Called before asynchronous processing completes the response. */
	void asyncCompleting() {
		this.session.asyncCompleting(this, this.response);
	}

	/** Saves the session and sends its id to the client. */
	void commitSession() {
		this.session.commit(this, this.response);
	}

	/** Called after the response was reset. */
	void idNotSent() {
		this.session.idNotSent();
	}

}
