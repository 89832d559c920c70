package app.session.redis.webflux;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;

import app.session.redis.reactive.ReactiveAtomicRedisSessionRepository;
import app.session.redis.test.Monitor;
import app.session.redis.test.OidcProvider;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import com.sun.net.httpserver.HttpServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.web.util.UriComponentsBuilder;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests Spring Security in a reactive application: log-in, log-out, limits, and sessions
 * that another node ends.
 */
class WebFluxSecurityITests {

	private static final String LOGOUT = "/logout/connect/back-channel/test";

	private final RedisServer server = SharedRedis.standalone();

	private WebFluxNode node;

	private WebFluxNode other;

	@BeforeEach
	void empty() {
		this.server.flushAll();
	}

	private void start(String... properties) {
		this.node = WebFluxNode.start(this.server, properties);
		this.other = WebFluxNode.start(this.server, properties);
	}

	@AfterEach
	void stop() {
		this.node.close();
		this.other.close();
	}

	@Test
	void logIn_changesTheId_andHoldsOnEveryNode() {
		start();
		Browser browser = this.node.browser();
		browser.get("/write?value=apple");
		String before = browser.cookie();
		HttpResponse<String> response = browser.logIn("anna");
		assertThat(response.statusCode()).isEqualTo(302);
		assertThat(browser.cookie()).isNotEqualTo(before);
		assertThat(browser.at(this.other).get("/user")).isEqualTo("anna");
		assertThat(browser.at(this.other).get("/read")).isEqualTo("apple");
		assertThat(this.node.browser().cookie(before).get("/user")).isEqualTo("nobody");
	}

	@Test
	void logOut_endsTheSession() {
		start();
		Browser browser = this.node.browser();
		browser.logIn("anna");
		String cookie = browser.cookie();
		browser.at(this.other).post("/logout", Map.of());
		assertThat(browser.cookie(cookie).get("/user")).isEqualTo("nobody");
		assertThat(this.server.keys()).noneMatch((key) -> key.contains(":session:{") || key.contains(":index:"));
	}

	@Test
	void savedRequest_isFollowedAfterTheLogIn() {
		start();
		Browser browser = this.node.browser();
		assertThat(browser.page("/private").statusCode()).isEqualTo(302);
		HttpResponse<String> response = browser.at(this.other).logIn("anna");
		assertThat(response.headers().firstValue("Location")).hasValue("/private");
	}

	@Test
	void requestCacheWithAParameter_readsTheSessionOnlyForTheRedirectAfterALogIn() {
		start("spring.profiles.active=request-cache", "app.session.redis.collector.enabled=false");
		Browser browser = this.node.browser();
		browser.page("/private");
		String location = browser.logIn("anna").headers().firstValue("Location").orElseThrow();
		assertThat(location).isEqualTo("/private?continue");
		assertThat(browser.at(this.other).page(location).body()).isEqualTo("anna");
		try (Monitor monitor = Monitor.of(this.server)) {
			assertThat(browser.get("/plain")).isEqualTo("plain");
			assertThat(monitor.commands()).isEmpty();
		}
	}

	@Test
	void sessionsOfAUser_canBeEndedFromAnotherNode() {
		start();
		Browser first = this.node.browser();
		Browser second = this.node.browser();
		first.logIn("anna");
		second.logIn("anna");
		assertThat(first.get("/sessions?principal=anna")).isEqualTo("2");
		Integer ended = this.other.bean(ReactiveAtomicRedisSessionRepository.class)
			.deleteByIndexNameAndIndexValue(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME, "anna")
			.block();
		assertThat(ended).isEqualTo(2);
		assertThat(first.get("/user")).isEqualTo("nobody");
		assertThat(second.get("/user")).isEqualTo("nobody");
	}

	@Test
	void logInBeyondTheLimit_reachesTheFailureHandler_andLeavesTheOthers() {
		start("app.session.redis.limits.per-principal=1", "app.session.redis.limits.on-exceeded=reject");
		Browser first = this.node.browser();
		first.logIn("anna");
		Browser second = this.other.browser();
		second.get("/write?value=kept");
		HttpResponse<String> refused = second.logIn("anna");
		assertThat(refused.statusCode()).isEqualTo(302);
		assertThat(refused.headers().firstValue("Location").orElse("")).endsWith("/login?error");
		assertThat(second.get("/user")).isEqualTo("nobody");
		assertThat(second.get("/read")).isEqualTo("kept");
		assertThat(first.get("/user")).isEqualTo("anna");
		first.post("/logout", Map.of());
		assertThat(second.logIn("anna").headers().firstValue("Location").orElse("")).doesNotContain("error");
		assertThat(second.get("/user")).isEqualTo("anna");
	}

	@Test
	void logInBeyondTheLimit_endsTheOldestSession() {
		start("app.session.redis.limits.per-principal=1", "app.session.redis.limits.on-exceeded=evict-oldest");
		Browser first = this.node.browser();
		first.logIn("anna");
		Browser second = this.other.browser();
		second.logIn("anna");
		assertThat(second.get("/user")).isEqualTo("anna");
		Awaitility.await().untilAsserted(() -> assertThat(first.get("/user")).isEqualTo("nobody"));
	}

	@Test
	void springSecuritysOwnLimit_endsTheSessionOnAnotherNode() {
		start("spring.profiles.active=concurrent");
		Browser first = this.node.browser();
		first.logIn("anna");
		assertThat(first.get("/user")).isEqualTo("anna");
		Browser second = this.other.browser();
		second.logIn("anna");
		assertThat(second.get("/user")).isEqualTo("anna");
		assertThat(first.response("/user").body()).doesNotContain("anna");
		assertThat(this.node.bean(ReactiveAtomicRedisSessionRepository.class).findByPrincipalName("anna").block())
			.hasSize(1);
	}

	@Test
	void oAuth2LogIn_canReturnToAnotherNode() throws IOException {
		try (Provider provider = new Provider()) {
			start("spring.profiles.active=oauth2", "test.provider=" + provider.url());
			Browser browser = this.node.browser();
			HttpResponse<String> redirect = browser.response("/oauth2/authorization/test");
			String location = redirect.headers().firstValue("Location").orElseThrow();
			assertThat(location).startsWith(provider.url() + "/authorize");
			String state = UriComponentsBuilder.fromUriString(location).build().getQueryParams().getFirst("state");
			Browser returned = browser.at(this.other);
			String before = returned.cookie();
			HttpResponse<String> response = returned.response("/login/oauth2/code/test?code=code&state=" + state);
			assertThat(response.headers().firstValue("Location").orElse("")).doesNotContain("error");
			assertThat(returned.cookie()).isNotEqualTo(before);
			assertThat(returned.get("/user")).isEqualTo("dora");
			assertThat(returned.at(this.node).get("/user")).isEqualTo("dora");
			assertThat(returned.at(this.node).get("/sessions?principal=dora")).isEqualTo("1");
		}
	}

	@Test
	void logoutTokenAtOneNode_endsTheSessionOfAnother() {
		try (OidcProvider provider = OidcProvider.start()) {
			start("spring.profiles.active=oidc", "test.provider=" + provider.url());
			Browser first = logIn(provider, "s1");
			Browser second = logIn(provider, "s2");
			String token = provider.logoutToken(Map.of("sid", "s1"));
			assertThat(this.other.browser().post(LOGOUT, Map.of("logout_token", "nonsense")).statusCode())
				.isEqualTo(400);
			assertThat(this.other.browser().post(LOGOUT, Map.of("logout_token", token)).statusCode()).isEqualTo(200);
			assertThat(first.get("/user")).isEqualTo("nobody");
			assertThat(second.get("/user")).isEqualTo("alice");
			assertThat(this.node.browser().post(LOGOUT, Map.of("logout_token", token)).statusCode()).isEqualTo(200);
			assertThat(second.at(this.other).get("/user")).isEqualTo("alice");
		}
	}

	private Browser logIn(OidcProvider provider, String session) {
		Browser browser = this.node.browser();
		HttpResponse<String> redirect = browser.response("/oauth2/authorization/test");
		var parameters = UriComponentsBuilder.fromUriString(redirect.headers().firstValue("Location").orElseThrow())
			.build()
			.getQueryParams();
		String code = provider.logIn("alice", session, parameters.getFirst("nonce"));
		browser.response("/login/oauth2/code/test?code=" + code + "&state=" + parameters.getFirst("state"));
		assertThat(browser.get("/user")).isEqualTo("alice");
		return browser;
	}

	@Test
	void sessionIsBoundToTheUserAgentOfItsLogIn() {
		start("app.session.redis.client-binding.user-agent=true");
		Browser browser = this.node.browser();
		browser.logIn("anna");
		Browser thief = browser.at(this.other).userAgent("curl/8.5.0");
		assertThat(thief.get("/user")).isEqualTo("nobody");
		assertThat(browser.at(this.other).get("/user")).isEqualTo("anna");
	}

	@Test
	void logOutOverHttps_clearsTheDataInTheBrowser() {
		start("server.forward-headers-strategy=framework", "app.session.redis.logout.clear-site-data=cache,storage");
		Browser browser = this.node.browser();
		browser.logIn("anna");
		assertThat(browser.post("/logout", Map.of()).headers().firstValue("Clear-Site-Data")).isEmpty();
		browser.https().logIn("anna");
		assertThat(browser.response("/read").headers().firstValue("Clear-Site-Data")).isEmpty();
		HttpResponse<String> response = browser.post("/logout", Map.of());
		assertThat(response.headers().firstValue("Clear-Site-Data")).hasValue("\"cache\", \"storage\"");
		assertThat(browser.get("/user")).isEqualTo("nobody");
	}

	/** A provider that knows one user. */
	private static final class Provider implements AutoCloseable {

		private final HttpServer http = HttpServer.create(new InetSocketAddress("localhost", 0), 0);

		Provider() throws IOException {
			respond("/token", "{\"access_token\":\"token\",\"token_type\":\"Bearer\",\"expires_in\":300}");
			respond("/user", "{\"name\":\"dora\"}");
			this.http.start();
		}

		private void respond(String path, String json) {
			this.http.createContext(path, (exchange) -> {
				exchange.getRequestBody().readAllBytes();
				exchange.getResponseHeaders().set("Content-Type", "application/json");
				byte[] body = json.getBytes(StandardCharsets.UTF_8);
				exchange.sendResponseHeaders(200, body.length);
				exchange.getResponseBody().write(body);
				exchange.close();
			});
		}

		String url() {
			return "http://localhost:" + this.http.getAddress().getPort();
		}

		@Override
		public void close() {
			this.http.stop(0);
		}

	}

}
