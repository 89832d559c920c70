package app.session.redis.webflux;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import app.session.redis.test.RedisServer;
import app.session.redis.test.TcpProxy;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests a reactive application while Redis hangs, is gone, or comes back.
 */
class WebFluxOutageITests {

	private static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(1);

	private static final Duration LIMIT = COMMAND_TIMEOUT.plusMillis(500);

	private final RedisServer server = RedisServer.start();

	private final TcpProxy proxy = TcpProxy.to(this.server);

	private WebFluxNode node;

	private Browser browser;

	@BeforeEach
	void start() {
		start("app.session.redis.on-unavailable=error");
	}

	private void start(String property) {
		if (this.node != null) {
			this.node.close();
		}
		this.node = WebFluxNode.start(this.proxy,
				"app.session.redis.command-timeout=" + COMMAND_TIMEOUT.toMillis() + "ms", property);
		this.browser = this.node.browser();
		this.browser.get("/write?value=apple");
		this.browser.get("/write?value=pear");
	}

	@AfterEach
	void stop() {
		this.proxy.forward();
		this.node.close();
		this.proxy.close();
		this.server.close();
	}

	private HttpResponse<String> timed(String path) {
		long start = System.nanoTime();
		HttpResponse<String> response = this.browser.response(path);
		assertThat(Duration.ofNanos(System.nanoTime() - start)).as(path).isLessThan(LIMIT);
		return response;
	}

	private void assertUnavailable(HttpResponse<String> response) {
		assertThat(response.statusCode()).isEqualTo(503);
		assertThat(response.headers().firstValue("Retry-After")).hasValue("1");
		assertThat(response.headers().firstValue("Content-Type").orElse("")).startsWith("text/plain");
		assertThat(response.body()).isEqualTo("Sessions are unavailable at the moment. Please try again.");
		assertThat(Browser.setCookies(response)).as("cookies of a client that keeps its own").isEmpty();
	}

	@Test
	void hangingRedis_isAnsweredWithinTheTimeout() {
		this.proxy.stopForwarding();
		assertUnavailable(timed("/read"));
		assertUnavailable(timed("/write?value=late"));
		assertUnavailable(timed("/ignore"));
		this.proxy.forward();
		Awaitility.await()
			.ignoreExceptions()
			.untilAsserted(() -> assertThat(this.browser.get("/read")).isEqualTo("pear"));
	}

	@Test
	void clientsWithoutASession_areServed() {
		this.proxy.stopForwarding();
		Browser stranger = this.node.browser();
		assertThat(stranger.get("/plain")).isEqualTo("plain");
		assertThat(stranger.get("/read")).isEqualTo("null");
		assertUnavailable(stranger.response("/write?value=apple"));
	}

	@Test
	void redisThatHangsBeforeTheSave_isAnsweredWith503() {
		CompletableFuture<HttpResponse<String>> slow = this.browser.begin("/slow?value=late&millis=500");
		Awaitility.await().pollDelay(Duration.ofMillis(200)).until(() -> true);
		long start = System.nanoTime();
		this.proxy.stopForwarding();
		assertUnavailable(slow.join());
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(LIMIT.plusMillis(500));
		this.proxy.forward();
		Awaitility.await()
			.ignoreExceptions()
			.untilAsserted(() -> assertThat(this.browser.get("/read")).isIn("pear", "late"));
	}

	@Test
	void redisThatIsKilledBeforeTheSave_isAnsweredWith503() {
		CompletableFuture<HttpResponse<String>> slow = this.browser.begin("/slow?value=late&millis=500");
		Awaitility.await().pollDelay(Duration.ofMillis(200)).until(() -> true);
		this.server.kill();
		assertUnavailable(slow.join());
		assertUnavailable(timed("/read"));
	}

	@Test
	void redisThatRefusesTheSave_isAnsweredWith503() {
		this.server.commands().configSet("maxmemory", "1");
		try {
			assertUnavailable(timed("/write?value=late"));
			assertThat(this.browser.get("/read")).isEqualTo("pear");
		}
		finally {
			this.server.commands().configSet("maxmemory", "0");
		}
	}

	@Test
	void redisThatComesBack_isUsedAgain() {
		this.server.kill();
		assertUnavailable(timed("/read"));
		assertUnavailable(this.browser.response("/private"));
		this.server.restart();
		Awaitility.await().untilAsserted(() -> {
			Browser stranger = this.node.browser();
			assertThat(stranger.get("/write?value=new")).isEqualTo("written");
			assertThat(stranger.get("/read")).isEqualTo("new");
		});
	}

	@Test
	void logInAndLogOutThatFail_areAnsweredWith503_andKeepTheCookie() {
		this.browser.logIn("anna");
		String cookie = this.browser.cookie();
		this.proxy.stopForwarding();
		assertUnavailable(timed("/user"));
		assertUnavailable(this.browser.post("/logout", Map.of()));
		assertUnavailable(this.node.browser().logIn("bert"));
		assertThat(this.browser.cookie()).isEqualTo(cookie);
		this.proxy.forward();
		Awaitility.await()
			.ignoreExceptions()
			.untilAsserted(() -> assertThat(this.browser.get("/user")).isEqualTo("anna"));
	}

	@Test
	void openCircuitBreaker_answersAtOnce_untilRedisReplies() {
		this.proxy.stopForwarding();
		for (int i = 0; i < 40; i++) {
			this.browser.begin("/read");
		}
		Awaitility.await().untilAsserted(() -> {
			long start = System.nanoTime();
			assertUnavailable(this.browser.response("/read"));
			assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(COMMAND_TIMEOUT.dividedBy(2));
		});
		this.proxy.forward();
		Awaitility.await()
			.ignoreExceptions()
			.untilAsserted(() -> assertThat(this.browser.get("/read")).isEqualTo("pear"));
	}

	@Test
	void anonymousMode_servesClientsWithoutTheirSession_andKeepsTheirCookie() {
		start("app.session.redis.on-unavailable=anonymous");
		String cookie = this.browser.cookie();
		this.proxy.stopForwarding();
		HttpResponse<String> response = timed("/read");
		assertThat(response.statusCode()).isEqualTo(200);
		assertThat(response.body()).isEqualTo("null");
		assertThat(Browser.setCookies(response)).isEmpty();
		assertThat(timed("/write?value=lost").statusCode()).isEqualTo(200);
		assertThat(this.browser.cookie()).isEqualTo(cookie);
		assertUnavailable(this.browser.logIn("anna"));
		assertUnavailable(this.browser.post("/logout", Map.of()));
		this.proxy.forward();
		Awaitility.await()
			.ignoreExceptions()
			.untilAsserted(() -> assertThat(this.browser.get("/read")).isEqualTo("pear"));
	}

	@Test
	void abortedRequests_doNotCountAsFailuresOfRedis() throws Exception {
		this.proxy.delay(Duration.ofMillis(300));
		for (int i = 0; i < 30; i++) {
			this.browser.abort("/write?value=" + i, Duration.ofMillis(20));
		}
		this.proxy.delay(Duration.ZERO);
		assertThat(this.browser.response("/read").statusCode()).isEqualTo(200);
	}

}
