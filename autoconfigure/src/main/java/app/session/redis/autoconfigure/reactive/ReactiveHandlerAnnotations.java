package app.session.redis.autoconfigure.reactive;

import java.lang.annotation.Annotation;
import java.util.List;

import app.session.redis.autoconfigure.values.HandlerAnnotation;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.context.ApplicationContext;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.reactive.result.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.server.ServerWebExchange;

/**
 * Determines the WebFlux handler of an exchange before all filters, and finds an
 * annotation of it. Handlers are not looked up if none of them has the annotation.
 *
 * @param <A> the annotation
 */
final class ReactiveHandlerAnnotations<A extends Annotation> {

	private static final Log logger = LogFactory.getLog(ReactiveHandlerAnnotations.class);

	private final ApplicationContext context;

	private final HandlerAnnotation<A> annotation;

	private volatile @Nullable List<RequestMappingHandlerMapping> mappings;

	ReactiveHandlerAnnotations(ApplicationContext context, Class<A> type) {
		this.context = context;
		this.annotation = new HandlerAnnotation<>(type);
	}

	/**
	 * Returns the annotation of the handler of an exchange.
	 * @param exchange the exchange, which is not changed
	 * @return the annotation of the method, or else of its class; empty if there is none,
	 * or if the handler can't be determined
	 */
	Mono<A> find(ServerWebExchange exchange) {
		List<RequestMappingHandlerMapping> mappings = mappings();
		if (mappings.isEmpty()) {
			return Mono.empty();
		}
		ServerWebExchange untouched = new UntouchedExchange(exchange);
		return Flux.fromIterable(mappings)
			.concatMap((mapping) -> mapping.getHandler(untouched))
			.next()
			// WebFlux will respond to it: unsupported method, unsupported media type, ...
			.onErrorResume((failure) -> {
				logger.debug("The handler of a request can't be determined before it is handled", failure);
				return Mono.empty();
			})
			.mapNotNull((handler) -> (handler instanceof HandlerMethod method) ? this.annotation.of(method) : null);
	}

	/**
	 * Returns the handler mappings. They are looked up by the first exchange, since they
	 * don't exist yet when the filter is created.
	 */
	private List<RequestMappingHandlerMapping> mappings() {
		List<RequestMappingHandlerMapping> known = this.mappings;
		if (known == null) {
			known = this.annotation.mappings(this.context.getBeanProvider(RequestMappingHandlerMapping.class),
					(mapping) -> mapping.getHandlerMethods().values());
			this.mappings = known;
		}
		return known;
	}

}
