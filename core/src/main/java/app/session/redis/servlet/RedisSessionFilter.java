package app.session.redis.servlet;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

import app.session.redis.SessionId;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.log.LimitedLog;
import app.session.redis.session.ClientDetails;
import app.session.redis.session.CookieRenewal;
import app.session.redis.session.RequestClient;
import app.session.redis.session.SessionScope;
import app.session.redis.session.StoredSession;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.session.web.http.CookieHttpSessionIdResolver;
import org.springframework.session.web.http.HttpSessionIdResolver;
import org.springframework.session.web.http.SessionRepositoryFilter;
import org.springframework.util.Assert;

/**
 * Gives requests their sessions. Extends Spring Session's filter, so that Spring Boot and
 * other libraries find it, but uses requests, responses and sessions of its own, which
 * follow the Servlet specification more closely. If the store is unavailable, the
 * response is 503 with {@code Retry-After}, and the client's cookie is unchanged. If a
 * limit on the number of sessions is reached, the response is 403 for the limit of a
 * principal and 503 with {@code Retry-After} for the total limit, also with the cookie
 * unchanged. If sessions are locked, the filter acquires the lock before the session is
 * first looked up, and releases it when the request has ended.
 *
 * <p>
 * A request whose session contains a value that can't be stored fails, as with Spring
 * Session's filter, but only once: its error page is rendered with the session, and later
 * saves of the request write everything except this value.
 *
 * <p>
 * Once the response is committed, an id can't be sent to the client any more. Creating a
 * session or changing the id of a session then fails with an
 * {@link IllegalStateException}, regardless of the {@link HttpSessionIdResolver}.
 */
public class RedisSessionFilter extends SessionRepositoryFilter<StoredSession> {

	private static final Log logger = LogFactory.getLog(RedisSessionFilter.class);

	private final LimitedLog failures = new LimitedLog(logger);

	private final AtomicRedisSessionRepository repository;

	private final ErrorResponses errorResponses;

	private BotDetector botDetector = (request) -> false;

	private ClientIds idResolver;

	private PassiveRequestPolicy passivePolicy = (request) -> false;

	private CookieRenewal cookieRenewal = CookieRenewal.NONE;

	private @Nullable SessionLockPolicy lockPolicy;

	private SessionListeners listeners = SessionListeners.none();

	private @Nullable ServletSessions sessions;

	/**
	 * Creates the filter.
	 * @param repository the repository of the sessions
	 * @param retryAfter the value of {@code Retry-After} if the store is unavailable; at
	 * least one second
	 */
	public RedisSessionFilter(AtomicRedisSessionRepository repository, Duration retryAfter) {
		super(repository.clientSessions());
		this.repository = repository;
		this.idResolver = new ClientIds(new CookieHttpSessionIdResolver());
		this.errorResponses = new ErrorResponses(retryAfter, () -> this.idResolver);
	}

	/**
	 * Sets the resolver that reads ids from requests and sends them to clients. No id is
	 * sent or expired if the store is unavailable and the request continues without it.
	 * @throws IllegalArgumentException if the resolver is null
	 */
	@Override
	public void setHttpSessionIdResolver(HttpSessionIdResolver resolver) {
		Assert.notNull(resolver, "The HttpSessionIdResolver must not be null");
		this.idResolver = new ClientIds(resolver);
	}

	/**
	 * Enables locking the sessions of requests. Requires a repository with locks.
	 * Default: sessions are not locked.
	 * @param policy determines which requests lock their session
	 */
	public void setLockPolicy(SessionLockPolicy policy) {
		this.lockPolicy = policy;
	}

	/**
	 * Sets the policy that determines which requests don't extend the lifetime of their
	 * session. Default: all requests extend it.
	 * @param passivePolicy the policy
	 */
	public void setPassivePolicy(PassiveRequestPolicy passivePolicy) {
		this.passivePolicy = passivePolicy;
	}

	/**
	 * Sets when the cookies of clients are renewed. Default: never.
	 * @param cookieRenewal determines when a cookie is renewed
	 */
	public void setCookieRenewal(CookieRenewal cookieRenewal) {
		this.cookieRenewal = cookieRenewal;
	}

	/**
	 * Sets the listeners of the Servlet API that are notified of attributes and ids.
	 * Those of the creation of sessions are notified here, too; those of the end of
	 * sessions by a {@link SessionEventAdapter} with the same listeners. Default: none.
	 * @param listeners the listeners
	 */
	public void setListeners(SessionListeners listeners) {
		this.listeners = listeners;
	}

	/**
	 * Sets the detector of crawlers, whose sessions have shorter timeouts. Default: no
	 * client is considered a crawler.
	 * @param botDetector the detector
	 */
	public void setBotDetector(BotDetector botDetector) {
		this.botDetector = botDetector;
	}

	@Override
	protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain filterChain)
			throws ServletException, IOException {
		if (MockRequests.haveSession(request)) {
			filterChain.doFilter(request, response);
			return;
		}
		RequestBinding known = RequestBinding.of(request);
		RequestBinding binding = (known != null) ? known : new RequestBinding(new ServletClient(request));
		SessionScope scope = binding.scope();
		RequestSession session = binding.session(sessions());
		RequestBinding before = binding.bind(request::isAsyncStarted);
		session.begin();
		try {
			if (known == null) {
				binding.keepIn(request);
				lock(request);
			}
			filter(request, response, binding, session, filterChain);
			SessionStoreUnavailableException failure = scope.failure();
			if (failure != null && scope.isClientUnknown() && !scope.isAnswered() && !response.isCommitted()) {
				this.errorResponses.send(session, scope, failure, request, response);
			}
		}
		catch (IOException | ServletException | RuntimeException ex) {
			if (response.isCommitted() || !this.errorResponses.sendFor(ex, session, scope, request, response)) {
				throw ex;
			}
		}
		catch (Error ex) {
			// The end of the request may not be reported after an error
			scope.releaseLocks();
			throw ex;
		}
		finally {
			binding.leave(null);
			RequestBinding.restore(before);
			end(request, binding);
		}
	}

	private void filter(HttpServletRequest request, HttpServletResponse response, RequestBinding binding,
			RequestSession session, FilterChain filterChain) throws ServletException, IOException {
		request.setAttribute(SESSION_REPOSITORY_ATTR, this.repository.clientSessions());
		SessionRequest wrapped = new SessionRequest(request, response, session);
		try {
			filterChain.doFilter(wrapped, new SessionResponse(wrapped, response));
		}
		finally {
			binding.leave(Thread.currentThread());
			if (!request.isAsyncStarted()) {
				session.ending();
			}
			wrapped.commitSession();
		}
	}

	private ServletSessions sessions() {
		ServletSessions sessions = this.sessions;
		if (sessions == null) {
			sessions = new ServletSessions(this.repository, this.idResolver, this.listeners, this.cookieRenewal,
					this.lockPolicy != null);
			this.sessions = sessions;
		}
		return sessions;
	}

	private void lock(HttpServletRequest request) {
		SessionLockPolicy policy = this.lockPolicy;
		if (policy == null || !policy.locks(request)) {
			return;
		}
		for (String id : this.idResolver.resolveSessionIds(request)) {
			SessionId sessionId = SessionId.parse(id);
			if (sessionId != null && this.repository.clients().lock(sessionId)) {
				return;
			}
		}
	}

	/**
	 * Saves deferred sessions, and releases unused reservations and locks: at the
	 * completion of asynchronous processing if it has started, or else now. If the
	 * container reports the end of the request, locks are held until then, because an
	 * error page may follow.
	 */
	private void end(HttpServletRequest request, RequestBinding binding) {
		RequestSession session = binding.session(sessions());
		if (binding.hasDeferred() || request.isAsyncStarted()) {
			AsyncCompletion completion = new AsyncCompletion(binding, session::saveDeferred, this.failures);
			try {
				request.getAsyncContext().addListener(completion);
				return;
			}
			catch (IllegalStateException ex) {
				// It ended in the meantime
				completion.save();
			}
		}
		session.ended();
		binding.scope().releaseReservations();
		if (this.lockPolicy != null && !RequestEnd.isToldOf(request)) {
			binding.scope().releaseLocks();
		}
	}

	/** The client of a request, as its headers and address describe it. */
	private final class ServletClient implements RequestClient {

		private final HttpServletRequest request;

		private @Nullable Boolean passive;

		ServletClient(HttpServletRequest request) {
			this.request = request;
		}

		@Override
		public boolean isBot() {
			return RedisSessionFilter.this.botDetector.isBot(this.request);
		}

		@Override
		public boolean isPassive() {
			Boolean passive = this.passive;
			if (passive == null) {
				passive = RedisSessionFilter.this.passivePolicy.isPassive(this.request);
				this.passive = passive;
			}
			return passive;
		}

		@Override
		public boolean isSafe() {
			String method = this.request.getMethod();
			return ("GET".equals(method) || "HEAD".equals(method))
					&& !"websocket".equalsIgnoreCase(this.request.getHeader("Upgrade"));
		}

		@Override
		public ClientDetails details() {
			return ClientDetails.of(this.request.getRemoteAddr(), this.request.getHeader("User-Agent"));
		}

		@Override
		public List<String> sentIds() {
			return RedisSessionFilter.this.idResolver.resolveSessionIds(this.request);
		}

	}

}
