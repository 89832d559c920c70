package app.session.redis.sample.gateway;

import java.net.URI;
import java.util.List;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.cloud.gateway.route.builder.RouteLocatorBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.http.HttpMethod;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.security.web.server.authentication.RedirectServerAuthenticationEntryPoint;
import org.springframework.security.web.server.csrf.CookieServerCsrfTokenRepository;
import org.springframework.security.web.server.savedrequest.NoOpServerRequestCache;
import org.springframework.security.web.server.savedrequest.ServerRequestCache;
import org.springframework.security.web.server.util.matcher.ServerWebExchangeMatchers;

/**
 * A gateway in front of the shop. A user logs in at the shop; the gateway finds the same
 * session in Redis, and so knows the user.
 */
@SpringBootApplication
public class GatewayApplication {

	/**
	 * Starts the gateway.
	 * @param args Spring Boot's arguments
	 */
	public static void main(String[] args) {
		SpringApplication.run(GatewayApplication.class, args);
	}

	@Bean
	RouteLocator shop(RouteLocatorBuilder builder, @Value("${shop.nodes}") List<URI> nodes) {
		RouteLocatorBuilder.Builder routes = builder.routes();
		for (URI node : nodes) {
			routes.route(node.getAuthority(),
					(route) -> route.weight("shop", 1).filters((filters) -> filters.preserveHostHeader()).uri(node));
		}
		return routes.build();
	}

	/**
	 * Secures the gateway's own paths. The shop secures the others, and checks its CSRF
	 * tokens itself.
	 * @param http the {@code ServerHttpSecurity} to configure
	 * @return the filter chain
	 */
	@Bean
	SecurityWebFilterChain gatewaySecurity(ServerHttpSecurity http) {
		// The shop can't read a request that the gateway saves in the session
		ServerRequestCache noRequestCache = NoOpServerRequestCache.getInstance();
		RedirectServerAuthenticationEntryPoint logIn = new RedirectServerAuthenticationEntryPoint("/login");
		logIn.setRequestCache(noRequestCache);
		return http
			.authorizeExchange(
					(exchanges) -> exchanges.pathMatchers("/gateway/**").authenticated().anyExchange().permitAll())
			.exceptionHandling((errors) -> errors.authenticationEntryPoint(logIn))
			.requestCache((cache) -> cache.requestCache(noRequestCache))
			.csrf((csrf) -> csrf.csrfTokenRepository(new CookieServerCsrfTokenRepository())
				.requireCsrfProtectionMatcher(ServerWebExchangeMatchers.pathMatchers(HttpMethod.POST, "/gateway/**")))
			.logout((logout) -> logout.disable())
			.build();
	}

}
