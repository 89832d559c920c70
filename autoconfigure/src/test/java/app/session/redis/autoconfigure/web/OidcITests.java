package app.session.redis.autoconfigure.web;

import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import app.session.redis.test.OidcProvider;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import app.session.redis.test.TcpProxy;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.InMemoryOAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.annotation.RegisteredOAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.InMemoryClientRegistrationRepository;
import org.springframework.security.oauth2.client.web.AuthenticatedPrincipalOAuth2AuthorizedClientRepository;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizedClientRepository;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.util.UriComponentsBuilder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/**
 * Tests log-ins at an OpenID Connect provider on two nodes: back-channel logout, and
 * refreshes of access tokens.
 */
class OidcITests {

	private static final String LOGOUT = "/logout/connect/back-channel/test";

	private static final int REQUESTS = 16;

	/** One for all tests, because generating its keys takes longer than a test. */
	private static OidcProvider provider;

	private final RedisServer server = SharedRedis.standalone();

	private final List<WebNode> nodes = new ArrayList<>();

	@BeforeAll
	static void start() {
		provider = OidcProvider.start();
	}

	@AfterAll
	static void stop() {
		provider.close();
	}

	@BeforeEach
	void flush() {
		this.server.flushAll();
	}

	@AfterEach
	void stopNodes() {
		this.nodes.forEach(WebNode::close);
	}

	private WebNode node(String... properties) {
		return node(this.server.host(), this.server.port(), properties);
	}

	private WebNode node(String host, int port, String... properties) {
		List<String> all = new ArrayList<>(List.of("app.session.redis.host=" + host, "app.session.redis.port=" + port,
				"test.provider=" + provider.url()));
		all.addAll(List.of(properties));
		WebNode node = WebNode.start(List.of(OidcApplication.class), all);
		this.nodes.add(node);
		return node;
	}

	private Browser logIn(WebNode node, String user, String session) {
		Browser browser = node.browser();
		var parameters = UriComponentsBuilder
			.fromUriString(browser.get("/oauth2/authorization/test").headers().firstValue("Location").orElseThrow())
			.build()
			.getQueryParams();
		String code = provider.logIn(user, session, parameters.getFirst("nonce"));
		HttpResponse<String> response = browser
			.get("/login/oauth2/code/test?code=" + code + "&state=" + parameters.getFirst("state"));
		assertThat(response.headers().firstValue("Location").orElse("")).doesNotContain("error");
		assertThat(browser.get("/user").body()).isEqualTo(user);
		return browser;
	}

	private HttpResponse<String> logOut(WebNode node, Map<String, ?> claims) {
		return post(node, provider.logoutToken(claims));
	}

	private static HttpResponse<String> post(WebNode node, String token) {
		return node.browser().post(LOGOUT, Map.of("logout_token", token));
	}

	private static void assertLoggedIn(Browser browser, boolean loggedIn) {
		assertThat(browser.get("/user").statusCode()).isEqualTo(loggedIn ? 200 : 302);
	}

	@Test
	void logoutTokenAtOneNode_endsSessionsOfOthers() {
		WebNode first = node();
		WebNode second = node();
		Browser desktop = logIn(first, "alice", "s1");
		Browser phone = logIn(second, "alice", "s2");
		Browser other = logIn(first, "bob", "s3");
		HttpResponse<String> response = logOut(second, Map.of("sid", "s1"));
		assertThat(response.statusCode()).isEqualTo(200);
		assertLoggedIn(desktop, false);
		assertLoggedIn(desktop.at(second.port()), false);
		assertLoggedIn(phone, true);
		assertThat(logOut(first, Map.of("sub", "alice")).statusCode()).isEqualTo(200);
		assertLoggedIn(phone, false);
		assertLoggedIn(other.at(second.port()), true);
	}

	@Test
	void forgedForeignAndIncompleteTokens_areRefused() {
		WebNode node = node();
		Browser browser = logIn(node, "alice", "s1");
		String token = provider.logoutToken(Map.of("sid", "s1"));
		assertThat(post(node, token.substring(0, token.length() - 8) + "AAAAAAAA").statusCode()).isEqualTo(400);
		assertThat(logOut(node, Map.of("sid", "s1", "aud", "another-client")).statusCode()).isEqualTo(400);
		assertThat(logOut(node, Map.of("sid", "s1", "iss", "https://other.example")).statusCode()).isEqualTo(400);
		assertThat(logOut(node, Map.of("sid", "s1", "nonce", "n")).statusCode()).isEqualTo(400);
		assertThat(logOut(node, Map.of()).statusCode()).isEqualTo(400);
		assertThat(post(node, "nonsense").statusCode()).isEqualTo(400);
		try (OidcProvider impostor = OidcProvider.start()) {
			String signed = impostor.logoutToken(Map.of("sid", "s1", "iss", provider.url()));
			assertThat(post(node, signed).statusCode()).isEqualTo(400);
		}
		assertLoggedIn(browser, true);
	}

	@Test
	void repeatedToken_isAnsweredWith200_andEndsNoLaterLogIn() {
		WebNode node = node();
		logIn(node, "alice", "s1");
		String token = provider.logoutToken(Map.of("sub", "alice"));
		assertThat(post(node, token).statusCode()).isEqualTo(200);
		Browser again = logIn(node, "alice", "s1");
		assertThat(post(node(), token).statusCode()).isEqualTo(200);
		assertLoggedIn(again, true);
	}

	@Test
	void outage_isAnsweredWith503_andTheRepetitionEndsTheSession() {
		try (TcpProxy proxy = TcpProxy.to(this.server)) {
			WebNode behind = node(proxy.host(), proxy.port(), "app.session.redis.command-timeout=300ms");
			WebNode node = node();
			Browser browser = logIn(node, "alice", "s1");
			String token = provider.logoutToken(Map.of("sub", "alice"));
			proxy.stopForwarding();
			HttpResponse<String> refused = post(behind, token);
			assertThat(refused.statusCode()).isEqualTo(503);
			assertThat(refused.headers().firstValue("Retry-After")).isPresent();
			assertLoggedIn(browser, true);
			assertThat(post(node, token).statusCode()).isEqualTo(200);
			assertLoggedIn(browser, false);
		}
	}

	@Test
	void backChannelLogoutCanBeDisabled() {
		WebNode node = node("app.session.redis.logout.oidc-back-channel=false");
		logIn(node, "alice", "s1");
		assertThat(this.server.keys()).noneMatch((key) -> key.contains(":index:oidc"));
	}

	@Test
	void parallelRequests_refreshTheTokenOnce() {
		String[] locking = { "app.session.redis.lock.enabled=true", "app.session.redis.lock.methods=",
				"app.session.redis.lock.token-refresh=true" };
		WebNode first = node(locking);
		WebNode second = node(locking);
		Browser browser = logIn(first, "alice", "s1");
		List<CompletableFuture<HttpResponse<String>>> responses = IntStream.range(0, REQUESTS)
			.mapToObj((number) -> browser.at(((number % 2 == 0) ? first : second).port()).getAsync("/token"))
			.toList();
		assertThat(responses).allSatisfy((response) -> assertThat(response.join().body()).isEqualTo("refreshed-1"));
		assertThat(provider.refreshes()).isEqualTo(1);
		// Locks are released in the background
		await().untilAsserted(() -> assertThat(this.server.keys()).noneMatch((key) -> key.contains(":lock:")));
	}

	@Test
	void tokenRefreshWithoutLocks_isRefusedAtStartup() {
		assertThatThrownBy(() -> node("app.session.redis.lock.token-refresh=true")).rootCause()
			.hasMessageContaining("app.session.redis.lock.token-refresh")
			.hasMessageContaining("app.session.redis.lock.enabled");
	}

	@Test
	void tokenRefreshWithClientsInTheMemoryOfANode_isRefusedAtStartup() {
		List<String> properties = List.of("app.session.redis.host=" + this.server.host(),
				"app.session.redis.port=" + this.server.port(), "test.provider=" + provider.url(),
				"app.session.redis.lock.enabled=true", "app.session.redis.lock.token-refresh=true");
		assertThatThrownBy(() -> WebNode.start(List.of(OidcApplication.class, ClientsInMemory.class), properties))
			.rootCause()
			.hasMessageContaining("AuthenticatedPrincipalOAuth2AuthorizedClientRepository")
			.hasMessageContaining("app.session.redis.lock.token-refresh");
	}

	/** Authorized clients that other nodes don't see. */
	@Configuration(proxyBeanMethods = false)
	static class ClientsInMemory {

		@Bean
		OAuth2AuthorizedClientRepository clients(ClientRegistrationRepository registrations) {
			return new AuthenticatedPrincipalOAuth2AuthorizedClientRepository(
					new InMemoryOAuth2AuthorizedClientService(registrations));
		}

	}

	/** An application whose users log in at the provider. */
	@Configuration
	@EnableAutoConfiguration
	@Import({ OidcSecurity.class, UserController.class })
	static class OidcApplication {

	}

	/** The configuration of Spring Security. */
	@Configuration(proxyBeanMethods = false)
	static class OidcSecurity {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			http.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated());
			http.oauth2Login(Customizer.withDefaults())
				.oidcLogout((logout) -> logout.backChannel(Customizer.withDefaults()));
			return http.build();
		}

		@Bean
		ClientRegistrationRepository registrations(@Value("${test.provider}") String provider) {
			return new InMemoryClientRegistrationRepository(ClientRegistration.withRegistrationId("test")
				.clientId(OidcProvider.CLIENT_ID)
				.clientSecret("secret")
				.scope("openid")
				.authorizationGrantType(AuthorizationGrantType.AUTHORIZATION_CODE)
				.redirectUri("{baseUrl}/login/oauth2/code/{registrationId}")
				.issuerUri(provider)
				.authorizationUri(provider + "/authorize")
				.tokenUri(provider + "/token")
				.jwkSetUri(provider + "/keys")
				.userNameAttributeName("sub")
				.build());
		}

	}

	/** Responds with the user and the user's token. */
	@RestController
	static class UserController {

		@GetMapping("/user")
		String user(Authentication authentication) {
			return authentication.getName();
		}

		@GetMapping("/token")
		String token(@RegisteredOAuth2AuthorizedClient("test") OAuth2AuthorizedClient client) {
			return client.getAccessToken().getTokenValue();
		}

	}

}
