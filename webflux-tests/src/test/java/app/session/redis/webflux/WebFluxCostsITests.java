package app.session.redis.webflux;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;

import app.session.redis.test.Monitor;
import app.session.redis.test.RedisServer;
import app.session.redis.test.RequestCosts;
import app.session.redis.test.RequestCosts.Cost;
import app.session.redis.test.TcpProxy;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests the cost of requests through the whole chain of a reactive application, with
 * Spring Security.
 */
class WebFluxCostsITests {

	private static RedisServer server;

	private static TcpProxy proxy;

	private static Monitor monitor;

	private static WebFluxNode node;

	private static RequestCosts costs;

	@BeforeAll
	static void start() {
		server = RedisServer.start();
		proxy = TcpProxy.to(server);
		monitor = Monitor.of(server);
		node = WebFluxNode.start(proxy, "app.session.redis.collector.enabled=false");
		costs = new RequestCosts(monitor, List.of(proxy), 2);
	}

	@AfterAll
	static void stop() {
		node.close();
		monitor.close();
		proxy.close();
		server.close();
	}

	private static Browser withSession() {
		Browser browser = node.browser();
		browser.get("/write?value=apple");
		return browser;
	}

	private static Browser loggedIn() {
		Browser browser = withSession();
		browser.logIn("anna");
		assertThat(browser.get("/user")).isEqualTo("anna");
		return browser;
	}

	private static void assertCost(Supplier<Browser> preparation, Consumer<Browser> request, int commands,
			int roundTrips) {
		Cost cost = costs.of(preparation, request);
		assertThat(cost.roundTrips()).as(cost.toString()).isEqualTo(roundTrips);
		if (commands >= 0) {
			assertThat(cost.count()).as(cost.toString()).isEqualTo(commands);
		}
	}

	@Test
	void readCostsOneCommandInOneRoundTrip() {
		assertCost(WebFluxCostsITests::withSession, (browser) -> assertThat(browser.get("/read")).isEqualTo("apple"), 1,
				1);
	}

	@Test
	void writeCostsTwoCommandsInTwoRoundTrips() {
		AtomicInteger value = new AtomicInteger();
		assertCost(WebFluxCostsITests::withSession,
				(browser) -> assertThat(browser.get("/write?value=" + value.incrementAndGet())).isEqualTo("written"), 2,
				2);
	}

	@Test
	void newSessionCostsOneRoundTrip() {
		assertCost(node::browser, (browser) -> assertThat(browser.get("/write?value=a")).isEqualTo("written"), -1, 1);
	}

	@Test
	void logInCostsTwoRoundTrips() {
		assertCost(WebFluxCostsITests::withSession, (browser) -> {
			String before = browser.cookie();
			assertThat(browser.logIn("anna").statusCode()).isEqualTo(302);
			assertThat(browser.cookie()).isNotEqualTo(before);
		}, -1, 2);
	}

	@Test
	void logOutCostsTwoRoundTrips() {
		assertCost(WebFluxCostsITests::loggedIn, (browser) -> {
			assertThat(browser.post("/logout", java.util.Map.of()).statusCode()).isEqualTo(302);
			assertThat(browser.cookie()).isNull();
		}, -1, 2);
	}

	@Test
	void requestWithoutCookieCostsNothing() {
		assertCost(node::browser, (browser) -> assertThat(browser.get("/read")).isEqualTo("null"), 0, 0);
	}

	@Test
	void impossibleCookieCostsNothing() {
		assertCost(() -> node.browser().cookie("impossible"),
				(browser) -> assertThat(browser.get("/read")).isEqualTo("null"), 0, 0);
	}

	@Test
	void cookieOfNoSessionCostsOneRoundTrip() {
		assertCost(() -> node.browser().cookie("A".repeat(59)),
				(browser) -> assertThat(browser.get("/read")).isEqualTo("null"), 1, 1);
	}

}
