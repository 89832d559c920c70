package app.session.redis.autoconfigure.security;

import java.util.concurrent.atomic.AtomicBoolean;

import app.session.redis.autoconfigure.properties.RedisSessionProperties;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.security.web.server.authentication.logout.LogoutWebFilter;
import org.springframework.security.web.server.header.ClearSiteDataServerHttpHeadersWriter;
import org.springframework.security.web.server.header.ClearSiteDataServerHttpHeadersWriter.Directive;
import org.springframework.security.web.server.header.ServerHttpHeadersWriter;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;

/**
 * Configuration that makes browsers delete what they keep for a site when a user logs
 * out, for reactive applications.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnClass({ SecurityWebFilterChain.class, ClearSiteDataServerHttpHeadersWriter.class })
public class ReactiveClearSiteDataConfiguration {

	/**
	 * Extends the filter chains rather than their configuration, in which the
	 * application's log-out handler replaces all others.
	 */
	@Bean
	static BeanPostProcessor redisSessionClearSiteDataChains(ObjectProvider<RedisSessionProperties> properties) {
		return new BeanPostProcessor() {

			@Override
			public Object postProcessAfterInitialization(Object bean, String beanName) {
				if (!(bean instanceof SecurityWebFilterChain chain)) {
					return bean;
				}
				Directive[] directives = directives(properties.getObject());
				return (directives.length > 0)
						? new ClearingChain(chain, new ClearSiteDataServerHttpHeadersWriter(directives)) : bean;
			}

		};
	}

	private static Directive[] directives(RedisSessionProperties properties) {
		return properties.logout()
			.clearSiteData()
			.stream()
			.map((data) -> Directive.valueOf(data.name()))
			.toArray(Directive[]::new);
	}

	/**
	 * A filter chain whose log-out sends the header.
	 *
	 * @param chain the original chain
	 * @param writer writes the header
	 */
	private record ClearingChain(SecurityWebFilterChain chain,
			ServerHttpHeadersWriter writer) implements SecurityWebFilterChain {

		@Override
		public Mono<Boolean> matches(ServerWebExchange exchange) {
			return this.chain.matches(exchange);
		}

		@Override
		public Flux<WebFilter> getWebFilters() {
			return this.chain.getWebFilters()
				.map((filter) -> (filter instanceof LogoutWebFilter) ? new ClearingFilter(filter, this.writer)
						: filter);
		}

	}

	/**
	 * Sends the header if the log-out filter responds by itself, which it does if the
	 * request is a log-out.
	 *
	 * @param filter the log-out filter
	 * @param writer writes the header
	 */
	private record ClearingFilter(WebFilter filter, ServerHttpHeadersWriter writer) implements WebFilter {

		@Override
		public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
			AtomicBoolean loggedOut = new AtomicBoolean(true);
			exchange.getResponse()
				.beforeCommit(() -> loggedOut.get() ? this.writer.writeHttpHeaders(exchange) : Mono.empty());
			return this.filter.filter(exchange, (next) -> Mono.defer(() -> {
				loggedOut.set(false);
				return chain.filter(next);
			})).doOnError((failure) -> loggedOut.set(false));
		}

	}

}
