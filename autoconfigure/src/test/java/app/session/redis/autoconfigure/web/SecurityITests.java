package app.session.redis.autoconfigure.web;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;

import app.session.redis.servlet.AtomicRedisSessionRepository;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.security.core.session.SessionInformation;
import org.springframework.session.security.SpringSessionBackedSessionRegistry;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests Spring Security with two nodes.
 */
class SecurityITests {

	private static RedisServer server;

	private static WebNode node;

	private static WebNode other;

	@BeforeAll
	static void start() {
		server = SharedRedis.standalone();
		String[] properties = { "test.maximum-sessions=1", "test.remember-me=true",
				"app.session.redis.collector.enabled=false", "app.session.redis.namespace=security" };
		node = WebNode.start(server, properties);
		other = WebNode.start(server, properties);
	}

	@AfterAll
	static void stop() {
		node.close();
		other.close();
		server.flushAll();
	}

	@BeforeEach
	void flush() {
		server.flushAll();
	}

	@Test
	void logInChangesTheIdAndKeepsTheAttributes() {
		Browser browser = node.browser();
		browser.get("/write?value=anonymous");
		String before = browser.sessionId();
		assertThat(browser.logIn("anna").headers().firstValue("Location").orElse("")).endsWith("/ok");
		String after = browser.sessionId();
		assertThat(after).isNotEqualTo(before);
		assertThat(after.substring(0, 16)).isEqualTo(before.substring(0, 16));
		assertThat(browser.get("/private/read").body()).isEqualTo("anonymous null");
		assertThat(browser.at(other.port()).get("/private/read").body()).isEqualTo("anonymous null");
		assertThat(node.browser().sessionId(before).get("/read").body()).isEqualTo("none");
		assertThat(other.browser().sessionId(before).get("/read").body()).isEqualTo("none");
		assertThat(server.keys()).filteredOn((key) -> key.startsWith("security:session:")).hasSize(1);
	}

	@Test
	void requestThatWaitsForTheLogInHoldsNoIdInRedisAndIsContinued() {
		Browser browser = node.browser();
		browser.get("/write?value=anonymous");
		assertThat(browser.get("/private/read").statusCode()).isEqualTo(302);
		Map<String, String> content = server.commands().hgetall("security:session:{" + browser.handle() + "}");
		assertThat(content).containsKey("SPRING_SECURITY_SAVED_REQUEST");
		String secret = browser.sessionId().substring(16);
		String cookie = Base64.getEncoder().encodeToString(browser.sessionId().getBytes(StandardCharsets.US_ASCII));
		assertThat(content.toString()).doesNotContain(secret, cookie.substring(22, 60));
		browser.logIn("anna");
		content = server.commands().hgetall("security:session:{" + browser.handle() + "}");
		assertThat(content).containsKey("SPRING_SECURITY_CONTEXT");
		assertThat(content.toString()).doesNotContain(secret, browser.sessionId().substring(16));
		assertThat(browser.get("/private/read").body()).isEqualTo("anonymous null");
	}

	@Test
	void refusedLogInChangesNothing() {
		Browser browser = node.browser();
		browser.get("/write?value=anonymous");
		String before = browser.sessionId();
		HttpResponse<String> response = browser.post("/login",
				Map.of("username", "anna", "password", "wrong", "_csrf", browser.csrf()));
		assertThat(response.headers().firstValue("Location").orElse("")).endsWith("/login?error");
		assertThat(browser.sessionId()).isEqualTo(before);
		assertThat(browser.get("/read").body()).isEqualTo("anonymous null");
	}

	@Test
	void secondLogInOfAPrincipalExpiresTheFirst() {
		Browser first = node.browser();
		first.logIn("anna");
		assertThat(first.get("/private/read").statusCode()).isEqualTo(200);
		Browser stranger = node.browser();
		stranger.logIn("ben");
		Browser second = node.browser();
		second.logIn("anna");
		assertThat(second.get("/private/read").statusCode()).isEqualTo(200);
		assertRefused(first);
		assertThat(second.get("/private/read").statusCode()).isEqualTo(200);
		assertThat(stranger.get("/private/read").statusCode()).isEqualTo(200);
	}

	@Test
	void secondLogInOnAnotherNodeExpiresTheFirst() {
		Browser first = node.browser();
		first.logIn("anna");
		Browser second = other.browser();
		second.logIn("anna");
		assertThat(second.get("/private/read").statusCode()).isEqualTo(200);
		assertRefused(first);
		assertThat(second.at(node.port()).get("/private/read").statusCode()).isEqualTo(200);
	}

	@Test
	void logInAgainInTheSameSessionDoesNotExpireIt() {
		Browser browser = node.browser();
		browser.logIn("anna");
		browser.logIn("anna");
		assertThat(browser.get("/private/read").statusCode()).isEqualTo(200);
		assertThat(browser.get("/private/read").statusCode()).isEqualTo(200);
	}

	@Test
	void sessionFoundByPrincipalCanBeExpiredOnTheNodeThatServedItAndOnAnother() {
		for (WebNode expiring : new WebNode[] { node, other }) {
			Browser browser = node.browser();
			browser.logIn("anna");
			SpringSessionBackedSessionRegistry<?> registry = new SpringSessionBackedSessionRegistry<>(
					expiring.bean(AtomicRedisSessionRepository.class));
			assertThat(registry.getAllSessions("anna", false)).singleElement()
				.satisfies((found) -> assertThat(found.getPrincipal()).isEqualTo("anna"));
			registry.getAllSessions("anna", false).forEach(SessionInformation::expireNow);
			assertThat(registry.getAllSessions("anna", false)).isEmpty();
			assertRefused(browser);
		}
	}

	@Test
	void logOutEndsTheSessionOnEveryNode() {
		Browser browser = node.browser();
		browser.logIn("anna");
		String id = browser.sessionId();
		HttpResponse<String> response = browser.logOut();
		assertThat(response.headers().firstValue("Location").orElse("")).endsWith("/ok");
		assertThat(browser.has(Browser.SESSION_COOKIE)).isFalse();
		assertThat(server.keys()).noneMatch((key) -> key.startsWith("security:session:"));
		assertThat(other.browser().sessionId(id).get("/read").body()).isEqualTo("none");
		assertThat(other.browser().sessionId(id).get("/private/read").statusCode()).isEqualTo(302);
	}

	@Test
	void rememberMeMakesTheCookieLastAndTheSessionLong() {
		Browser browser = node.browser();
		HttpResponse<String> response = browser.logIn("anna", Map.of("remember-me", "on"));
		assertThat(response.headers().allValues("Set-Cookie")).anyMatch((cookie) -> cookie.startsWith("SESSION=")
				&& cookie.contains("Max-Age=") && !cookie.contains("Max-Age=0"));
		assertThat(browser.get("/private/read").statusCode()).isEqualTo(200);
		long ttl = server.commands().pttl("security:session:{" + browser.handle() + "}");
		assertThat(ttl).as("a week").isGreaterThan(604_700_000L);
		Browser without = node.browser();
		without.logIn("ben");
		assertThat(server.commands().pttl("security:session:{" + without.handle() + "}")).isLessThan(8_000_000L);
	}

	/**
	 * The filter of Spring Security that queries the registry informs the user, and logs
	 * out.
	 */
	private static void assertRefused(Browser browser) {
		HttpResponse<String> refused = browser.get("/private/read");
		assertThat(refused.body()).contains("session has been expired");
		assertThat(browser.get("/private/read").statusCode()).isEqualTo(302);
	}

}
