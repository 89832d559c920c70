package app.session.redis.autoconfigure.web;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

import app.session.redis.test.Monitor;
import app.session.redis.test.RedisServer;
import app.session.redis.test.RequestCosts;
import app.session.redis.test.RequestCosts.Cost;
import app.session.redis.test.TcpProxy;
import io.lettuce.core.api.sync.RedisCommands;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests the cost of requests on one server, through the whole filter chain, with the
 * response flushed inside it.
 */
class RequestCostsITests {

	private static RedisServer server;

	private static TcpProxy proxy;

	private static Monitor monitor;

	private static WebNode node;

	private static CountedRequests requests;

	@BeforeAll
	static void start() {
		server = RedisServer.start();
		proxy = TcpProxy.to(server);
		monitor = Monitor.of(server);
		node = WebNode.start(proxy, "app.session.redis.collector.enabled=false");
		requests = new CountedRequests(node, new RequestCosts(monitor, List.of(proxy), 2));
	}

	@AfterAll
	static void stop() {
		node.close();
		monitor.close();
		proxy.close();
		server.close();
	}

	@Test
	void readOnlyRequestCostsOneCommandInOneRoundTrip() {
		assertCost(requests.readOnly(), 1, 1);
	}

	@Test
	void changedAttributeCostsTwoCommandsInTwoRoundTrips() {
		assertCost(requests.changedAttribute(), 2, 2);
	}

	@Test
	void changeInPlaceCostsTwoCommandsInTwoRoundTrips() {
		assertCost(requests.changeInPlace(), 2, 2);
	}

	@Test
	void newSessionCostsOneRoundTrip() {
		assertThat(requests.newSession()).extracting(Cost::roundTrips).isEqualTo(1);
	}

	@Test
	void newSessionWithPrincipalCostsOneRoundTrip() {
		assertThat(requests.newSessionWithPrincipal()).extracting(Cost::roundTrips).isEqualTo(1);
	}

	@Test
	void logInWithChangeOfIdAndPrincipalCostsTwoRoundTrips() {
		assertThat(requests.logIn()).extracting(Cost::roundTrips).isEqualTo(2);
	}

	@Test
	void logOutCostsTwoRoundTrips() {
		assertThat(requests.logOut()).extracting(Cost::roundTrips).isEqualTo(2);
	}

	@Test
	void findByPrincipalCostsTwoRoundTrips() {
		assertThat(requests.findByPrincipal(5)).extracting(Cost::roundTrips).isEqualTo(2);
	}

	@Test
	void requestWithoutCookieCostsNothing() {
		assertCost(requests.noCookie(), 0, 0);
	}

	@Test
	void cookieThatCannotBeAnIdCostsNothing() {
		assertCost(requests.cookie("no such id!"), 0, 0);
	}

	@Test
	void cookieOfNoSessionCostsOneRoundTrip() {
		assertCost(requests.cookie("A".repeat(59)), 1, 1);
	}

	@Test
	void forwardCostsNoMoreThanOneDispatch() {
		assertCost(requests.get("/forward", "new [apple]"), 1, 1);
		assertCost(requests.get("/forward-to-write", "forwarded"), 2, 2);
	}

	@Test
	void includeCostsNoMoreThanOneDispatch() {
		assertCost(requests.get("/include", "new [apple]"), 1, 1);
		assertCost(requests.get("/include-then-write", "new"), 2, 2);
	}

	@Test
	void errorPageCostsNothingOfItsOwn() {
		assertCost(requests.get("/error-dispatch", "error page 418 for new"), 1, 1);
		assertCost(requests.get("/write-then-error", "error page 418 for before the error"), 2, 2);
	}

	@Test
	void asynchronousDispatchCostsNothingOfItsOwn() {
		assertCost(requests.get("/callable", "new"), 1, 1);
	}

	@Test
	void changesWhileStreamingCostOneReadAndAtMostTwoSaves() {
		// what was set may be saved when the answer is flushed; what was changed in place
		// is saved at the end
		Cost cost = requests.get("/streaming", "first last");
		assertThat(cost.commands()).as(cost.toString()).hasSizeBetween(2, 3);
		assertThat(cost.roundTrips()).as(cost.toString()).isBetween(2, 3);
	}

	@Test
	void limitsCostARoundTripOnlyWhereAPlaceIsReserved() {
		try (WebNode limited = WebNode.start(proxy, "app.session.redis.collector.enabled=false",
				"app.session.redis.limits.per-principal=1000", "app.session.redis.limits.total=10000")) {
			CountedRequests requests = new CountedRequests(limited, new RequestCosts(monitor, List.of(proxy), 2));
			assertCost(requests.readOnly(), 1, 1);
			assertCost(requests.changedAttribute(), 2, 2);
			assertThat(requests.logOut()).extracting(Cost::roundTrips).isEqualTo(2);
			assertThat(requests.newSession()).extracting(Cost::roundTrips).isEqualTo(2);
			assertThat(requests.newSessionWithPrincipal()).extracting(Cost::roundTrips).isEqualTo(3);
			assertThat(requests.logIn()).as("asked for before the log-in succeeds, and by the save")
				.extracting(Cost::roundTrips)
				.isEqualTo(4);
		}
	}

	@Test
	void burstOnOneSessionMakesNoKeyGrow() {
		Browser browser = requests.withSession();
		browser.logIn("anna");
		browser.get("/write?value=before");
		Map<String, Long> before = sizes();
		monitor.reset();
		for (int i = 0; i < 100; i++) {
			assertThat(browser.get("/read").statusCode()).isEqualTo(200);
		}
		assertThat(RequestCosts.ofRequests(monitor.commands())).hasSize(100);
		assertThat(sizes()).isEqualTo(before);
		for (int i = 0; i < 100; i++) {
			browser.get("/write?value=" + "%06d".formatted(i));
		}
		Map<String, Long> after = sizes();
		assertThat(after.keySet()).isEqualTo(before.keySet());
		assertThat(after).isEqualTo(before);
	}

	private static void assertCost(Cost cost, int commands, int roundTrips) {
		assertThat(cost.commands()).as(cost.toString()).hasSize(commands);
		assertThat(cost.roundTrips()).as(cost.toString()).isEqualTo(roundTrips);
	}

	/** Returns the number of members or fields of each key. */
	private static Map<String, Long> sizes() {
		RedisCommands<String, String> redis = server.commands();
		Map<String, ToLongFunction<String>> sizes = Map.of("hash", redis::hlen, "zset", redis::zcard, "string",
				redis::strlen);
		return server.keys()
			.stream()
			.collect(Collectors.toMap((key) -> key, (key) -> sizes.get(redis.type(key)).applyAsLong(key), (a, b) -> a,
					TreeMap::new));
	}

}
