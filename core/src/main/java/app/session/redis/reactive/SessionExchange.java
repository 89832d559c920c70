package app.session.redis.reactive;

import java.time.Instant;
import java.util.List;

import app.session.redis.SessionId;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.log.LimitedLog;
import app.session.redis.session.CookieRenewal;
import app.session.redis.session.SentIdValues;
import app.session.redis.session.SessionScope;
import app.session.redis.session.StoredSession;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebSession;

/**
 * The session of one exchange: finds or creates it, saves it, and sends its id to the
 * client. It is an attribute of the exchange, which all decorators of the exchange share.
 */
final class SessionExchange {

	private static final String ATTRIBUTE = SessionExchange.class.getName();

	private static final String COMMITTED = "after the response was committed";

	private static final String DISCONNECTED = "after the client had disconnected";

	private static final LimitedLog failures = new LimitedLog(LogFactory.getLog(RedisSessionWebFilter.class));

	private final ServerWebExchange exchange;

	private final ReactiveSessions sessions;

	private final ExchangeIds ids;

	private final CookieRenewal cookieRenewal;

	private final ExchangeClient client;

	private final SessionScope scope;

	private final Mono<WebSession> session;

	/** The session that was found or created. */
	private volatile @Nullable RedisWebSession current;

	/** The id of the session that the client knows; null if it has to be sent. */
	private volatile @Nullable String knownId;

	private volatile boolean renewing;

	private volatile @Nullable Throwable commitFailure;

	private SessionExchange(ServerWebExchange exchange, RedisWebSessionManager manager) {
		this.exchange = exchange;
		this.sessions = manager.sessions();
		this.ids = manager.ids();
		this.cookieRenewal = manager.cookieRenewal();
		this.client = new ExchangeClient(exchange, this.ids, manager.botDetector());
		this.scope = new SessionScope(this.client);
		this.session = Mono.defer(this::findOrCreate).cache();
	}

	/** Returns the session of an exchange, which is created for the first caller. */
	static SessionExchange of(ServerWebExchange exchange, RedisWebSessionManager manager) {
		return (SessionExchange) exchange.getAttributes()
			.computeIfAbsent(ATTRIBUTE, (name) -> new SessionExchange(exchange, manager));
	}

	/** Returns the session of an exchange, or null if it was not created yet. */
	static @Nullable SessionExchange of(ServerWebExchange exchange) {
		return (SessionExchange) exchange.getAttributes().get(ATTRIBUTE);
	}

	SessionScope scope() {
		return this.scope;
	}

	ExchangeClient client() {
		return this.client;
	}

	/**
	 * Locks the session of the client, and reads it: one round trip, and waits for the
	 * lock. Several ids are looked up in one more round trip before.
	 */
	Mono<Void> lock() {
		List<String> sent = this.client.sentIds();
		this.scope.resolvedIds(sent);
		return Flux.fromIterable(sent).concatMap((value) -> {
			SessionId id = SessionId.parse(value);
			return (id != null) ? this.sessions.lockForClient(this.scope, id) : Mono.<Boolean>empty();
		}, 0).filter(Boolean::booleanValue).next().then();
	}

	/**
	 * Returns the session of the client, or a new one in memory. Several ids are looked
	 * up in one round trip, and the first one that has a session is used.
	 */
	Mono<WebSession> session() {
		return this.session;
	}

	private Mono<WebSession> findOrCreate() {
		this.exchange.getResponse().beforeCommit(this::commit);
		List<String> sent = this.client.sentIds();
		this.scope.resolvedIds(sent);
		Mono<StoredSession> stored = (sent.size() == 1) ? find(sent, 0)
				: Flux.range(0, sent.size()).concatMap((index) -> find(sent, index), 0).next();
		return stored.map((found) -> this.sessions.wrap(this.scope, found, this::isCommitted))
			.switchIfEmpty(Mono.fromSupplier(() -> this.sessions.create(this.scope, this::isCommitted)))
			.doOnNext((session) -> this.current = session)
			.cast(WebSession.class);
	}

	private Mono<StoredSession> find(List<String> sent, int index) {
		return this.sessions.findForClient(this.scope, sent.get(index))
			.doOnNext((found) -> sessionFound(found, (index > 0) ? sent.get(index - 1) : null, sent.get(index)));
	}

	private void sessionFound(StoredSession found, @Nullable String previous, String id) {
		this.knownId = SentIdValues.isRoute(previous, id) ? null : id;
		if (this.client.isPassive()) {
			return;
		}
		Instant now = this.sessions.now();
		this.renewing = this.cookieRenewal.isDue(found.getCreationTime(), found.getLastAccessedTime(), now,
				found.getMaxInactiveInterval());
		found.setLastAccessedTime(now);
	}

	private boolean isCommitted() {
		return this.exchange.getResponse().isCommitted();
	}

	/**
	 * Saves the session, then sends its id, which must not happen in the other order: the
	 * client would receive the id of a session that can't be saved. Fails if the client's
	 * session could not be looked up, even if the application has ignored this, because
	 * the response treats the client as having no session.
	 */
	private Mono<Void> commit() {
		return Mono.defer(this::saveAndSend).doOnError((failure) -> this.commitFailure = failure);
	}

	/**
	 * Saves the session before something is written to the response, unless the response
	 * is committed. Fails again if this has failed before and the response to that
	 * failure is not yet being written.
	 */
	Mono<Void> beforeWrite() {
		return Mono.defer(() -> {
			Throwable failure = this.commitFailure;
			if (failure != null && !this.scope.isAnswered() && UnavailableSessionHandler.handles(failure)) {
				return Mono.error(failure);
			}
			return isCommitted() ? Mono.empty() : commit();
		});
	}

	private Mono<Void> saveAndSend() {
		if (this.scope.isAnswered()) {
			return Mono.fromRunnable(this::sendConfirmedId);
		}
		SessionStoreUnavailableException failure = this.scope.failure();
		if (failure != null && this.scope.isClientUnknown()) {
			return Mono.error(failure);
		}
		RedisWebSession session = this.current;
		if (session == null) {
			return Mono.empty();
		}
		if (!session.isStarted() || session.hasEnded()) {
			return Mono.fromRunnable(this::expire);
		}
		return this.sessions.saveAtEnd(this.scope, session).then(Mono.fromRunnable(() -> send(session)));
	}

	private void expire() {
		if (!this.client.sentIds().isEmpty()) {
			this.ids.expireSession(this.exchange);
		}
	}

	private void send(RedisWebSession session) {
		if (session.hasEnded()) {
			expire();
			return;
		}
		HttpHeaders headers = this.exchange.getResponse().getHeaders();
		boolean renew = this.renewing && !CookieRenewal.isPubliclyCacheable(
				headers.getOrEmpty(HttpHeaders.CACHE_CONTROL),
				headers.containsHeader(HttpHeaders.EXPIRES) || headers.containsHeader(HttpHeaders.LAST_MODIFIED));
		if (renew || ReactiveStaySignedIn.isApplied(this.exchange) || !session.getId().equals(this.knownId)) {
			this.ids.setSessionId(this.exchange, session.getId());
		}
	}

	/**
	 * Saves the session when the exchange has been handled, and then releases locks and
	 * reservations. If the response isn't committed yet, the id is added to it. Otherwise
	 * the response can't report a failure, which is logged.
	 */
	Mono<Void> complete() {
		return Mono.defer(() -> isCommitted() ? saveLate(COMMITTED) : commit()).doFinally((signal) -> end());
	}

	/**
	 * Saves the session when the handling of the exchange has failed. The failure of the
	 * save replaces the original one only if the store is unavailable or a limit is
	 * reached.
	 */
	Mono<Void> fail(Throwable failure) {
		if (UnavailableSessionHandler.handles(failure)) {
			// Another handler of exceptions may write the response
			this.scope.answered();
			end();
			return Mono.error(failure);
		}
		return complete().onErrorResume((other) -> {
			if (UnavailableSessionHandler.handles(other)) {
				return Mono.error(other);
			}
			failures.warn("The session of a request that has failed was not saved: " + other.getMessage());
			return Mono.empty();
		}).then(Mono.error(failure));
	}

	/**
	 * Ends an exchange whose client has disconnected. What was changed before is saved,
	 * unless the client doesn't know the session.
	 */
	void cancel() {
		this.client.disconnect();
		RedisWebSession session = this.current;
		Mono<Void> settled = (session != null) ? this.sessions.settled(session) : Mono.empty();
		settled.then(Mono.defer(() -> saveLate(DISCONNECTED))).doFinally((signal) -> end()).subscribe();
	}

	private Mono<Void> saveLate(String when) {
		RedisWebSession session = this.current;
		if (session == null || this.scope.isAnswered() || !session.stored().isStored() || session.hasEnded()) {
			return Mono.empty();
		}
		return this.sessions.saveAtEnd(this.scope, session).onErrorResume((failure) -> {
			failures.warn("Changes to a session were not saved " + when + ": " + failure.getMessage());
			return Mono.empty();
		});
	}

	private void end() {
		this.scope.releaseReservations();
		this.scope.releaseLocks();
	}

	/**
	 * Sends the only valid id of the session, if the exchange has changed it before the
	 * store failed.
	 */
	void sendConfirmedId() {
		RedisWebSession session = this.current;
		String id = (session != null) ? this.scope.confirmedId(session.stored().getHandle()) : null;
		if (id != null) {
			this.ids.setSessionId(this.exchange, id);
		}
	}

}
