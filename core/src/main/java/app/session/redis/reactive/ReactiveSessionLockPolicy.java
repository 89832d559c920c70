package app.session.redis.reactive;

import java.util.Collection;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

import reactor.core.publisher.Mono;

import org.springframework.web.server.ServerWebExchange;

/**
 * Determines which requests lock their session. Called once per exchange, before all
 * other filters that may need the session.
 */
@FunctionalInterface
public interface ReactiveSessionLockPolicy {

	/**
	 * Returns whether the request of an exchange locks its session.
	 * @param exchange the exchange; its session must not be used
	 * @return whether the session is locked; empty means that it isn't
	 */
	Mono<Boolean> locks(ServerWebExchange exchange);

	/**
	 * Returns a policy that depends on the method of the request.
	 * @param methods the HTTP methods that lock the session, in upper or lower case
	 * @return the policy
	 */
	static ReactiveSessionLockPolicy forMethods(Collection<String> methods) {
		Set<String> names = methods.stream()
			.map((method) -> method.toUpperCase(Locale.ROOT))
			.collect(Collectors.toUnmodifiableSet());
		return (exchange) -> Mono.just(names.contains(exchange.getRequest().getMethod().name()));
	}

}
