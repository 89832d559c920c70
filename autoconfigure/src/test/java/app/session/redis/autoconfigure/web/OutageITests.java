package app.session.redis.autoconfigure.web;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

import app.session.redis.test.RedisServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests requests while Redis does not answer or is unreachable.
 */
class OutageITests {

	private static final int USERS = 32;

	private static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(1);

	private static final Duration MARGIN = Duration.ofMillis(500);

	private static final Duration BACKOFF_CAP = Duration.ofSeconds(1);

	private static RedisServer server;

	private static WebNode node;

	@BeforeAll
	static void start() {
		server = RedisServer.builder().option("appendonly", "yes").option("appendfsync", "always").start();
		node = WebNode.start(server, "test.remember-me=true");
	}

	@AfterAll
	static void stop() {
		node.close();
		server.close();
	}

	@AfterEach
	void goOn() {
		if (server.isRunning()) {
			server.resume();
		}
		else {
			server.restart();
		}
		Awaitility.await()
			.atMost(Duration.ofSeconds(10))
			.untilAsserted(() -> assertThat(node.browser().get("/new").statusCode()).isEqualTo(200));
	}

	@Test
	void requestsFailWithinTheTimeoutWhileRedisHangsAndAllIsWellSoonAfter() {
		List<Browser> users = logIn(USERS);
		List<String> ids = users.stream().map(Browser::sessionId).toList();
		server.pause();
		List<CompletableFuture<Timed>> failing = new ArrayList<>();
		List<CompletableFuture<Timed>> anonymous = new ArrayList<>();
		for (int i = 0; i < USERS; i++) {
			Browser user = users.get(i);
			String path = List.of("/private/read", "/write?value=lost", "/read", "/callable").get(i % 4);
			failing.add(timed(() -> user.getAsync(path)));
			anonymous.add(timed(() -> node.browser().getAsync("/read")));
		}
		anonymous.forEach((response) -> {
			assertThat(response.join().response().body()).isEqualTo("none");
			assertThat(response.join().took()).isLessThan(MARGIN);
		});
		failing.forEach((response) -> assertUnavailable(response.join()));
		assertThat(users).extracting(Browser::sessionId).isEqualTo(ids);
		server.resume();
		long resumed = System.nanoTime();
		Awaitility.await()
			.pollInterval(Duration.ofMillis(20))
			.atMost(BACKOFF_CAP.plusSeconds(1))
			.untilAsserted(() -> assertAllLoggedIn(users));
		assertThat(Duration.ofNanos(System.nanoTime() - resumed)).isLessThan(BACKOFF_CAP.plusSeconds(1));
		assertAllLoggedIn(users);
		assertThat(users).extracting(Browser::sessionId).isEqualTo(ids);
	}

	@Test
	void requestsFailAtOnceWhileRedisIsGoneAndAllIsWellSoonAfterItsReturn() {
		List<Browser> users = logIn(USERS);
		server.kill();
		List<CompletableFuture<Timed>> failing = new ArrayList<>();
		users.forEach((user) -> failing.add(timed(() -> user.getAsync("/private/read"))));
		failing.forEach((response) -> assertUnavailable(response.join()));
		assertUnavailable(timed(() -> node.browser().getAsync("/new")).join());
		assertThat(timed(() -> node.browser().getAsync("/read")).join().response().body()).isEqualTo("none");
		server.restart();
		Awaitility.await()
			.pollInterval(Duration.ofMillis(20))
			.atMost(BACKOFF_CAP.plusSeconds(1))
			.untilAsserted(() -> assertAllLoggedIn(users));
	}

	@Test
	void lookupThatFailsInAControllerIsAnsweredAsUnavailable() {
		assertUnavailableWhilePaused("/read", "error page 503 for stranger");
	}

	@Test
	void lookupThatFailsInAFilterIsAnsweredAsUnavailable() {
		assertUnavailableWhilePaused("/in-filter", "error page 503 for stranger");
	}

	@Test
	void lookupThatFailsInSpringSecurityIsAnsweredAsUnavailableAndNotAsLoggedOut() {
		assertUnavailableWhilePaused("/private/read", "error page 503 for stranger");
	}

	@Test
	void lookupThatFailsInTheErrorPageIsAnsweredAsUnavailable() {
		assertUnavailableWhilePaused("/fail", null);
	}

	@Test
	void newSessionThatCannotBeMadeIsAnsweredAsUnavailable() {
		Browser browser = node.browser();
		server.pause();
		assertUnavailable(timed(() -> browser.getAsync("/new")).join());
		assertThat(browser.has(Browser.SESSION_COOKIE)).isFalse();
	}

	@Test
	void saveThatFailsBeforeTheAnswerIsSentIsAnsweredAsUnavailable() {
		Browser browser = logIn(1).get(0);
		node.hooks().midst.set(server::pause);
		assertUnavailable(timed(() -> browser.getAsync("/write?value=lost")).join());
		server.resume();
		// Redis may execute the command when it resumes
		assertThat(browser.get("/private/read").body()).isIn("kept null", "lost null");
	}

	@Test
	void saveThatFailsAfterTheResponseHasBegunTruncatesItDetectably() {
		Browser browser = logIn(1).get(0);
		assertThat(browser.get("/late?value=kept").body()).isEqualTo("begun and done");
		node.hooks().midst.set(server::kill);
		assertThat(browser.getAsync("/late?value=lost")).failsWithin(Duration.ofSeconds(10))
			.withThrowableThat()
			.havingRootCause()
			.isInstanceOf(IOException.class);
		server.restart();
		Awaitility.await()
			.atMost(Duration.ofSeconds(5))
			.untilAsserted(() -> assertThat(browser.get("/private/read").body()).isEqualTo("kept null"));
	}

	@Test
	void logOutThatFailsIsAnsweredAsUnavailableAndKeepsTheCookie() {
		Browser browser = logIn(1).get(0);
		String token = browser.csrf();
		String id = browser.sessionId();
		node.hooks().midst.set(server::pause);
		assertUnavailable(timed(() -> browser.postAsync("/logout", Map.of("_csrf", token))).join());
		assertThat(browser.sessionId()).isEqualTo(id);
		server.resume();
	}

	@Test
	void logInThatFailsIsAnsweredAsUnavailableAndKeepsTheCookie() {
		Browser browser = node.browser();
		browser.get("/write?value=anonymous");
		Map<String, String> form = Map.of("username", "anna", "password", "secret", "_csrf", browser.csrf());
		String id = browser.sessionId();
		server.pause();
		assertUnavailable(timed(() -> browser.postAsync("/login", form)).join());
		assertThat(browser.sessionId()).isEqualTo(id);
		server.resume();
		assertThat(browser.get("/read").body()).isEqualTo("anonymous null");
		assertThat(browser.post("/login", form).headers().firstValue("Location").orElse("")).endsWith("/ok");
	}

	private static void assertUnavailableWhilePaused(String path, String page) {
		Browser browser = logIn(1).get(0);
		String id = browser.sessionId();
		server.pause();
		Timed answer = timed(() -> browser.getAsync(path)).join();
		assertUnavailable(answer);
		if (page != null) {
			assertThat(answer.response().body()).isEqualTo(page);
		}
		server.resume();
		assertThat(browser.sessionId()).isEqualTo(id);
		assertThat(browser.get("/private/read").body()).isEqualTo("kept null");
	}

	private static List<Browser> logIn(int users) {
		List<Browser> browsers = new ArrayList<>();
		for (int i = 0; i < users; i++) {
			Browser browser = node.browser();
			browser.get("/write?value=kept");
			browser.logIn("anna");
			assertThat(browser.get("/private/read").body()).isEqualTo("kept null");
			browsers.add(browser);
		}
		return browsers;
	}

	private static void assertAllLoggedIn(List<Browser> users) {
		List<CompletableFuture<HttpResponse<String>>> responses = users.stream()
			.map((user) -> user.getAsync("/private/read"))
			.toList();
		responses.forEach((response) -> assertThat(response.join().body()).isEqualTo("kept null"));
	}

	private static void assertUnavailable(Timed answer) {
		HttpResponse<String> response = answer.response();
		assertThat(response.statusCode()).as(response.request().toString()).isEqualTo(503);
		assertThat(response.headers().firstValue("Retry-After")).hasValue("1");
		assertThat(response.headers().allValues("Set-Cookie")).isEmpty();
		assertThat(answer.took()).isLessThan(COMMAND_TIMEOUT.plus(MARGIN));
	}

	private static CompletableFuture<Timed> timed(Supplier<CompletableFuture<HttpResponse<String>>> request) {
		long start = System.nanoTime();
		return request.get().thenApply((response) -> new Timed(response, Duration.ofNanos(System.nanoTime() - start)));
	}

	private record Timed(HttpResponse<String> response, Duration took) {
	}

}
