package app.session.redis.gateway;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.cloud.gateway.route.builder.RouteLocatorBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.InMemoryReactiveClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.ReactiveClientRegistrationRepository;
import org.springframework.security.oauth2.client.web.server.ServerOAuth2AuthorizedClientRepository;
import org.springframework.security.oauth2.client.web.server.WebSessionServerOAuth2AuthorizedClientRepository;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.security.web.server.util.matcher.ServerWebExchangeMatchers;
import org.springframework.web.util.UriComponentsBuilder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests a gateway that relays access tokens, which it keeps in the session, when parallel
 * requests find that the token has expired.
 */
class TokenRelayITests {

	private static final int REQUESTS = 16;

	private final RedisServer redis = SharedRedis.standalone();

	private final HttpClient client = HttpClient.newHttpClient();

	private OAuth2Provider provider;

	private Gateway first;

	private Gateway second;

	@BeforeEach
	void startProvider() throws IOException {
		this.redis.flushAll();
		this.provider = new OAuth2Provider();
	}

	private void start(String... properties) {
		this.first = startGateway(properties);
		this.second = startGateway(properties);
	}

	private Gateway startGateway(String... properties) {
		List<String> all = new ArrayList<>(List.of("test.provider=" + this.provider.url()));
		all.addAll(List.of(properties));
		return Gateway.start(this.redis.host(), this.redis.port(), List.of(TokenRelay.class),
				all.toArray(String[]::new));
	}

	@AfterEach
	void stop() {
		this.second.close();
		this.first.close();
		this.provider.close();
	}

	private CompletableFuture<HttpResponse<String>> send(Gateway gateway, String path, String session) {
		HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(gateway.url(path)));
		if (!session.isEmpty()) {
			request.header("Cookie", "SESSION=" + session);
		}
		return this.client.sendAsync(request.GET().build(), BodyHandlers.ofString());
	}

	private static String session(HttpResponse<String> response) {
		return response.headers()
			.allValues("Set-Cookie")
			.stream()
			.filter((cookie) -> cookie.startsWith("SESSION="))
			.map((cookie) -> cookie.substring("SESSION=".length(), cookie.indexOf(';')))
			.findFirst()
			.orElseThrow();
	}

	/** Logs in, and returns the session's cookie. */
	private String logIn() {
		HttpResponse<String> redirect = send(this.first, "/oauth2/authorization/test", "").join();
		String state = UriComponentsBuilder.fromUriString(redirect.headers().firstValue("Location").orElseThrow())
			.build()
			.getQueryParams()
			.getFirst("state");
		return session(send(this.first, "/login/oauth2/code/test?code=code&state=" + state, session(redirect)).join());
	}

	private List<CompletableFuture<HttpResponse<String>>> parallelRequests(String session) {
		return Stream.iterate(0, (number) -> number + 1)
			.limit(REQUESTS)
			.map((number) -> send((number % 2 == 0) ? this.first : this.second, "/resource", session))
			.toList();
	}

	@Test
	void parallelRequestsWithAnExpiredToken_refreshItOnce() {
		start("app.session.redis.lock.enabled=true", "app.session.redis.lock.methods=",
				"app.session.redis.lock.token-refresh=true");
		String session = logIn();
		for (CompletableFuture<HttpResponse<String>> response : parallelRequests(session)) {
			assertThat(response.join().body()).isEqualTo("Bearer refreshed-1");
		}
		assertThat(this.provider.refreshes()).isEqualTo(1);
		assertThat(send(this.first, "/resource", session).join().body()).isEqualTo("Bearer refreshed-1");
		// Locks are released in the background
		await().untilAsserted(() -> assertThat(this.redis.keys()).noneMatch((key) -> key.contains(":lock:")));
	}

	@Test
	void withoutTheLock_parallelRequestsWithAnExpiredToken_areAllRelayedWithANewOne() {
		start();
		String session = logIn();
		List<CompletableFuture<HttpResponse<String>>> responses = parallelRequests(session);
		for (CompletableFuture<HttpResponse<String>> response : responses) {
			assertThat(response.join().body()).startsWith("Bearer refreshed-");
			assertThat(response.join().headers().allValues("Set-Cookie")).isEmpty();
		}
		int refreshes = this.provider.refreshes();
		assertThat(refreshes).isBetween(1, REQUESTS);
		String token = send(this.first, "/resource", session).join().body();
		assertThat(token).startsWith("Bearer refreshed-");
		assertThat(send(this.second, "/resource", session).join().body()).isEqualTo(token);
		assertThat(this.provider.refreshes()).isEqualTo(refreshes);
	}

	/** A route that relays the access token. */
	@Configuration(proxyBeanMethods = false)
	static class TokenRelay {

		@Bean
		RouteLocator resource(RouteLocatorBuilder builder, @Value("${test.provider}") String provider) {
			return builder.routes()
				.route("resource",
						(route) -> route.order(Ordered.HIGHEST_PRECEDENCE)
							.path("/resource")
							.filters((filters) -> filters.tokenRelay("test"))
							.uri(provider))
				.build();
		}

		@Bean
		@Order(1)
		SecurityWebFilterChain oauth2Security(ServerHttpSecurity http) {
			return http
				.securityMatcher(ServerWebExchangeMatchers.pathMatchers("/oauth2/**", "/login/oauth2/**", "/resource"))
				.authorizeExchange((exchanges) -> exchanges.anyExchange().authenticated())
				.oauth2Login((login) -> {
				})
				.build();
		}

		@Bean
		ServerOAuth2AuthorizedClientRepository authorizedClients() {
			return new WebSessionServerOAuth2AuthorizedClientRepository();
		}

		@Bean
		ReactiveClientRegistrationRepository registrations(@Value("${test.provider}") String provider) {
			return new InMemoryReactiveClientRegistrationRepository(ClientRegistration.withRegistrationId("test")
				.clientId("client")
				.clientSecret("secret")
				.authorizationGrantType(AuthorizationGrantType.AUTHORIZATION_CODE)
				.redirectUri("{baseUrl}/login/oauth2/code/{registrationId}")
				.authorizationUri(provider + "/authorize")
				.tokenUri(provider + "/token")
				.userInfoUri(provider + "/user")
				.userNameAttributeName("name")
				.build());
		}

	}

}
