package app.session.redis.reactive;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.engine.SessionEngine;
import app.session.redis.oauth2.OidcLogout;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.security.oauth2.client.oidc.authentication.logout.OidcLogoutToken;
import org.springframework.security.oauth2.client.oidc.server.session.ReactiveOidcSessionRegistry;
import org.springframework.security.oauth2.client.oidc.session.OidcSessionInformation;

/**
 * Ends the sessions that a logout token names, for reactive applications, as
 * {@code RedisOidcSessionRegistry} does for servlet applications.
 */
public final class RedisReactiveOidcSessionRegistry implements ReactiveOidcSessionRegistry {

	private final SessionEngine engine;

	/**
	 * Creates a registry.
	 * @param engine the engine
	 */
	public RedisReactiveOidcSessionRegistry(SessionEngine engine) {
		this.engine = engine;
	}

	/** Does nothing: the session in Redis has the user. Sends no command. */
	@Override
	public Mono<Void> saveSessionInformation(OidcSessionInformation info) {
		return Mono.empty();
	}

	/**
	 * Emits nothing: the end or a new id of a session needs no bookkeeping. Sends no
	 * command.
	 */
	@Override
	public Mono<OidcSessionInformation> removeSessionInformation(String clientSessionId) {
		return Mono.empty();
	}

	/**
	 * Ends the sessions of a token, with the commands and rules of
	 * {@code RedisOidcSessionRegistry#removeSessionInformation(OidcLogoutToken)}.
	 * @param logoutToken the verified token
	 * @return emits nothing; fails with a {@link SessionStoreUnavailableException} if
	 * sessions may remain
	 */
	@Override
	public Flux<OidcSessionInformation> removeSessionInformation(OidcLogoutToken logoutToken) {
		return ReactiveSessions.mono(() -> new OidcLogout(this.engine).logOut(logoutToken)).thenMany(Flux.empty());
	}

}
