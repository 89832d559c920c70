package app.session.redis.reactive;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.core.Ordered;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;

/**
 * Begins and ends the use of sessions in an exchange: acquires the lock of its session if
 * necessary, saves what was changed while the response was written, and releases the lock
 * when the exchange has ended or its client has disconnected. Publishers of the
 * repository that are subscribed to in between belong to the exchange.
 */
public final class RedisSessionWebFilter implements WebFilter, Ordered {

	/** Before Spring Security and other filters that may use the session. */
	public static final int DEFAULT_ORDER = Ordered.HIGHEST_PRECEDENCE + 50;

	private final RedisWebSessionManager manager;

	private @Nullable ReactiveSessionLockPolicy lockPolicy;

	private @Nullable ReactivePassiveRequestPolicy passivePolicy;

	/**
	 * Creates a filter.
	 * @param manager the manager of the sessions
	 */
	public RedisSessionWebFilter(RedisWebSessionManager manager) {
		this.manager = manager;
	}

	/**
	 * Enables locking the sessions of exchanges. Requires an engine with locks. Default:
	 * sessions are not locked.
	 * @param lockPolicy determines which requests lock their session
	 */
	public void setLockPolicy(ReactiveSessionLockPolicy lockPolicy) {
		this.lockPolicy = lockPolicy;
	}

	/**
	 * Sets the policy that determines which requests don't extend the lifetime of their
	 * session. Default: all requests extend it.
	 * @param passivePolicy the policy
	 */
	public void setPassivePolicy(ReactivePassiveRequestPolicy passivePolicy) {
		this.passivePolicy = passivePolicy;
	}

	@Override
	public int getOrder() {
		return DEFAULT_ORDER;
	}

	@Override
	public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
		SessionExchange session = SessionExchange.of(exchange, this.manager);
		ServerWebExchange saving = exchange.mutate()
			.response(ExchangeResponse.of(exchange.getResponse(), session))
			.build();
		return prepare(exchange, session).then(Mono.defer(() -> chain.filter(saving)))
			.onErrorResume(session::fail)
			.then(Mono.defer(session::complete))
			.doOnCancel(session::cancel)
			.contextWrite((context) -> {
				session.client().setObservation(context);
				return ExchangeScope.in(context, session.scope());
			});
	}

	/** Determines whether the request is passive, and locks its session. */
	private Mono<Void> prepare(ServerWebExchange exchange, SessionExchange session) {
		ReactivePassiveRequestPolicy passive = this.passivePolicy;
		ReactiveSessionLockPolicy lock = this.lockPolicy;
		if ((passive == null && lock == null) || session.client().sentIds().isEmpty()) {
			return Mono.empty();
		}
		Mono<Void> prepared = (passive != null) ? passive.isPassive(exchange).doOnNext((isPassive) -> {
			if (isPassive) {
				session.client().passive();
			}
		}).then() : Mono.empty();
		return (lock != null) ? prepared.then(Mono.defer(() -> lock.locks(exchange)))
			.flatMap((locks) -> locks ? session.lock() : Mono.empty()) : prepared;
	}

}
