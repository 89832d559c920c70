package app.session.redis.autoconfigure.web;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import app.session.redis.servlet.AtomicRedisSessionRepository;
import app.session.redis.servlet.PassiveRequestPolicy;
import app.session.redis.session.PassiveRequest;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import jakarta.servlet.http.HttpSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Requests that find their session without extending its lifetime, and cookies that are
 * renewed while the session is in use.
 */
class PassiveRequestITests {

	private static final RedisServer server = SharedRedis.standalone();

	private static WebNode node;

	private Browser browser;

	@BeforeAll
	static void start() {
		server.flushAll();
		node = node(PassivePages.class, "app.session.redis.passive.paths=/poll/**,/ping",
				"app.session.redis.passive.header=X-Passive", "app.session.redis.cookie.max-age=3s");
	}

	private static WebNode node(Class<?> configuration, String... properties) {
		return WebNode.start(List.of(WebTestApplication.class, configuration),
				Stream
					.concat(Stream.of("app.session.redis.host=" + server.host(),
							"app.session.redis.port=" + server.port(), "app.session.redis.collector.enabled=false"),
							Stream.of(properties))
					.toList());
	}

	@AfterAll
	static void stop() {
		node.close();
		server.flushAll();
	}

	@BeforeEach
	void openSession() {
		server.flushAll();
		this.browser = node.browser();
		assertThat(this.browser.get("/write?value=x").statusCode()).isEqualTo(200);
	}

	private static Instant lastAccess(WebNode node, Browser browser) {
		return node.bean(AtomicRedisSessionRepository.class).findById(browser.handle()).getLastAccessedTime();
	}

	private boolean isAccess(WebNode node, Browser browser, String path) throws InterruptedException {
		Instant before = lastAccess(node, browser);
		Thread.sleep(40);
		assertThat(browser.get(path).body()).startsWith("x");
		return lastAccess(node, browser).isAfter(before.plusMillis(30));
	}

	@ParameterizedTest
	@ValueSource(strings = { "/poll", "/poll/messages", "/ping", "/annotated", "/of-class" })
	void passiveRequest_isNoAccess(String path) throws Exception {
		assertThat(isAccess(node, this.browser, path)).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "/active", "/poll/but-active" })
	void otherRequest_isAnAccess(String path) throws Exception {
		assertThat(isAccess(node, this.browser, path)).isTrue();
	}

	@Test
	void requestWithTheHeader_isNoAccess() throws Exception {
		Instant before = lastAccess(node, this.browser);
		Thread.sleep(40);
		this.browser.get("/active", Map.of("X-Passive", "true"));
		assertThat(lastAccess(node, this.browser)).isBefore(before.plusMillis(30));
		this.browser.get("/active", Map.of("X-Passive", "false"));
		assertThat(lastAccess(node, this.browser)).isAfter(before.plusMillis(30));
	}

	@Test
	void cookieWithAMaximumAge_isRenewedByActiveRequestsOnly() throws Exception {
		Thread.sleep(330);
		assertThat(this.browser.get("/ping").headers().allValues("Set-Cookie")).isEmpty();
		assertThat(this.browser.get("/active").headers().allValues("Set-Cookie")).singleElement()
			.satisfies((cookie) -> assertThat(cookie).contains("Max-Age=3;"));
		assertThat(this.browser.get("/active").headers().allValues("Set-Cookie")).isEmpty();
	}

	@Test
	void cookie_isNotRenewedIfThatIsDisabled() throws Exception {
		try (WebNode other = node(PassivePages.class, "server.servlet.session.cookie.max-age=3s",
				"app.session.redis.cookie.renew=false")) {
			Browser client = other.browser();
			client.get("/write?value=x");
			Thread.sleep(330);
			assertThat(client.get("/active").headers().allValues("Set-Cookie")).isEmpty();
		}
	}

	@Test
	void cookieWhoseMaximumAgeIsBootsProperty_isRenewed() throws Exception {
		try (WebNode other = node(PassivePages.class, "server.servlet.session.cookie.max-age=3s")) {
			Browser client = other.browser();
			client.get("/write?value=x");
			Thread.sleep(330);
			assertThat(client.get("/active").headers().allValues("Set-Cookie")).hasSize(1);
		}
	}

	/** Sessions of users who stay signed in can't be told apart then. */
	@Test
	void cookie_isRenewedIfAllSessionsLiveAsLongAsThoseOfUsersWhoStaySignedIn() throws Exception {
		try (WebNode other = node(PassivePages.class, "app.session.redis.cookie.max-age=3s",
				"app.session.redis.timeout=7d", "app.session.redis.long-timeout=7d")) {
			Browser client = other.browser();
			client.get("/write?value=x");
			Thread.sleep(330);
			assertThat(client.get("/active").headers().allValues("Set-Cookie")).hasSize(1);
		}
	}

	@Test
	void policyOfTheApplication_replacesTheOther() throws Exception {
		try (WebNode other = node(PolicyConfiguration.class, "app.session.redis.passive.paths=/ping")) {
			Browser client = other.browser();
			client.get("/write?value=x");
			assertThat(isAccess(other, client, "/ping")).isTrue();
			assertThat(isAccess(other, client, "/active")).isFalse();
		}
	}

	@Test
	void invalidPattern_isReported() {
		assertThatThrownBy(() -> node(PassivePages.class, "app.session.redis.passive.paths=/a/{b"))
			.hasRootCauseInstanceOf(InvalidConfigurationPropertyValueException.class)
			.rootCause()
			.hasMessageContaining("app.session.redis.passive.paths");
	}

	@Configuration(proxyBeanMethods = false)
	@Import({ Pages.class, PassiveClass.class })
	static class PassivePages {

	}

	@Configuration(proxyBeanMethods = false)
	@Import({ Pages.class, PassiveClass.class })
	static class PolicyConfiguration {

		@Bean
		PassiveRequestPolicy policy() {
			return (request) -> request.getRequestURI().equals("/active");
		}

	}

	@RestController
	static class Pages {

		@GetMapping({ "/poll", "/poll/messages", "/ping", "/active" })
		String page(HttpSession session) {
			return String.valueOf(session.getAttribute("name"));
		}

		@PassiveRequest
		@GetMapping("/annotated")
		String annotated(HttpSession session) {
			return page(session);
		}

		@PassiveRequest(false)
		@GetMapping("/poll/but-active")
		String active(HttpSession session) {
			return page(session);
		}

	}

	@RestController
	@PassiveRequest
	static class PassiveClass {

		@GetMapping("/of-class")
		String page(HttpSession session) {
			return String.valueOf(session.getAttribute("name"));
		}

	}

}
