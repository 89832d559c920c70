package app.session.redis.reactive;

import java.time.Duration;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.oauth2.TokenExpiry;
import reactor.core.publisher.Mono;

import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.ReactiveOAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.web.server.ServerOAuth2AuthorizedClientRepository;
import org.springframework.web.server.ServerWebExchange;

/**
 * Lets only one request of a session refresh an access token, for reactive applications,
 * as {@code SingleRefreshAuthorizedClientManager} does for servlet applications.
 *
 * <p>
 * Authorized clients must be kept in the session
 * ({@code WebSessionServerOAuth2AuthorizedClientRepository}), and sessions must be
 * lockable.
 */
public final class SingleRefreshReactiveAuthorizedClientManager implements ReactiveOAuth2AuthorizedClientManager {

	private final ReactiveAtomicRedisSessionRepository sessions;

	private final ReactiveOAuth2AuthorizedClientManager delegate;

	private final ServerOAuth2AuthorizedClientRepository clients;

	private TokenExpiry expiry = new TokenExpiry(TokenExpiry.CLOCK_SKEW);

	/**
	 * Creates a manager.
	 * @param sessions locks and saves sessions
	 * @param delegate obtains and refreshes tokens
	 * @param clients the authorized clients in the session
	 */
	public SingleRefreshReactiveAuthorizedClientManager(ReactiveAtomicRedisSessionRepository sessions,
			ReactiveOAuth2AuthorizedClientManager delegate, ServerOAuth2AuthorizedClientRepository clients) {
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
	 * @return the client; fails with a {@link SessionStoreUnavailableException} if the
	 * lock can't be acquired in time, so that the token wasn't refreshed
	 */
	@Override
	public Mono<OAuth2AuthorizedClient> authorize(OAuth2AuthorizeRequest authorizeRequest) {
		return Mono.deferContextual((context) -> {
			ServerWebExchange given = authorizeRequest.getAttribute(ServerWebExchange.class.getName());
			ServerWebExchange exchange = (given != null) ? given : context.getOrDefault(ServerWebExchange.class, null);
			return (exchange != null) ? authorize(authorizeRequest, exchange)
					: this.delegate.authorize(authorizeRequest);
		});
	}

	private Mono<OAuth2AuthorizedClient> authorize(OAuth2AuthorizeRequest authorizeRequest,
			ServerWebExchange exchange) {
		return present(authorizeRequest, exchange).map(this.expiry::isRefreshDue)
			.defaultIfEmpty(false)
			.flatMap((due) -> due
					? exchange.getSession()
						.flatMap((session) -> this.sessions.whileLocked(session.getId(),
								this.delegate.authorize(TokenExpiry.reading(authorizeRequest))))
					: this.delegate.authorize(authorizeRequest));
	}

	private Mono<OAuth2AuthorizedClient> present(OAuth2AuthorizeRequest authorizeRequest, ServerWebExchange exchange) {
		return Mono.justOrEmpty(authorizeRequest.getAuthorizedClient())
			.switchIfEmpty(
					Mono.defer(() -> this.clients.loadAuthorizedClient(authorizeRequest.getClientRegistrationId(),
							authorizeRequest.getPrincipal(), exchange)));
	}

}
