package app.session.redis.servlet;

import java.util.List;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.client.BlockingCaller;
import app.session.redis.engine.SessionEngine;
import app.session.redis.oauth2.OidcIndexResolver;
import app.session.redis.oauth2.OidcLogout;
import org.jspecify.annotations.Nullable;

import org.springframework.security.oauth2.client.oidc.authentication.logout.OidcLogoutToken;
import org.springframework.security.oauth2.client.oidc.session.OidcSessionInformation;
import org.springframework.security.oauth2.client.oidc.session.OidcSessionRegistry;

/**
 * Ends the sessions that a logout token names by itself, on whichever node they were
 * created, so that Spring Security has no session left for which it would call the
 * application's logout endpoint. The sessions are found by their users, so nothing has to
 * be registered.
 *
 * <p>
 * Finding them requires an {@link OidcIndexResolver} in the settings of the engine.
 * Sessions that were saved before it was added are found after their next save.
 */
public final class RedisOidcSessionRegistry implements OidcSessionRegistry {

	private final SessionEngine engine;

	/**
	 * Creates a registry.
	 * @param engine the engine
	 */
	public RedisOidcSessionRegistry(SessionEngine engine) {
		this.engine = engine;
	}

	/** Does nothing: the session in Redis has the user. Sends no command. */
	@Override
	public void saveSessionInformation(OidcSessionInformation info) {
	}

	/**
	 * Returns null: the end or a new id of a session needs no bookkeeping. Sends no
	 * command.
	 */
	@Override
	public @Nullable OidcSessionInformation removeSessionInformation(String clientSessionId) {
		return null;
	}

	/**
	 * Ends the sessions of a token: with {@code sid} that of the provider's session, or
	 * else all of the user. A session remains if the audience of its ID token is another,
	 * or if its ID token was issued after the logout token. A token that was processed
	 * during the last day ends nothing. {@code GET}, the round trips of deleting by an
	 * index value, and {@code SET}.
	 * @param logoutToken the verified token
	 * @return an empty list
	 * @throws SessionStoreUnavailableException if sessions may remain, because Redis is
	 * unavailable or this node can't read the user of one of them. All others were ended.
	 * The provider should repeat the token
	 */
	@Override
	public Iterable<OidcSessionInformation> removeSessionInformation(OidcLogoutToken logoutToken) {
		BlockingCaller.result(new OidcLogout(this.engine).logOut(logoutToken));
		return List.of();
	}

}
