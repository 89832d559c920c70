package app.session.redis.webflux;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import app.session.redis.SessionId;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.session.events.SessionCreatedEvent;
import org.springframework.session.events.SessionDeletedEvent;
import org.springframework.session.events.SessionExpiredEvent;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests sessions in a reactive application on Reactor Netty, without the Servlet API.
 */
class WebFluxSessionITests {

	private static RedisServer server;

	private static WebFluxNode node;

	private static WebFluxNode other;

	@BeforeAll
	static void start() {
		server = SharedRedis.standalone();
		server.flushAll();
		String[] properties = { "app.session.redis.lock.enabled=true", "app.session.redis.bot.enabled=true",
				"app.session.redis.record-client=true", "app.session.redis.collector.interval=100ms",
				"app.session.redis.passive.paths=/read-passively", "app.session.redis.touch-interval=0s",
				"server.reactive.session.cookie.same-site=strict" };
		node = WebFluxNode.start(server, properties);
		other = WebFluxNode.start(server, properties);
	}

	@AfterAll
	static void stop() {
		node.close();
		other.close();
	}

	@Test
	void noServletApi_isNeeded() {
		assertThat(getClass().getClassLoader().getResource("jakarta/servlet/Servlet.class")).isNull();
		assertThat(getClass().getClassLoader().getResource("org/apache/catalina/startup/Tomcat.class")).isNull();
	}

	@Test
	void session_isServedByEveryNode() {
		Browser browser = node.browser();
		assertThat(browser.get("/write?value=apple")).isEqualTo("written");
		assertThat(browser.at(other).get("/read")).isEqualTo("apple");
		assertThat(browser.at(other).get("/write?value=pear")).isEqualTo("written");
		assertThat(browser.get("/read")).isEqualTo("pear");
	}

	@Test
	void requestWithoutSession_setsNoCookie() {
		Browser browser = node.browser();
		assertThat(Browser.setCookies(browser.response("/plain"))).isEmpty();
		assertThat(Browser.setCookies(browser.response("/read"))).isEmpty();
	}

	@Test
	void cookie_hasTheConfiguredAttributes_andIsSentOnce() {
		Browser browser = node.browser();
		assertThat(Browser.setCookies(browser.response("/write?value=a"))).singleElement()
			.asString()
			.containsIgnoringCase("HttpOnly")
			.contains("SameSite=Strict", "Path=/");
		assertThat(Browser.setCookies(browser.response("/write?value=b"))).isEmpty();
		assertThat(Browser.setCookies(browser.response("/read"))).isEmpty();
	}

	@Test
	void changeInPlace_isStored() {
		Browser browser = node.browser();
		browser.get("/in-place?value=a");
		browser.get("/in-place?value=b");
		assertThat(browser.at(other).get("/in-place?value=c")).isEqualTo("[a, b, c]");
	}

	@Test
	void attributeSetDuringAStream_isStored() {
		Browser browser = node.browser();
		assertThat(browser.get("/stream")).contains("1", "2", "3");
		Awaitility.await().untilAsserted(() -> assertThat(browser.at(other).get("/read")).isEqualTo("late"));
	}

	@Test
	void failedHandler_savesItsChanges() {
		Browser browser = node.browser();
		assertThat(browser.response("/fail").statusCode()).isEqualTo(500);
		assertThat(browser.get("/read")).isEqualTo("failed");
	}

	@Test
	void invalidatedSession_isGone_andItsCookieExpires() {
		Browser browser = node.browser();
		browser.get("/write?value=apple");
		String cookie = browser.cookie();
		browser.get("/invalidate");
		assertThat(browser.cookie()).isNull();
		assertThat(browser.cookie(cookie).get("/read")).isEqualTo("null");
		assertThat(browser.cookie()).as("the cookie of a session that is gone").isNull();
	}

	@Test
	void changedId_replacesTheOldOne() {
		Browser browser = node.browser();
		browser.get("/write?value=apple");
		String before = browser.cookie();
		browser.get("/change-id");
		assertThat(browser.cookie()).isNotEqualTo(before).startsWith(before.substring(0, SessionId.HANDLE_LENGTH));
		assertThat(browser.at(other).get("/read")).isEqualTo("apple");
		assertThat(node.browser().cookie(before).get("/read")).isEqualTo("null");
	}

	@Test
	void handle_opensNothing() {
		Browser browser = node.browser();
		browser.get("/write?value=apple");
		String handle = browser.cookie().substring(0, SessionId.HANDLE_LENGTH);
		assertThat(node.browser().cookie(handle).get("/read")).isEqualTo("null");
	}

	@Test
	void sessionDeletedWhileARequestRuns_isNotRevived() {
		Browser browser = node.browser();
		browser.get("/write?value=apple");
		CompletableFuture<HttpResponse<String>> slow = browser.begin("/slow?value=late&millis=500");
		Awaitility.await().pollDelay(Duration.ofMillis(200)).until(() -> true);
		browser.at(other).get("/invalidate");
		assertThat(slow.join().statusCode()).isEqualTo(200);
		HttpResponse<String> next = browser.response("/read");
		assertThat(next.statusCode()).isEqualTo(200);
		assertThat(next.body()).isEqualTo("null");
		assertThat(server.keys()).noneMatch((key) -> key.contains(browserHandle(browser)));
	}

	private static String browserHandle(Browser browser) {
		return (browser.cookie() != null) ? browser.cookie().substring(0, SessionId.HANDLE_LENGTH) : "no cookie";
	}

	@Test
	void simultaneousRequests_keepEachOthersChanges() {
		Browser browser = node.browser();
		browser.get("/write?value=apple");
		CompletableFuture<HttpResponse<String>> slow = browser.begin("/slow?value=slow&millis=300");
		browser.at(other).get("/in-place?value=fast");
		slow.join();
		assertThat(browser.get("/in-place?value=end")).isEqualTo("[fast, end]");
		assertThat(browser.get("/read")).isEqualTo("slow");
	}

	@Test
	void lockedRequests_runOneAfterTheOther() {
		Browser browser = node.browser();
		browser.get("/write?value=apple");
		List<CompletableFuture<HttpResponse<String>>> requests = new ArrayList<>();
		for (int i = 0; i < 10; i++) {
			requests.add(browser.begin("/count"));
			requests.add(browser.at(other).begin("/count"));
		}
		requests.forEach((request) -> assertThat(request.join().statusCode()).isEqualTo(200));
		assertThat(browser.get("/count")).isEqualTo("21");
	}

	@Test
	void disconnectedClient_leavesTheQueueForTheLock() throws IOException, InterruptedException {
		Browser browser = node.browser();
		browser.get("/write?value=apple");
		String waiters = "app:session:waiters:{" + browserHandle(browser) + "}";
		CompletableFuture<HttpResponse<String>> holder = browser.begin("/hold?millis=1500");
		String lock = "app:session:lock:{" + browserHandle(browser) + "}";
		Awaitility.await().until(() -> server.commands().exists(lock) == 1);
		Thread waiting = new Thread(() -> {
			try {
				browser.abort("/count", Duration.ofMillis(600));
			}
			catch (IOException | InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		});
		waiting.start();
		Awaitility.await().until(() -> server.commands().llen(waiters) == 1);
		waiting.join();
		Awaitility.await().atMost(Duration.ofMillis(600)).until(() -> server.commands().llen(waiters) == 0);
		assertThat(holder).as("the holder of the lock").isNotDone();
		assertThat(holder.join().statusCode()).isEqualTo(200);
		assertThat(browser.get("/count")).isEqualTo("1");
	}

	@Test
	void disconnectedClient_releasesItsLock_andKeepsItsChanges() throws IOException, InterruptedException {
		Browser browser = node.browser();
		browser.get("/write?value=apple");
		String lock = "app:session:lock:{" + browserHandle(browser) + "}";
		browser.abort("/hold?millis=20000", Duration.ofMillis(400));
		Awaitility.await().until(() -> server.commands().exists(lock) == 0);
		browser.abort("/slow?value=late&millis=20000", Duration.ofMillis(400));
		Awaitility.await().untilAsserted(() -> assertThat(storedFields(browser)).contains("before"));
		assertThat(browser.get("/count")).isEqualTo("1");
	}

	private static List<String> storedFields(Browser browser) {
		return server.commands().hkeys("app:session:session:{" + browserHandle(browser) + "}");
	}

	@Test
	void unstorableValue_failsTheRequestOnce_andTheRestIsSaved() {
		Browser browser = node.browser();
		browser.get("/write?value=apple");
		assertThat(browser.response("/unstorable").statusCode()).isEqualTo(500);
		assertThat(browser.get("/read")).isEqualTo("apple");
		assertThat(storedFields(browser)).contains("kept");
	}

	@Test
	void passiveRequest_doesNotCountAsAnAccess() {
		Browser browser = node.browser();
		browser.get("/write?value=apple");
		String key = "app:session:session:{" + browserHandle(browser) + "}";
		server.commands().pexpire(key, 1_000_000);
		assertThat(browser.get("/poll")).isEqualTo("apple");
		assertThat(server.commands().pttl(key)).isLessThanOrEqualTo(1_000_000);
		assertThat(browser.get("/read")).isEqualTo("apple");
		assertThat(server.commands().pttl(key)).isGreaterThan(1_000_000);
	}

	@Test
	void clientOfASession_isRecorded() {
		Browser browser = node.browser();
		browser.get("/write?value=apple");
		assertThat(storedFields(browser)).anyMatch((field) -> field.contains("client"));
	}

	@Test
	void sessionEvents_arePublished() {
		Browser browser = node.browser();
		browser.get("/write?value=apple");
		String handle = browserHandle(browser);
		assertThat(node.bean(WebFluxTestApplication.Events.class).of(SessionCreatedEvent.class))
			.anyMatch((event) -> event.getSessionId().startsWith(handle));
		browser.get("/invalidate");
		Awaitility.await()
			.until(() -> node.bean(WebFluxTestApplication.Events.class)
				.of(SessionDeletedEvent.class)
				.stream()
				.anyMatch((event) -> event.getSessionId().startsWith(handle)));
	}

	@Test
	void idleSession_expires_andOneNodePublishesIt() {
		Browser browser = node.browser();
		browser.get("/write?value=apple");
		String handle = browserHandle(browser);
		String key = "app:session:session:{" + handle + "}";
		// The time to live encodes the last access: this one was long ago
		server.commands().pexpire(key, Duration.ofMinutes(5).minusSeconds(1).toMillis());
		server.keys()
			.stream()
			.filter((name) -> name.contains(":expiry:"))
			.filter((name) -> server.commands().zscore(name, handle) != null)
			.forEach((name) -> server.commands().zadd(name, 1, handle));
		Awaitility.await()
			.untilAsserted(() -> assertThat(List.of(node, other)
				.stream()
				.flatMap(
						(each) -> each.bean(WebFluxTestApplication.Events.class).of(SessionExpiredEvent.class).stream())
				.filter((event) -> event.getSessionId().startsWith(handle))).hasSize(1));
		assertThat(browser.get("/read")).isEqualTo("null");
		assertThat(browser.cookie()).isNull();
	}

	@Test
	void userWhoStaysSignedIn_hasAPersistentCookie_andALongTimeout() {
		Browser browser = node.browser();
		assertThat(Browser.setCookies(browser.post("/stay", Map.of()))).singleElement()
			.asString()
			.contains("Max-Age=2147483647");
		String key = "app:session:session:{" + browserHandle(browser) + "}";
		assertThat(server.commands().pttl(key)).isGreaterThan(Duration.ofDays(1).toMillis());
	}

	@Test
	void everyOperation_continuesOnTheEventLoopOfTheRequest() {
		Browser browser = node.browser();
		browser.get("/write?value=apple");
		String threads = browser.get("/threads");
		assertThat(threads).contains("find ", "save ", "change-id ", "handle ", "index ", "invalidate ")
			.doesNotContain("lettuce");
		assertThat(threads.substring(1).split(","))
			.allSatisfy((operation) -> assertThat(operation).contains("reactor-http"));
	}

	@Test
	void base64Cookie_isAccepted_andNotReplaced() {
		Browser browser = node.browser();
		browser.get("/write?value=apple");
		String encoded = java.util.Base64.getEncoder()
			.encodeToString(browser.cookie().getBytes(StandardCharsets.UTF_8));
		Browser servlet = node.browser().cookie(encoded);
		HttpResponse<String> response = servlet.response("/read");
		assertThat(response.body()).isEqualTo("apple");
		assertThat(Browser.setCookies(response)).isEmpty();
	}

	@Test
	void hostileCookies_findNothing() {
		for (String value : List.of("", "a", "A".repeat(59), "A".repeat(5000), "%00%0d%0a", "=", "{}*?[]", "é")) {
			HttpResponse<String> response = node.browser().cookie(value).response("/read");
			assertThat(response.statusCode()).as(value).isIn(200, 400, 413, 431);
			assertThat(response.body()).as(value).isIn("null", "");
		}
	}

}
