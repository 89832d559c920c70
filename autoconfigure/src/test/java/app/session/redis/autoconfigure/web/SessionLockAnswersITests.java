package app.session.redis.autoconfigure.web;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import app.session.redis.autoconfigure.web.Hooks.Gate;
import app.session.redis.observation.SessionCounter;
import app.session.redis.observation.SessionStatistics;
import app.session.redis.servlet.AtomicRedisSessionRepository;
import app.session.redis.test.Background;
import app.session.redis.test.RedisServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests the responses to requests that don't get the lock of their session, with one
 * connection and with a small pool.
 */
@ParameterizedClass(name = "over a pool: {0}")
@ValueSource(booleans = { false, true })
class SessionLockAnswersITests {

	private final RedisServer server = RedisServer.start();

	private final List<WebNode> nodes = new ArrayList<>();

	@Parameter
	private boolean pooled;

	@AfterEach
	void stop() {
		this.server.resume();
		this.nodes.forEach(WebNode::close);
		this.server.close();
	}

	private WebNode node(String... properties) {
		List<String> all = new ArrayList<>(List.of("app.session.redis.collector.enabled=false",
				"app.session.redis.lock.enabled=true", "test.csrf=false", "app.session.redis.command-timeout=500ms",
				"app.session.redis.pool.enabled=" + this.pooled, "app.session.redis.pool.max-total=4"));
		all.addAll(Arrays.asList(properties));
		WebNode node = WebNode.start(this.server, all.toArray(String[]::new));
		this.nodes.add(node);
		return node;
	}

	private static Browser withSession(WebNode node) {
		Browser browser = node.browser();
		browser.get("/new");
		return browser;
	}

	private static SessionStatistics statistics(WebNode node) {
		return node.bean(AtomicRedisSessionRepository.class).getStatistics();
	}

	private void assertFree(Browser browser) {
		awaitNoLocks();
		assertThat(browser.post("/lock/count").statusCode()).isEqualTo(200);
	}

	/**
	 * After Redis has hung, connections that were silent for too long may still be
	 * reconnecting, so that a single request can be refused.
	 */
	private void assertFreeAfterOutage(Browser... browsers) {
		for (Browser browser : browsers) {
			Awaitility.await().until(() -> browser.post("/lock/count").statusCode() == 200);
		}
		awaitNoLocks();
	}

	private void awaitNoLocks() {
		Awaitility.await()
			.untilAsserted(() -> assertThat(this.server.keys())
				.noneMatch((key) -> key.contains(":lock:") || key.contains(":waiters:")));
	}

	private static void assertUnavailable(HttpResponse<String> response) {
		assertThat(response.statusCode()).isEqualTo(503);
		assertThat(response.headers().firstValue("Retry-After")).hasValue("1");
		assertThat(response.headers().allValues("Set-Cookie")).isEmpty();
		assertThat(response.body()).isEqualTo("error page 503 for stranger");
	}

	@Test
	void rejectAnswers503AndTheFirstRequestContinues() {
		WebNode node = node("app.session.redis.lock.wait=300ms");
		Browser browser = withSession(node);
		Gate gate = node.hooks().gate();
		CompletableFuture<HttpResponse<String>> first = browser.postAsync("/lock/count");
		gate.awaitReached();
		assertUnavailable(browser.post("/lock/count"));
		assertUnavailable(browser.post("/login", Map.of("username", "anna", "password", "secret")));
		gate.open();
		assertThat(first.join().body()).isEqualTo("1");
		assertThat(statistics(node).get(SessionCounter.LOCK_TIMEOUTS)).isEqualTo(2);
		assertThat(browser.get("/lock/count").body()).isEqualTo("1");
		assertFree(browser);
	}

	@Test
	void readOnlyContinuesWithoutSavingButRejectsLogIns() {
		WebNode node = node("app.session.redis.lock.wait=0", "app.session.redis.lock.on-timeout=read-only");
		Browser browser = withSession(node);
		Gate gate = node.hooks().gate();
		CompletableFuture<HttpResponse<String>> first = browser.postAsync("/lock/flush?count=3");
		gate.awaitReached();
		HttpResponse<String> response = browser.post("/lock/count");
		assertThat(response.statusCode()).isEqualTo(200);
		assertThat(response.body()).isEqualTo("1");
		assertThat(statistics(node).get(SessionCounter.CONFLICT_LOCKED)).isEqualTo(1);
		String id = browser.sessionId();
		assertUnavailable(browser.post("/login", Map.of("username", "anna", "password", "secret")));
		assertThat(browser.sessionId()).isEqualTo(id);
		assertThat(browser.get("/lock/count").body()).isEqualTo("0");
		gate.open();
		assertThat(first.join().body()).isEqualTo("begun and done");
		Awaitility.await().untilAsserted(() -> assertThat(browser.get("/lock/count").body()).isEqualTo("3"));
		assertFree(browser);
	}

	@Test
	void breakTakesTheLockOverAndTheFirstRequestSavesNothing() {
		WebNode node = node("app.session.redis.lock.wait=200ms", "app.session.redis.lock.on-timeout=break");
		Browser browser = withSession(node);
		Gate gate = node.hooks().gate();
		CompletableFuture<HttpResponse<String>> first = browser.postAsync("/lock/count");
		gate.awaitReached();
		assertThat(browser.post("/lock/count").body()).isEqualTo("1");
		assertThat(browser.post("/lock/count").body()).isEqualTo("2");
		gate.open();
		assertUnavailable(first.join());
		assertThat(statistics(node).get(SessionCounter.LOCK_LOST)).isEqualTo(1);
		assertThat(statistics(node).get(SessionCounter.CONFLICT_LOCKED)).isEqualTo(1);
		assertThat(statistics(node).get(SessionCounter.LOCK_TIMEOUTS)).isEqualTo(1);
		assertThat(browser.get("/lock/count").body()).isEqualTo("2");
		assertFree(browser);
	}

	@Test
	void moreWaitersThanMayAreAnsweredAtOnce() {
		WebNode node = node("app.session.redis.lock.max-waiters=1");
		Browser browser = withSession(node);
		Gate gate = node.hooks().gate();
		CompletableFuture<HttpResponse<String>> first = browser.postAsync("/lock/count");
		gate.awaitReached();
		CompletableFuture<HttpResponse<String>> second = browser.postAsync("/lock/count");
		Awaitility.await()
			.until(() -> this.server.commands().llen("app:session:waiters:{" + browser.handle() + "}") == 1);
		assertUnavailable(browser.post("/lock/count"));
		assertThat(second).isNotDone();
		assertThat(statistics(node).get(SessionCounter.LOCK_REFUSALS)).isEqualTo(1);
		gate.open();
		assertThat(first.join().body()).isEqualTo("1");
		assertThat(second.join().body()).isEqualTo("2");
		assertFree(browser);
	}

	@Test
	void whileRedisHangsRequestsAreAnsweredAndTheLockIsFreeWhenItResumes() {
		WebNode node = node();
		Browser browser = withSession(node);
		Browser stranger = withSession(node);
		node.hooks().midst.set(this.server::pause);
		long start = System.nanoTime();
		assertUnavailable(browser.post("/lock/count"));
		assertUnavailable(stranger.post("/lock/count"));
		assertUnavailable(browser.post("/lock/count"));
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
		this.server.resume();
		assertFreeAfterOutage(browser, stranger);
	}

	@Test
	void aWaiterIsAnsweredWhenRedisHangs() {
		WebNode node = node();
		Browser browser = withSession(node);
		Gate gate = node.hooks().gate();
		CompletableFuture<HttpResponse<String>> first = browser.postAsync("/lock/count");
		gate.awaitReached();
		CompletableFuture<HttpResponse<String>> second = browser.postAsync("/lock/count");
		Awaitility.await()
			.until(() -> this.server.commands().llen("app:session:waiters:{" + browser.handle() + "}") == 1);
		this.server.pause();
		assertUnavailable(second.join());
		gate.open();
		assertUnavailable(first.join());
		this.server.resume();
		assertFreeAfterOutage(browser);
	}

	@Test
	void withoutRedisARequestIsServedAnonymouslyWhereThatIsSet() {
		WebNode node = node("app.session.redis.on-unavailable=anonymous");
		Browser browser = withSession(node);
		String id = browser.sessionId();
		this.server.pause();
		HttpResponse<String> response = browser.post("/lock/count");
		assertThat(response.statusCode()).isEqualTo(200);
		assertThat(response.body()).isEqualTo("1");
		assertThat(browser.sessionId()).isEqualTo(id);
		this.server.resume();
		Awaitility.await().until(() -> browser.get("/read").body().equals("new [apple]"));
		assertThat(browser.get("/lock/count").body()).isEqualTo("0");
	}

	@Test
	void aNodeThatStopsGivesItsLocksUp() {
		WebNode node = node();
		WebNode stopping = node();
		Browser browser = withSession(node);
		Gate gate = stopping.hooks().gate();
		CompletableFuture<HttpResponse<String>> first = browser.at(stopping.port()).postAsync("/lock/count");
		gate.awaitReached();
		CompletableFuture<HttpResponse<String>> second = browser.postAsync("/lock/count");
		Awaitility.await()
			.until(() -> this.server.commands().llen("app:session:waiters:{" + browser.handle() + "}") == 1);
		CompletableFuture<Void> stopped = Background.run(stopping::close);
		assertThat(second.join().body()).isEqualTo("1");
		gate.open();
		stopped.join();
		assertThat(first.handle((response, failure) -> failure != null || response.statusCode() != 200).join())
			.isTrue();
		assertThat(browser.get("/lock/count").body()).isEqualTo("1");
		assertFree(browser);
	}

}
