package app.session.redis.webflux;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import app.session.redis.engine.SessionEngine;
import app.session.redis.test.Monitor;
import app.session.redis.test.RedisServer;
import app.session.redis.test.RequestCosts;
import app.session.redis.test.RequestCosts.Cost;
import app.session.redis.test.TcpProxy;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests a reactive application on two nodes whose GET requests trust copies.
 */
class WebFluxTrustITests {

	private static RedisServer server;

	private static TcpProxy proxy;

	private static Monitor monitor;

	private static WebFluxNode node;

	private static WebFluxNode other;

	@BeforeAll
	static void start() {
		server = RedisServer.start();
		proxy = TcpProxy.to(server);
		monitor = Monitor.of(server);
		node = WebFluxNode.start(proxy, "app.session.redis.collector.enabled=false",
				"app.session.redis.near-cache.max-age=10s");
		other = WebFluxNode.start(server, "app.session.redis.collector.enabled=false",
				"app.session.redis.near-cache.max-age=10s");
		await().until(() -> isTrusting(node) && isTrusting(other));
	}

	@AfterAll
	static void stop() {
		node.close();
		other.close();
		monitor.close();
		proxy.close();
		server.close();
	}

	private static boolean isTrusting(WebFluxNode node) {
		return node.bean(SessionEngine.class).statistics().isNearCacheTrusted();
	}

	private static Browser trusted() {
		Browser browser = node.browser();
		browser.get("/write?value=apple");
		for (int i = 0; i < 3; i++) {
			browser.get("/read");
		}
		return browser;
	}

	@Test
	void getRequestsCostNothing() {
		Cost cost = new RequestCosts(monitor, List.of(proxy), 2).of(WebFluxTrustITests::trusted,
				(browser) -> assertThat(browser.get("/read")).isEqualTo("apple"));
		assertThat(cost.count()).as(cost.toString()).isZero();
	}

	@Test
	void handshakeOfAWebSocketCostsItsLookup() {
		Cost cost = new RequestCosts(monitor, List.of(proxy), 2).of(WebFluxTrustITests::trusted,
				(browser) -> assertThat(handshake(browser)).startsWith("HTTP/1.1 "));
		assertThat(cost.count()).as(cost.toString()).isOne();
	}

	/** Sends a request by hand, because an HTTP client refuses these headers. */
	private static String handshake(Browser browser) {
		try (Socket socket = new Socket("localhost", node.port())) {
			socket.setSoTimeout(10_000);
			socket.getOutputStream()
				.write(("GET /read HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nCookie: "
						+ Browser.SESSION_COOKIE + "=" + browser.cookie() + "\r\n\r\n")
					.getBytes(StandardCharsets.US_ASCII));
			return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
				.readLine();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Test
	void changeAndLogOutOnTheOtherNode_areSeenSoon() {
		Browser browser = trusted();
		browser.logIn("anna");
		browser.get("/user");
		assertThat(browser.get("/user")).isEqualTo("anna");
		Browser elsewhere = browser.at(other);
		elsewhere.get("/write?value=pear");
		await().atMost(Duration.ofSeconds(3)).untilAsserted(() -> assertThat(browser.get("/read")).isEqualTo("pear"));
		browser.get("/user");
		elsewhere.post("/logout", Map.of());
		await().atMost(Duration.ofSeconds(3)).untilAsserted(() -> assertThat(browser.get("/user")).isEqualTo("nobody"));
	}

}
