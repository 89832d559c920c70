package app.session.redis.benchmarks;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import app.session.redis.benchmarks.load.ClosedLoop;
import app.session.redis.benchmarks.load.LoadResult;
import app.session.redis.benchmarks.load.Requests;
import app.session.redis.benchmarks.report.Metric;
import app.session.redis.benchmarks.report.Results;
import app.session.redis.test.Monitor;

/**
 * Measures the cost of operators' queries: the endpoint, the health indicator and the
 * meters, with few and with many sessions.
 */
final class OperationsBenchmark {

	private static final int SESSIONS_OF_ONE = 1_000;

	/** The time after which cached meters are read from Redis again. */
	private static final Duration METERS_AGE = Duration.ofSeconds(6);

	private static final String SLOW_COUNT = "count of a tenant and a plan";

	private static final String SLOW_COUNTS = "sessions of each tenant";

	private static final Map<String, String> QUESTIONS = questions();

	private final Options options;

	private final Results results;

	OperationsBenchmark(Options options, Results results) {
		this.options = options;
		this.results = results;
	}

	private static Map<String, String> questions() {
		Map<String, String> questions = new LinkedHashMap<>();
		questions.put("overview", "/actuator/redissessions");
		questions.put("count", "/actuator/redissessions?count=true");
		questions.put("page of 50", "/actuator/redissessions?limit=50");
		questions.put("page of 1,000", "/actuator/redissessions?limit=1000");
		questions.put("count of a principal", "/actuator/redissessions?principal=operator&count=true");
		questions.put("page of 50 of a principal", "/actuator/redissessions?principal=operator");
		questions.put("page of 50 of a principal and a tenant", "/actuator/redissessions?principal=operator&tenant=0");
		questions.put("page of 50 of a tenant and a plan", "/actuator/redissessions?tenant=0&plan=0");
		questions.put(SLOW_COUNT, "/actuator/redissessions?tenant=0&plan=0&count=true");
		questions.put(SLOW_COUNTS, "/actuator/redissessions?counts=tenant");
		questions.put("one session", "/actuator/redissessions/{handle}");
		questions.put("health", "/actuator/health/redisSession");
		questions.put("gauge of live sessions", "/actuator/metrics/redis.session.live");
		return questions;
	}

	static String scenario(String question, int sessions) {
		return question + ", " + GrowthBenchmark.scenario(sessions);
	}

	void run() {
		this.results
			.note("Sessions of 8 attributes of 128 B, 1,000 of them of one principal. Half of them have each of two "
					+ "tenants, and half of these each of two plans. Queried over HTTP, one "
					+ "query at a time, including the JSON of the response.");
		this.results.note("Commands: as sent by the application. One script describes 50 sessions of a page; "
				+ "on a cluster, each session of a page takes one command. The gauge queries Redis at most "
				+ "once in five seconds; most of its latencies are those of a cached value.");
		for (int level : List.of(this.options.either(2_000, 1_200), this.options.either(100_000, 10_000))) {
			try (Node node = Node.operated()) {
				String fill = "/control/fill?attributes=8&size=128&indexed=true&count=";
				node.app().client().send("POST", fill + SESSIONS_OF_ONE + "&principal=operator");
				node.app().client().send("POST", fill + (level - SESSIONS_OF_ONE));
				String page = node.app().client().send("GET", "/actuator/redissessions?limit=1");
				String handle = page.replaceAll("(?s).*?\"handle\":\"([^\"]+)\".*", "$1");
				QUESTIONS.forEach(
						(question, path) -> measure(node, scenario(question, level), path.replace("{handle}", handle)));
			}
		}
	}

	private void measure(Node node, String scenario, String path) {
		Requests requests = Requests.get(path, List.of());
		boolean slow = scenario.startsWith(SLOW_COUNT) || scenario.startsWith(SLOW_COUNTS);
		int count = slow ? this.options.either(5, 1) : this.options.either(100, 10);
		ClosedLoop.count(node.port(), 1, count, requests).requireNoErrors(scenario);
		for (int round = 0; round < this.options.either(5, 2); round++) {
			LoadResult load = ClosedLoop.count(node.port(), 1, count, requests).requireNoErrors(scenario);
			this.results.add(scenario, node.store().id(), Metric.P50, load.micros(50));
			this.results.add(scenario, node.store().id(), Metric.P99, load.micros(99));
		}
		if (path.contains("/metrics/")) {
			// Otherwise, it returns a cached value
			CountsBenchmark.pause(METERS_AGE);
		}
		try (Monitor monitor = Monitor.of(node.redis())) {
			node.app().client().send("GET", path);
			this.results.add(scenario, node.store().id(), Metric.COMMANDS, monitor.allCommands().size());
		}
	}

}
