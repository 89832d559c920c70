package app.session.redis.autoconfigure.web;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import app.session.redis.autoconfigure.web.Hooks.Gate;
import app.session.redis.autoconfigure.web.Hooks.Pending;
import app.session.redis.observation.SessionCounter;
import app.session.redis.observation.SessionStatistics;
import app.session.redis.servlet.AtomicRedisSessionRepository;
import app.session.redis.test.Monitor;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Tests that the requests of a session are processed one at a time on two nodes, with one
 * connection each and with small pools.
 */
@ParameterizedClass(name = "over pools: {0}")
@ValueSource(booleans = { false, true })
class SessionLockITests {

	private static RedisServer server;

	private static WebNode node;

	private static WebNode other;

	/** Whether {@link #start} uses a pool. */
	@Parameter
	private boolean pooled;

	private Browser browser;

	@BeforeParameterizedClassInvocation
	static void start(boolean pooled) {
		server = SharedRedis.standalone();
		String[] properties = { "app.session.redis.collector.enabled=false", "app.session.redis.namespace=lock",
				"app.session.redis.lock.enabled=true", "app.session.redis.lock.wait=5s", "test.csrf=false",
				"app.session.redis.pool.enabled=" + pooled, "app.session.redis.pool.max-total=4" };
		node = WebNode.start(server, properties);
		other = WebNode.start(server, properties);
	}

	@AfterParameterizedClassInvocation
	static void stop() {
		node.close();
		other.close();
		server.flushAll();
	}

	@BeforeEach
	void openSession() {
		server.flushAll();
		this.browser = node.browser();
		this.browser.get("/new");
	}

	private String lock() {
		return server.commands().get("lock:lock:{" + this.browser.handle() + "}");
	}

	private long waiters() {
		return server.commands().llen("lock:waiters:{" + this.browser.handle() + "}");
	}

	private void assertFree() {
		Awaitility.await().pollDelay(Duration.ZERO).untilAsserted(() -> assertThat(lock()).isNull());
		assertThat(waiters()).isZero();
	}

	private void assertSaved(int count) {
		assertFree();
		assertThat(this.browser.get("/lock/count").body()).isEqualTo(Integer.toString(count));
	}

	@Test
	void sixteenClientsThatCountOnTwoNodesLoseNothing() throws Exception {
		int clients = 16;
		int requests = 500;
		ExecutorService executor = Executors.newFixedThreadPool(clients);
		try {
			List<Future<?>> counting = new ArrayList<>();
			for (int i = 0; i < clients; i++) {
				int port = ((i % 2 == 0) ? node : other).port();
				counting.add(executor.submit(() -> {
					// Tomcat closes a connection after 100 requests
					for (int k = 0; k < requests / 100; k++) {
						countHundredTimes(port);
					}
					return null;
				}));
			}
			for (Future<?> each : counting) {
				each.get(120, TimeUnit.SECONDS);
			}
		}
		finally {
			executor.shutdownNow();
		}
		assertSaved(clients * requests);
		for (WebNode each : List.of(node, other)) {
			SessionStatistics statistics = each.bean(AtomicRedisSessionRepository.class).getStatistics();
			assertThat(statistics.getLockWaits()).isPositive();
			assertThat(statistics.getLockWaitTime()).isGreaterThan(statistics.getLongestLockWait());
			assertThat(statistics.get(SessionCounter.LOCK_TIMEOUTS)).isZero();
		}
	}

	/** Uses one connection and little CPU time, which is needed for the requests. */
	private void countHundredTimes(int port) throws IOException {
		byte[] request = ("POST /lock/count HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nCookie: "
				+ this.browser.cookieHeader() + "\r\n\r\n")
			.getBytes(StandardCharsets.ISO_8859_1);
		try (Socket socket = new Socket("localhost", port)) {
			socket.setTcpNoDelay(true);
			socket.setSoTimeout(20_000);
			BufferedReader in = new BufferedReader(
					new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
			for (int i = 0; i < 100; i++) {
				socket.getOutputStream().write(request);
				assertThat(in.readLine()).startsWith("HTTP/1.1 200");
				int length = -1;
				for (String line = in.readLine(); !line.isEmpty(); line = in.readLine()) {
					if (line.startsWith("Content-Length: ")) {
						length = Integer.parseInt(line.substring("Content-Length: ".length()));
					}
				}
				assertThat(in.read(new char[length])).isEqualTo(length);
			}
		}
	}

	@Test
	void readersPassARequestThatHasTheLockAndWritersWait() {
		Gate gate = node.hooks().gate();
		CompletableFuture<HttpResponse<String>> first = this.browser.postAsync("/lock/count");
		gate.awaitReached();
		assertThat(lock()).isNotNull();
		assertThat(this.browser.get("/lock/count").body()).isEqualTo("0");
		assertThat(this.browser.at(other.port()).get("/read").body()).isEqualTo("new [apple]");
		assertThat(this.browser.post("/lock/unlocked").body()).as("its handler wants none").isEqualTo("1");
		assertThat(this.browser.post("/lock/of-class").body()).isEqualTo("unlocked");
		CompletableFuture<HttpResponse<String>> second = this.browser.at(other.port()).postAsync("/lock/count");
		awaitWaiters(1);
		CompletableFuture<HttpResponse<String>> third = this.browser.getAsync("/lock/annotated");
		awaitWaiters(2);
		CompletableFuture<HttpResponse<String>> fourth = this.browser.getAsync("/lock/of-class");
		awaitWaiters(3);
		assertThat(second).isNotDone();
		gate.open();
		assertThat(first.join().body()).isEqualTo("1");
		assertThat(second.join().body()).isEqualTo("2");
		assertThat(third.join().body()).isEqualTo("3");
		assertThat(fourth.join().body()).isEqualTo("locked");
		assertSaved(3);
	}

	private void awaitWaiters(long waiters) {
		Awaitility.await().pollDelay(Duration.ZERO).until(() -> waiters() == waiters);
	}

	@Test
	void aSessionThatWasLoadedBeforeTheLockIsReadAgain() {
		Gate gate = node.hooks().gate();
		CompletableFuture<HttpResponse<String>> late = this.browser.getAsync("/lock/late");
		gate.awaitReached();
		assertThat(this.browser.at(other.port()).post("/lock/count").body()).isEqualTo("1");
		gate.open();
		assertThat(late.join().body()).isEqualTo("0 2");
		assertSaved(2);
	}

	@Test
	void logInAndLogOutWorkUnderTheLock() {
		String before = this.browser.sessionId();
		HttpResponse<String> response = this.browser.post("/login", Map.of("username", "anna", "password", "secret"));
		assertThat(response.headers().firstValue("Location").orElse("")).endsWith("/ok");
		assertThat(this.browser.sessionId()).isNotEqualTo(before).startsWith(before.substring(0, 16));
		assertFree();
		assertThat(this.browser.at(other.port()).get("/private/read").body()).isEqualTo("new [apple]");
		assertThat(this.browser.at(other.port()).post("/lock/count").body()).isEqualTo("1");
		Gate gate = node.hooks().gate();
		CompletableFuture<HttpResponse<String>> leaving = this.browser.postAsync("/logout");
		gate.awaitReached();
		assertThat(lock()).isNotNull();
		String handle = this.browser.handle();
		CompletableFuture<HttpResponse<String>> waiting = this.browser.at(other.port()).postAsync("/lock/count");
		awaitWaiters(1);
		gate.open();
		assertThat(leaving.join().headers().firstValue("Location").orElse("")).endsWith("/ok");
		assertThat(waiting.join().body()).as("a new session").isEqualTo("1");
		Awaitility.await().untilAsserted(() -> assertThat(server.keys()).noneMatch((key) -> key.contains(handle)));
	}

	@ParameterizedTest
	@ValueSource(strings = { "/lock/fail", "/lock/error", "/lock/break-down" })
	void theErrorPageIsRenderedAndTheLockIsFreeAfterwards(String path) {
		HttpResponse<String> response = this.browser.post(path);
		assertThat(response.statusCode()).isGreaterThanOrEqualTo(418);
		assertThat(response.body()).startsWith("error page").endsWith("for new");
		assertSaved(7);
		assertThat(this.browser.post("/lock/count").body()).isEqualTo("8");
	}

	@ParameterizedTest
	@ValueSource(strings = { "/lock/annotated", "/lock/no-such-handler" })
	void ifTheHandlerCanNotBeDeterminedTheMethodDecides(String path) {
		try (Monitor monitor = Monitor.of(server)) {
			assertThat(this.browser.post(path).statusCode()).isIn(404, 405);
			assertFree();
			assertThat(monitor.commands()).anyMatch((command) -> command.toString().contains(":waiters:"));
		}
	}

	@Test
	void theLockIsKeptWhileTheErrorPageIsRendered() {
		assumeThat(node.isJetty()).as("Jetty tells the end before it renders the error page").isFalse();
		assertAnErrorCostsNoMore((holder) -> holder.set(lock()));
	}

	@Test
	void ifTheEndIsNotifiedBeforeTheErrorPageItIsRenderedWithoutTheLock() {
		assumeThat(node.isJetty()).as("Tomcat tells the end when all is over").isTrue();
		assertAnErrorCostsNoMore((holder) -> {
			assertFree();
			holder.set("free");
		});
	}

	private void assertAnErrorCostsNoMore(Consumer<AtomicReference<String>> errorPage) {
		try (Monitor monitor = Monitor.of(server)) {
			AtomicReference<String> seen = new AtomicReference<>();
			node.hooks().errorPage.set(() -> errorPage.accept(seen));
			assertThat(this.browser.post("/lock/error").statusCode()).isEqualTo(418);
			assertThat(seen).doesNotHaveNullValue();
			assertFree();
			assertThat(monitor.commands().stream().filter((command) -> command.name().startsWith("EVAL")))
				.as("lock, save, unlock")
				.hasSize(3);
		}
	}

	@Test
	void aCallableIsPartOfItsRequest() {
		Gate gate = node.hooks().gate();
		CompletableFuture<HttpResponse<String>> first = this.browser.postAsync("/lock/callable");
		gate.awaitReached();
		CompletableFuture<HttpResponse<String>> second = this.browser.at(other.port()).postAsync("/lock/callable");
		awaitWaiters(1);
		gate.open();
		assertThat(first.join().body()).isEqualTo("1");
		assertThat(second.join().body()).isEqualTo("2");
		assertSaved(2);
	}

	@Test
	void aStreamIsPartOfItsRequest() {
		Gate gate = node.hooks().gate();
		CompletableFuture<HttpResponse<String>> first = this.browser.postAsync("/lock/streaming");
		gate.awaitReached();
		CompletableFuture<HttpResponse<String>> second = this.browser.at(other.port()).postAsync("/lock/count");
		awaitWaiters(1);
		gate.open();
		assertThat(first.join().body()).hasSize(10_000);
		assertThat(second.join().body()).isEqualTo("8");
		assertSaved(8);
	}

	@Test
	void aStreamThatBreaksOffGivesTheLockUp() {
		Gate gate = node.hooks().gate();
		CompletableFuture<HttpResponse<String>> response = this.browser.postAsync("/lock/streaming?fail=true");
		gate.awaitReached();
		assertThat(lock()).isNotNull();
		gate.open();
		assertThat(response).failsWithin(Duration.ofSeconds(10))
			.withThrowableThat()
			.havingRootCause()
			.isInstanceOf(IOException.class);
		assertSaved(7);
	}

	@Test
	void aDeferredResultKeepsTheLockUntilItIsSet() throws Exception {
		CompletableFuture<HttpResponse<String>> response = this.browser.postAsync("/lock/deferred");
		Pending pending = node.hooks().takePending();
		CompletableFuture<HttpResponse<String>> second = this.browser.at(other.port()).postAsync("/lock/count");
		awaitWaiters(1);
		pending.session().setAttribute(LockController.COUNT, 4);
		pending.result().setResult("done");
		assertThat(response.join().body()).isEqualTo("done");
		assertThat(second.join().body()).isEqualTo("5");
		assertSaved(5);
	}

	@Test
	void aDeferredResultThatFailsOrComesTooLateGivesTheLockUp() throws Exception {
		CompletableFuture<HttpResponse<String>> response = this.browser.postAsync("/lock/deferred");
		Pending pending = node.hooks().takePending();
		pending.session().setAttribute(LockController.COUNT, 4);
		pending.result().setErrorResult(new IllegalStateException("The test wants an error page"));
		assertThat(response.join().statusCode()).isEqualTo(500);
		assertSaved(4);
		assertThat(this.browser.post("/lock/deferred?timeout=300").statusCode()).isEqualTo(503);
		node.hooks().takePending();
		assertSaved(4);
	}

	@Test
	void anAsyncContextKeepsTheLockUntilItIsComplete() throws Exception {
		CompletableFuture<HttpResponse<String>> response = this.browser.postAsync("/lock/async-context");
		Pending pending = node.hooks().takePending();
		CompletableFuture<HttpResponse<String>> second = this.browser.at(other.port()).postAsync("/lock/count");
		awaitWaiters(1);
		pending.session().setAttribute(LockController.COUNT, 4);
		pending.context().getResponse().getWriter().print("done");
		pending.context().complete();
		assertThat(response.join().body()).isEqualTo("done");
		assertThat(second.join().body()).isEqualTo("5");
		assertSaved(5);
	}

	@Test
	void anAsyncContextThatTimesOutGivesTheLockUp() throws Exception {
		CompletableFuture<HttpResponse<String>> response = this.browser.postAsync("/lock/async-context?timeout=300");
		node.hooks().takePending();
		assertThat(lock()).isNotNull();
		assertThat(response.join().statusCode()).isEqualTo(500);
		assertSaved(0);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/lock/large", "/lock/streaming?chunks=2000" })
	void aClientThatHasGoneLeavesNoLock(String path) throws Exception {
		Gate gate = node.hooks().gate();
		try (Socket socket = new Socket("localhost", node.port())) {
			socket.getOutputStream()
				.write(("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nCookie: "
						+ this.browser.cookieHeader() + "\r\n\r\n")
					.getBytes(StandardCharsets.ISO_8859_1));
			gate.awaitReached();
			assertThat(lock()).isNotNull();
			socket.setSoLinger(true, 0);
		}
		gate.open();
		assertSaved(7);
	}

	@Test
	void aRequestThatLostItsLockIsAnswered503AndSavesNothing() {
		node.hooks().midst.set(() -> server.commands().set("lock:lock:{" + this.browser.handle() + "}", "another"));
		HttpResponse<String> response = this.browser.post("/lock/count");
		assertThat(response.statusCode()).isEqualTo(503);
		assertThat(response.headers().firstValue("Retry-After")).hasValue("1");
		assertThat(response.headers().allValues("Set-Cookie")).isEmpty();
		assertThat(lock()).isEqualTo("another");
		server.commands().del("lock:lock:{" + this.browser.handle() + "}");
		assertSaved(0);
	}

	@Test
	void aRequestThatLosesItsLockWhenTheAnswerHasBegunEndsIt() {
		assertThat(this.browser.post("/lock/flush?count=3").body()).isEqualTo("begun and done");
		assertSaved(3);
		node.hooks().midst.set(() -> server.commands().set("lock:lock:{" + this.browser.handle() + "}", "another"));
		assertThat(this.browser.postAsync("/lock/flush?count=4")).failsWithin(Duration.ofSeconds(10))
			.withThrowableThat()
			.havingRootCause()
			.isInstanceOf(IOException.class);
		server.commands().del("lock:lock:{" + this.browser.handle() + "}");
		assertSaved(3);
	}

	@Test
	void aRequestWithoutASessionTakesNoLock() {
		String forged = this.browser.sessionId().substring(0, 16) + "A".repeat(43);
		try (Monitor monitor = Monitor.of(server)) {
			assertThat(node.browser().sessionId(forged).post("/lock/unlocked").body()).isEqualTo("1");
			assertThat(node.browser().post("/lock/count").body()).isEqualTo("1");
			assertThat(node.browser().sessionId("no id!").post("/lock/count").body()).isEqualTo("1");
			assertThat(node.browser().sessionId(forged).post("/lock/count").body()).isEqualTo("1");
			assertThat(monitor.commands()).noneMatch((command) -> command.toString().contains(":waiters:")
					&& !command.toString().contains(this.browser.handle()));
		}
		assertThat(server.keys()).noneMatch((key) -> key.contains(":lock:"));
	}

	@Test
	void lockingCostsOneCommandThatNoRequestWaitsFor() {
		this.browser.post("/lock/count");
		this.browser.post("/lock/unlocked");
		assertFree();
		try (Monitor monitor = Monitor.of(server)) {
			this.browser.post("/lock/unlocked");
			assertThat(monitor.commands()).hasSize(2);
			monitor.reset();
			this.browser.post("/lock/count");
			assertFree();
			assertThat(monitor.commands()).filteredOn((command) -> command.name().equals("EVALSHA")).hasSize(3);
			monitor.reset();
			this.browser.get("/lock/count");
			assertThat(monitor.commands()).hasSize(1);
		}
	}

}
