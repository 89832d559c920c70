package app.session.redis.autoconfigure.web;

import java.io.IOException;
import java.io.UncheckedIOException;
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
 * Tests a servlet application on two nodes whose GET requests trust copies.
 */
class BoundedTrustWebITests {

	private static RedisServer server;

	private static TcpProxy proxy;

	private static Monitor monitor;

	private static WebNode node;

	private static WebNode other;

	@BeforeAll
	static void start() {
		server = RedisServer.start();
		proxy = TcpProxy.to(server);
		monitor = Monitor.of(server);
		node = WebNode.start(proxy, "app.session.redis.collector.enabled=false",
				"app.session.redis.near-cache.max-age=10s");
		other = WebNode.start(server, "app.session.redis.collector.enabled=false",
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

	private static boolean isTrusting(WebNode node) {
		return node.context().getBean(SessionEngine.class).statistics().isNearCacheTrusted();
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
		Cost cost = new RequestCosts(monitor, List.of(proxy), 2).of(BoundedTrustWebITests::trusted,
				(browser) -> assertThat(browser.get("/read").body()).isEqualTo("apple null"));
		assertThat(cost.count()).as(cost.toString()).isZero();
	}

	@Test
	void otherMethodsCostTheirLookup() {
		Cost cost = new RequestCosts(monitor, List.of(proxy), 2).of(BoundedTrustWebITests::trusted,
				(browser) -> assertThat(browser.post("/read", Map.of()).statusCode()).isIn(403, 405));
		assertThat(cost.count()).as(cost.toString()).isPositive();
	}

	@Test
	void handshakeOfAWebSocketCostsItsLookup() {
		Cost cost = new RequestCosts(monitor, List.of(proxy), 2).of(BoundedTrustWebITests::trusted,
				(browser) -> assertThat(handshake(browser)).startsWith("HTTP/1.1 "));
		assertThat(cost.count()).as(cost.toString()).isOne();
	}

	private static String handshake(Browser browser) {
		try {
			return browser.getWithRawCookie("/read",
					(browser.cookieHeader() + "\r\nUpgrade: websocket\r\nConnection: Upgrade")
						.getBytes(StandardCharsets.US_ASCII));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Test
	void changeAndLogOutOnTheOtherNode_areSeenSoon() {
		Browser browser = trusted();
		Browser elsewhere = other.browser().sessionId(browser.sessionId());
		elsewhere.get("/write?value=pear");
		await().atMost(Duration.ofSeconds(3))
			.untilAsserted(() -> assertThat(browser.get("/read").body()).isEqualTo("pear null"));
		browser.get("/read");
		elsewhere.logOut();
		await().atMost(Duration.ofSeconds(3))
			.untilAsserted(() -> assertThat(browser.get("/read").body()).isEqualTo("none"));
	}

}
