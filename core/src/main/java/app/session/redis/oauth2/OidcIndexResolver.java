package app.session.redis.oauth2;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

import app.session.redis.settings.AttributeIndexResolver;
import org.jspecify.annotations.Nullable;

import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.oauth2.client.oidc.authentication.logout.LogoutTokenClaimNames;
import org.springframework.security.oauth2.core.ClaimAccessor;
import org.springframework.security.oauth2.core.oidc.IdTokenClaimNames;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.session.Session;

/**
 * Makes sessions of OpenID Connect users found by what a logout token names: issuer and
 * subject, or issuer and the provider's session. The claims are those of the ID token,
 * which the provider has signed. Sessions of other users have no such values.
 */
public final class OidcIndexResolver implements AttributeIndexResolver {

	/** The index of issuer and subject. */
	static final String SUBJECT = "oidc.sub";

	/** The index of issuer and provider session. */
	static final String SESSION = "oidc.sid";

	/** The attribute in which Spring Security stores the log-in on both web stacks. */
	static final String SECURITY_CONTEXT = "SPRING_SECURITY_CONTEXT";

	@Override
	public Set<String> attributeNames() {
		return Set.of(SECURITY_CONTEXT);
	}

	@Override
	public Set<String> indexNames() {
		return Set.of(SUBJECT, SESSION);
	}

	@Override
	public Map<String, String> resolveIndexesFor(Session session) {
		OidcUser user = user(session);
		ClaimAccessor claims = (user != null) ? user.getIdToken() : null;
		Map<String, String> values = new LinkedHashMap<>(2);
		if (claims != null) {
			add(values, SUBJECT, value(claims, IdTokenClaimNames.SUB));
			add(values, SESSION, value(claims, LogoutTokenClaimNames.SID));
		}
		return values;
	}

	private static void add(Map<String, String> values, String index, @Nullable String value) {
		if (value != null) {
			values.put(index, value);
		}
	}

	/**
	 * Returns the user of a session.
	 * @param session the session
	 * @return the user, or null if the session has no user, or one that has logged in in
	 * another way
	 */
	static @Nullable OidcUser user(Session session) {
		Object context = session.getAttribute(SECURITY_CONTEXT);
		Authentication authentication = (context instanceof SecurityContext security) ? security.getAuthentication()
				: null;
		return (authentication != null && authentication.getPrincipal() instanceof OidcUser user) ? user : null;
	}

	/**
	 * Returns the index value for a claim of an ID token or a logout token.
	 * @param claims the claims of the token
	 * @param name the name of the claim
	 * @return the value, or null if the claim or the issuer is missing
	 */
	static @Nullable String value(ClaimAccessor claims, String name) {
		String issuer = claims.getClaimAsString(IdTokenClaimNames.ISS);
		String claim = claims.getClaimAsString(name);
		// An issuer is a URL and therefore has no space
		return (issuer != null && claim != null) ? issuer + " " + claim : null;
	}

}
