package app.session.redis.reactive;

import app.session.redis.engine.SessionEngine;
import app.session.redis.session.CookieRenewal;
import reactor.core.publisher.Mono;

import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebSession;
import org.springframework.web.server.session.DefaultWebSessionManager;
import org.springframework.web.server.session.WebSessionIdResolver;
import org.springframework.web.server.session.WebSessionStore;

/**
 * Manages the sessions of exchanges: finds the session of a client in one round trip,
 * saves it before the response is committed, and sends its id. Extends Spring's manager,
 * because Spring Security looks it up by that type.
 */
public final class RedisWebSessionManager extends DefaultWebSessionManager {

	private final ReactiveSessions sessions;

	private ExchangeIds ids;

	private ReactiveBotDetector botDetector = (exchange) -> false;

	private CookieRenewal cookieRenewal = CookieRenewal.NONE;

	private RefusedLogIn refusedLogIn = RefusedLogIn.UNCHANGED;

	/**
	 * Creates a manager.
	 * @param engine the engine, which must be assembled, and created by
	 * {@link ReactiveAtomicRedisSessionRepository#engine}
	 */
	public RedisWebSessionManager(SessionEngine engine) {
		this.sessions = new ReactiveSessions(engine, () -> this.refusedLogIn);
		this.ids = new ExchangeIds(super.getSessionIdResolver());
		super.setSessionStore(new RedisWebSessionStore(this.sessions));
	}

	/**
	 * Sets the detector of crawlers, whose sessions have shorter timeouts. Default: no
	 * client is considered a crawler.
	 * @param botDetector the detector
	 */
	public void setBotDetector(ReactiveBotDetector botDetector) {
		this.botDetector = botDetector;
	}

	/**
	 * Sets when the cookies of clients are renewed. Default: never.
	 * @param cookieRenewal determines when a cookie is renewed
	 */
	public void setCookieRenewal(CookieRenewal cookieRenewal) {
		this.cookieRenewal = cookieRenewal;
	}

	/**
	 * Sets the conversion of refused log-ins. Default: none.
	 * @param refusedLogIn converts the refusal of a log-in
	 */
	public void setRefusedLogIn(RefusedLogIn refusedLogIn) {
		this.refusedLogIn = refusedLogIn;
	}

	@Override
	public void setSessionIdResolver(WebSessionIdResolver sessionIdResolver) {
		super.setSessionIdResolver(sessionIdResolver);
		this.ids = new ExchangeIds(sessionIdResolver);
	}

	/**
	 * Not supported: this manager uses its own store.
	 * @throws UnsupportedOperationException always
	 */
	@Override
	public void setSessionStore(WebSessionStore sessionStore) {
		throw new UnsupportedOperationException(
				"Sessions are stored in Redis. To use another store, define another WebSessionManager");
	}

	@Override
	public Mono<WebSession> getSession(ServerWebExchange exchange) {
		return Mono.defer(() -> SessionExchange.of(exchange, this).session());
	}

	ReactiveSessions sessions() {
		return this.sessions;
	}

	ExchangeIds ids() {
		return this.ids;
	}

	ReactiveBotDetector botDetector() {
		return this.botDetector;
	}

	CookieRenewal cookieRenewal() {
		return this.cookieRenewal;
	}

}
