package app.session.redis.autoconfigure.web;

import java.net.http.HttpResponse;
import java.security.Principal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.security.core.session.SessionInformation;
import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.Session;
import org.springframework.session.security.SpringSessionBackedSessionRegistry;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests a page on which users view and end their sessions, as in Spring Session's sample
 * {@code findbyusername}, and Spring Security's limit of sessions, on two nodes.
 */
class UserSessionsITests {

	private static final String[] PROPERTIES = { "app.session.redis.collector.enabled=false",
			"app.session.redis.namespace=pages", "test.maximum-sessions=1", "test.max-sessions-prevents-login=true",
			"test.unlimited-user=ben" };

	private static RedisServer server;

	private static List<WebNode> nodes;

	@BeforeAll
	static void start() {
		server = SharedRedis.standalone();
		nodes = List.of(node(), node());
	}

	private static WebNode node() {
		List<String> properties = new ArrayList<>(List.of(PROPERTIES));
		properties.add("app.session.redis.host=" + server.host());
		properties.add("app.session.redis.port=" + server.port());
		return WebNode.start(List.of(WebTestApplication.class, PageController.class), properties);
	}

	@AfterAll
	static void stop() {
		nodes.forEach(WebNode::close);
		server.flushAll();
	}

	@BeforeEach
	void flush() {
		server.flushAll();
	}

	private static Browser logIn(WebNode node, String user) {
		Browser browser = node.browser();
		assertThat(browser.logIn(user).headers().firstValue("Location").orElse("")).endsWith("/ok");
		return browser;
	}

	private static Set<String> lines(HttpResponse<String> response) {
		assertThat(response.statusCode()).isEqualTo(200);
		return response.body().lines().collect(Collectors.toSet());
	}

	@ParameterizedTest
	@CsvSource({ "0,0", "0,1", "1,0", "1,1" })
	void aSessionThatOneNodeListsIsEndedByAnyNode(int list, int end) {
		for (int served = 0; served < 2; served++) {
			Browser own = logIn(nodes.get(0), "ben");
			Browser other = logIn(nodes.get(served), "ben");
			Set<String> listed = lines(own.at(nodes.get(list).port()).get("/private/sessions"));
			assertThat(listed).hasSize(2).contains(own.sessionId());
			assertThat(listed.toString()).doesNotContain(other.sessionId().substring(16));
			assertThat(lines(own.at(nodes.get(list).port()).get("/private/session-ends"))).as("distinct").hasSize(2);
			String name = listed.stream().filter((id) -> !id.equals(own.sessionId())).findAny().orElseThrow();
			HttpResponse<String> response = own.at(nodes.get(end).port())
				.post("/private/sessions/" + name, Map.of("_csrf", own.csrf()));
			assertThat(response.body()).isEqualTo("ended");
			assertThat(other.get("/private/read").statusCode()).isEqualTo(302);
			assertThat(own.get("/private/read").statusCode()).isEqualTo(200);
			assertThat(lines(own.get("/private/sessions"))).containsExactly(own.sessionId());
			assertThat(own.post("/private/sessions/" + own.sessionId(), Map.of("_csrf", own.csrf())).body())
				.isEqualTo("ended");
			assertThat(own.get("/private/read").statusCode()).isEqualTo(302);
		}
	}

	@Test
	void anAliasIsNotAcceptedAsCookie() {
		Browser own = logIn(nodes.get(0), "ben");
		logIn(nodes.get(0), "ben");
		String alias = lines(own.get("/private/sessions")).stream()
			.filter((id) -> !id.equals(own.sessionId()))
			.findAny()
			.orElseThrow();
		for (WebNode node : nodes) {
			assertThat(node.browser().sessionId(alias).get("/private/read").statusCode()).isEqualTo(302);
			assertThat(node.browser().sessionId(alias).get("/read").body()).isEqualTo("none");
		}
	}

	@Test
	void aLogInWhileAnotherSessionLivesIsRefusedOnEveryNodeAndOneInTheSameSessionIsNot() {
		Browser browser = logIn(nodes.get(0), "anna");
		for (WebNode node : nodes) {
			assertThat(node.browser().logIn("anna").headers().firstValue("Location").orElse(""))
				.endsWith("/login?error");
			String before = browser.sessionId();
			HttpResponse<String> again = browser.at(node.port()).logIn("anna");
			assertThat(again.headers().firstValue("Location").orElse("")).endsWith("/ok");
			browser.sessionId(cookie(again, before));
			assertThat(browser.get("/private/read").statusCode()).isEqualTo(200);
		}
		assertThat(browser.at(nodes.get(1).port()).logOut().statusCode()).isEqualTo(302);
		assertThat(logIn(nodes.get(0), "anna").get("/private/read").statusCode()).isEqualTo(200);
	}

	/** Returns the id that a response has set, or the previous id of the client. */
	private static String cookie(HttpResponse<String> response, String before) {
		Browser taker = new Browser(0).sessionId(before);
		response.headers()
			.allValues("Set-Cookie")
			.stream()
			.filter((cookie) -> cookie.startsWith("SESSION="))
			.forEach((cookie) -> taker.cookie("SESSION", cookie.substring(8).split(";")[0]));
		return taker.sessionId();
	}

	@Test
	void theRegistryKnowsSessionsByIdAndByAlias() {
		for (WebNode node : nodes) {
			Browser browser = logIn(nodes.get(0), "anna");
			SpringSessionBackedSessionRegistry<?> registry = node.bean(PageController.class).registry();
			assertThat(registry.getSessionInformation(browser.sessionId())).isNotNull()
				.extracting(SessionInformation::getPrincipal)
				.isEqualTo("anna");
			SessionInformation listed = registry.getAllSessions("anna", false).get(0);
			assertThat(registry.getSessionInformation(listed.getSessionId())).isNotNull();
			listed.expireNow();
			assertThat(registry.getAllSessions("anna", false)).isEmpty();
			assertThat(registry.getAllSessions("anna", true)).hasSize(1);
			assertThat(registry.getSessionInformation(browser.sessionId()).isExpired()).isTrue();
			assertThat(browser.get("/private/read").body()).contains("session has been expired");
		}
	}

	@RestController
	static class PageController {

		private final FindByIndexNameSessionRepository<? extends Session> sessions;

		PageController(FindByIndexNameSessionRepository<? extends Session> sessions) {
			this.sessions = sessions;
		}

		SpringSessionBackedSessionRegistry<?> registry() {
			return new SpringSessionBackedSessionRegistry<>(this.sessions);
		}

		@GetMapping("/private/sessions")
		String list(Principal principal) {
			return this.sessions.findByPrincipalName(principal.getName())
				.values()
				.stream()
				.map(Session::getId)
				.collect(Collectors.joining("\n"));
		}

		@GetMapping("/private/session-ends")
		String ends(Principal principal) {
			return Arrays.stream(list(principal).split("\n"))
				.map((id) -> id.substring(30))
				.collect(Collectors.joining("\n"));
		}

		@PostMapping("/private/sessions/{id}")
		String end(Principal principal, @PathVariable String id) {
			Set<String> ids = this.sessions.findByPrincipalName(principal.getName()).keySet();
			if (ids.contains(id)) {
				this.sessions.deleteById(id);
				return "ended";
			}
			return "unknown";
		}

	}

}
