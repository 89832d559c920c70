package app.session.redis.reactive;

import app.session.redis.session.SessionScope;
import reactor.core.publisher.Mono;

/**
 * Subscribes to publishers as within an exchange.
 */
public final class InScope {

	private InScope() {
	}

	public static <T> Mono<T> of(SessionScope scope, Mono<T> publisher) {
		return publisher.contextWrite((context) -> ExchangeScope.in(context, scope));
	}

}
