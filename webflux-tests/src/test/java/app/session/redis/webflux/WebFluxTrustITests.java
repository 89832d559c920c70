package app.session.redis.webflux;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import app.session.redis.test.Monitor;
import app.session.redis.test.RedisServer;
import app.session.redis.test.RequestCosts;
import app.session.redis.test.RequestCosts.Cost;
import app.session.redis.test.TcpProxy;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests a reactive application on two nodes whose GET requests trust copies.
 */
@Tag("alone")
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
		await().until(() -> server.commands().pubsubNumsub("app:session:changes").get("app:session:changes") == 2);
	}

	@AfterAll
	static void stop() {
		node.close();
		other.close();
		monitor.close();
		proxy.close();
		server.close();
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
