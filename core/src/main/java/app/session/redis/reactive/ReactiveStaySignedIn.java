package app.session.redis.reactive;

import java.time.Duration;

import reactor.core.publisher.Mono;

import org.springframework.web.server.ServerWebExchange;

/**
 * Extends the idle timeout of the session of a user who wants to stay signed in, and
 * makes its cookie persistent.
 *
 * @param timeout the idle timeout of these sessions
 */
public record ReactiveStaySignedIn(Duration timeout) {

	private static final String ATTRIBUTE = ReactiveStaySignedIn.class.getName();

	/**
	 * Marks the session of an exchange, which is started if there is none. Call this when
	 * the user logs in, before the response is committed. The timeout is written to Redis
	 * by the next save of the session.
	 * @param exchange the exchange
	 * @return completes when the session is marked
	 */
	public Mono<Void> apply(ServerWebExchange exchange) {
		return exchange.getSession().doOnNext((session) -> {
			exchange.getAttributes().put(ATTRIBUTE, true);
			session.start();
			session.setMaxIdleTime(this.timeout);
		}).then();
	}

	/** Returns whether the session of an exchange was marked. */
	static boolean isApplied(ServerWebExchange exchange) {
		return exchange.getAttributes().containsKey(ATTRIBUTE);
	}

}
