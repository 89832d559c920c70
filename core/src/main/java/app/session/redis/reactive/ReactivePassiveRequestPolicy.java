package app.session.redis.reactive;

import reactor.core.publisher.Mono;

import org.springframework.web.server.ServerWebExchange;

/**
 * Determines which requests don't extend the lifetime of their session, such as polling
 * and keep-alive checks that a page sends without its user. A passive request finds and
 * can change its session, but doesn't count as an access. It doesn't renew the client's
 * cookie either, and doesn't count as the second request of a new session.
 */
@FunctionalInterface
public interface ReactivePassiveRequestPolicy {

	/**
	 * Returns whether the request of an exchange is passive.
	 * @param exchange the exchange; its session must not be used
	 * @return whether the request is passive; empty means that it isn't
	 */
	Mono<Boolean> isPassive(ServerWebExchange exchange);

}
