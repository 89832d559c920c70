package app.session.redis.reactive;

import reactor.core.publisher.Mono;

import org.springframework.util.Assert;
import org.springframework.web.server.WebSession;
import org.springframework.web.server.session.WebSessionStore;

/**
 * The store of sessions for components that don't have the exchange, such as Spring
 * Security's handlers of concurrent sessions. {@link RedisWebSessionManager} doesn't use
 * it.
 */
final class RedisWebSessionStore implements WebSessionStore {

	private final ReactiveSessions sessions;

	RedisWebSessionStore(ReactiveSessions sessions) {
		this.sessions = sessions;
	}

	@Override
	public Mono<WebSession> createWebSession() {
		return ExchangeScope.current().map((scope) -> this.sessions.create(scope, () -> false));
	}

	/**
	 * Finds a session by its id, alias or handle: one round trip. Does not count as an
	 * access.
	 */
	@Override
	public Mono<WebSession> retrieveSession(String sessionId) {
		return ExchangeScope.current()
			.flatMap((scope) -> this.sessions.findById(scope, sessionId)
				.map((found) -> this.sessions.wrap(scope, found, () -> false)));
	}

	/** Deletes a session by its id, alias or handle, if it exists: one round trip. */
	@Override
	public Mono<Void> removeSession(String sessionId) {
		return ExchangeScope.current().flatMap((scope) -> this.sessions.delete(scope, sessionId));
	}

	@Override
	public Mono<WebSession> updateLastAccessTime(WebSession session) {
		return Mono.fromSupplier(() -> {
			Assert.isInstanceOf(RedisWebSession.class, session);
			((RedisWebSession) session).stored().setLastAccessedTime(this.sessions.now());
			return session;
		});
	}

}
