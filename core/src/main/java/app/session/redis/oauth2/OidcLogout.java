package app.session.redis.oauth2;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import app.session.redis.DeletionReason;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import app.session.redis.client.Call;
import app.session.redis.client.CallSender;
import app.session.redis.codec.Digests;
import app.session.redis.codec.UnreadableValueException;
import app.session.redis.engine.SessionEngine;
import app.session.redis.engine.StoreCalls;
import app.session.redis.session.SessionScope;
import app.session.redis.session.StoredSession;
import io.lettuce.core.protocol.CommandType;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.security.oauth2.client.oidc.authentication.logout.LogoutTokenClaimNames;
import org.springframework.security.oauth2.client.oidc.authentication.logout.OidcLogoutToken;
import org.springframework.security.oauth2.core.oidc.OidcIdToken;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;

/**
 * Ends the sessions that a logout token names, on whichever node they were created. The
 * token must be verified before. Rules:
 * <a href= "https://openid.net/specs/openid-connect-backchannel-1_0.html">OpenID Connect
 * Back-Channel Logout 1.0</a>, sections 2.5 to 2.7.
 *
 * <p>
 * Costs {@code GET} of the token's id, the round trips of finding and deleting sessions
 * by an index value, and {@code SET} of the token's id.
 */
public final class OidcLogout {

	private static final Log logger = LogFactory.getLog(OidcLogout.class);

	/**
	 * How long the id of a token is remembered. Providers repeat a token for minutes, and
	 * it never ends sessions that began after it was issued.
	 */
	private static final Duration MEMORY = Duration.ofDays(1);

	private final SessionEngine engine;

	private final StoreCalls calls;

	private final CallSender sender;

	/**
	 * Creates the use case.
	 * @param engine the engine, which must be assembled
	 */
	public OidcLogout(SessionEngine engine) {
		this.engine = engine;
		this.calls = engine.parts().calls();
		this.sender = engine.parts().sender();
	}

	/**
	 * Ends the sessions of a token: with {@code sid} those of the provider's session, or
	 * else those of the user, unless the user's ID token was issued after the logout
	 * token, or for other audiences. A token that was processed before ends nothing.
	 * @param token the verified token
	 * @return the number of ended sessions. Fails with a
	 * {@link SessionStoreUnavailableException} if some sessions may remain, so that the
	 * provider repeats the token
	 */
	public CompletionStage<Integer> logOut(OidcLogoutToken token) {
		byte[] key = this.engine.parts().store().keys().logoutToken(id(token));
		SessionScope scope = SessionScope.none();
		return send(scope, Call.of(CommandType.GET, key)).thenCompose((done) -> {
			if (done) {
				return CompletableFuture.completedFuture(0);
			}
			return end(scope, token).thenCompose(
					(ended) -> send(scope, Call.of(CommandType.SET, key).arg(1).arg("PX").arg(MEMORY.toMillis()))
						.thenApply((noted) -> ended));
		});
	}

	/** Sends a call, and returns whether its reply has a value. */
	private CompletionStage<Boolean> send(SessionScope scope, Call call) {
		return this.calls.receive(scope, this.sender.send(call)).thenApply((reply) -> reply.isBytes(0));
	}

	private static String id(OidcLogoutToken token) {
		String id = OidcIndexResolver.value(token, LogoutTokenClaimNames.JTI);
		return HexFormat.of().formatHex(Digests.sha256(String.valueOf(id)));
	}

	private CompletionStage<Integer> end(SessionScope scope, OidcLogoutToken token) {
		boolean single = token.getSessionId() != null;
		String claim = single ? LogoutTokenClaimNames.SID : LogoutTokenClaimNames.SUB;
		String value = OidcIndexResolver.value(token, claim);
		String index = single ? OidcIndexResolver.SESSION : OidcIndexResolver.SUBJECT;
		return this.engine.reader().findByIndex(scope, index, value).thenCompose((found) -> {
			List<StoredSession> meant = new ArrayList<>();
			List<StoredSession> unreadable = new ArrayList<>();
			for (StoredSession session : found.values()) {
				OidcUser user = user(session);
				if (user != null && isMeant(user.getIdToken(), token, claim)) {
					meant.add(session);
				}
				else if (user == null && isUnreadable(session)) {
					unreadable.add(session);
				}
			}
			return this.engine.ender()
				.deleteAll(scope, meant, DeletionReason.OIDC_LOGOUT)
				.thenApply((ended) -> requireReadable(unreadable, ended));
		});
	}

	private static @Nullable OidcUser user(StoredSession session) {
		try {
			return OidcIndexResolver.user(session);
		}
		catch (UnreadableValueException ex) {
			return null;
		}
	}

	private static boolean isUnreadable(StoredSession session) {
		return session.isUndeserializable(OidcIndexResolver.SECURITY_CONTEXT);
	}

	private static int requireReadable(List<StoredSession> unreadable, int ended) {
		if (unreadable.isEmpty()) {
			return ended;
		}
		unreadable.forEach((session) -> logger.warn("A logout token names the user of session " + session.getHandle()
				+ ", which this node can't read and therefore didn't end"));
		throw new SessionStoreUnavailableException(Reason.UNREADABLE, null, null);
	}

	/**
	 * Returns whether a token ends the session of an ID token. The index is not
	 * authenticated and may be out of date, so its value is checked again.
	 */
	private static boolean isMeant(OidcIdToken idToken, OidcLogoutToken token, String claim) {
		String value = OidcIndexResolver.value(token, claim);
		List<String> audience = idToken.getAudience();
		Instant loggedIn = idToken.getIssuedAt();
		Instant loggedOut = token.getIssuedAt();
		return value != null && value.equals(OidcIndexResolver.value(idToken, claim)) && audience != null
				&& !Collections.disjoint(audience, token.getAudience())
				&& (loggedIn == null || loggedOut == null || !loggedIn.isAfter(loggedOut));
	}

}
