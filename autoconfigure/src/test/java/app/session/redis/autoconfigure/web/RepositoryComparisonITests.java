package app.session.redis.autoconfigure.web;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import app.session.redis.test.Monitor;
import app.session.redis.test.RedisServer;
import app.session.redis.test.RequestCosts;
import app.session.redis.test.RequestCosts.Cost;
import app.session.redis.test.TcpProxy;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Prints the table of the README: the cost of requests with this repository and with
 * Spring Session's two repositories.
 */
class RepositoryComparisonITests {

	private static final String UNKNOWN = "cookie that matches no session";

	@Test
	void requestsWaitForFewerRoundTripsThanWithTheRepositoriesOfSpringSession() {
		Map<String, Map<String, Cost>> all = new LinkedHashMap<>();
		try (RedisServer server = RedisServer.start();
				TcpProxy proxy = TcpProxy.to(server);
				Monitor monitor = Monitor.of(server)) {
			for (String type : List.of("default", "indexed", "atomic")) {
				server.flushAll();
				RequestCosts costs = new RequestCosts(monitor, List.of(proxy), type.equals("atomic") ? 2 : 1);
				try (WebNode node = WebNode.start(proxy, "app.session.redis.repository-type=" + type,
						"app.session.redis.collector.enabled=false")) {
					all.put(type, costs(type, new CountedRequests(node, costs)));
				}
			}
		}
		Map<String, Cost> ours = all.get("atomic");
		System.out.println(table(all));
		assertThat(ours.values()).extracting(Cost::roundTrips).containsExactly(1, 2, 1, 2, 2, 2, 1, 0);
		for (String type : List.of("default", "indexed")) {
			all.get(type)
				.forEach((request, cost) -> assertThat(ours.get(request).roundTrips()).as(request + ", " + type)
					.isLessThanOrEqualTo(cost.roundTrips()));
		}
	}

	private static Map<String, Cost> costs(String type, CountedRequests requests) {
		Map<String, Cost> costs = new LinkedHashMap<>();
		costs.put("read-only", requests.readOnly());
		costs.put("one changed attribute", requests.changedAttribute());
		costs.put("first request of a new session with a principal", requests.newSessionWithPrincipal());
		costs.put("log in, with change of id and principal", requests.logIn());
		costs.put("log out", requests.logOut());
		if (!type.equals("default")) {
			costs.put("find by principal, 5 sessions", requests.findByPrincipal(5));
		}
		costs.put(UNKNOWN,
				requests.cookie(type.equals("atomic") ? "A".repeat(59) : "5f3c9df8-6d0a-4a52-8a4f-0f6b0a1f5a11"));
		costs.put("cookie that can't be an id", requests.cookie("no such id!"));
		return costs;
	}

	private static String table(Map<String, Map<String, Cost>> all) {
		StringBuilder table = new StringBuilder("""

				| commands, round trips | Spring Session default | Spring Session indexed | ours |
				|---|---|---|---|
				""");
		for (String request : all.get("atomic").keySet()) {
			table.append("| ").append(request);
			for (Map<String, Cost> costs : all.values()) {
				Cost cost = costs.get(request);
				table.append(" | ").append((cost != null) ? cost.count() + ", " + cost.roundTrips() : "not offered");
			}
			table.append(" |\n");
		}
		return table.toString();
	}

}
