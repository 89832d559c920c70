package app.session.redis.servlet;

import java.time.Duration;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.oauth2.TokenExpiry;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import org.jspecify.annotations.Nullable;

import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizedClientRepository;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/**
 * Lets only one request of a session refresh an access token, on any number of nodes. A
 * request whose access token is about to expire locks its session and reads it again.
 * Only if the token is still the old one, it is refreshed, and saved in the session
 * before the lock is released. Other requests don't lock the session. Providers that
 * replace refresh tokens would otherwise refuse the second of two parallel requests, and
 * some of them end the user's login.
 *
 * <p>
 * Authorized clients must be kept in the session
 * ({@code HttpSessionOAuth2AuthorizedClientRepository}), and sessions must be lockable.
 */
public final class SingleRefreshAuthorizedClientManager implements OAuth2AuthorizedClientManager {

	private final AtomicRedisSessionRepository sessions;

	private final OAuth2AuthorizedClientManager delegate;

	private final OAuth2AuthorizedClientRepository clients;

	private TokenExpiry expiry = new TokenExpiry(TokenExpiry.CLOCK_SKEW);

	/**
	 * Creates a manager.
	 * @param sessions locks and saves sessions
	 * @param delegate obtains and refreshes tokens
	 * @param clients the authorized clients in the session
	 */
	public SingleRefreshAuthorizedClientManager(AtomicRedisSessionRepository sessions,
			OAuth2AuthorizedClientManager delegate, OAuth2AuthorizedClientRepository clients) {
		this.sessions = sessions;
		this.delegate = delegate;
		this.clients = clients;
	}

	/**
	 * Sets how long before its expiry a token is refreshed. Default: 60 seconds, as in
	 * Spring Security.
	 * @param clockSkew the clock skew of the delegate's providers
	 */
	public void setClockSkew(Duration clockSkew) {
		this.expiry = new TokenExpiry(clockSkew);
	}

	/**
	 * Returns the authorized client of a request: {@code EVALSHA lock} and the save of
	 * the session if the access token is about to expire, otherwise no command.
	 * @param authorizeRequest the request
	 * @return the client, or null if there is none and authorization isn't supported
	 * @throws SessionStoreUnavailableException if the lock can't be acquired in time, so
	 * that the token wasn't refreshed
	 */
	@Override
	public @Nullable OAuth2AuthorizedClient authorize(OAuth2AuthorizeRequest authorizeRequest) {
		HttpServletRequest request = request(authorizeRequest);
		HttpSession session = (request != null) ? request.getSession(false) : null;
		if (request == null || session == null) {
			return this.delegate.authorize(authorizeRequest);
		}
		OAuth2AuthorizedClient present = authorizeRequest.getAuthorizedClient();
		if (present == null) {
			present = this.clients.loadAuthorizedClient(authorizeRequest.getClientRegistrationId(),
					authorizeRequest.getPrincipal(), request);
		}
		if (present == null || !this.expiry.isRefreshDue(present)) {
			return this.delegate.authorize(authorizeRequest);
		}
		return this.sessions.whileLocked(session.getId(),
				() -> this.delegate.authorize(TokenExpiry.reading(authorizeRequest)));
	}

	/** Returns the servlet request, as Spring Security's managers find it. */
	private static @Nullable HttpServletRequest request(OAuth2AuthorizeRequest authorizeRequest) {
		HttpServletRequest request = authorizeRequest.getAttribute(HttpServletRequest.class.getName());
		return (request == null
				&& RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes attributes)
						? attributes.getRequest() : request;
	}

}
