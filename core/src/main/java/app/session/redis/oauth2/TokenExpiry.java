package app.session.redis.oauth2;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;

/**
 * Determines whether an access token is about to be refreshed.
 */
public final class TokenExpiry {

	/** The clock skew of Spring Security's providers by default. */
	public static final Duration CLOCK_SKEW = Duration.ofSeconds(60);

	/** The provider looks at the clock a little later. */
	private static final Duration MARGIN = Duration.ofSeconds(1);

	private final Clock clock = Clock.systemUTC();

	private final Duration clockSkew;

	/**
	 * Creates an instance.
	 * @param clockSkew how long before its expiry a token is refreshed
	 */
	public TokenExpiry(Duration clockSkew) {
		this.clockSkew = clockSkew;
	}

	/**
	 * Returns whether the access token of a client will be refreshed when it is used.
	 * @param client the client
	 * @return whether its token is about to expire and can be refreshed
	 */
	public boolean isRefreshDue(OAuth2AuthorizedClient client) {
		Instant expiry = client.getAccessToken().getExpiresAt();
		return client.getRefreshToken() != null && expiry != null
				&& !this.clock.instant().isBefore(expiry.minus(this.clockSkew).minus(MARGIN));
	}

	/**
	 * Returns a request that reads the authorized client again from the session.
	 * @param request the original request
	 * @return the request without a client
	 */
	public static OAuth2AuthorizeRequest reading(OAuth2AuthorizeRequest request) {
		return OAuth2AuthorizeRequest.withClientRegistrationId(request.getClientRegistrationId())
			.principal(request.getPrincipal())
			.attributes((attributes) -> attributes.putAll(request.getAttributes()))
			.build();
	}

}
