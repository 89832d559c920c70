package app.session.redis.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import app.session.redis.benchmarks.load.ClosedLoop;
import app.session.redis.benchmarks.load.LoadResult;
import app.session.redis.benchmarks.load.Requests;
import app.session.redis.benchmarks.report.Metric;
import app.session.redis.benchmarks.report.Results;
import app.session.redis.test.Monitor;

/**
 * Measures whether a request costs more when there are more sessions. Each level has its
 * own node. All nodes run at the same time, so that they can be measured alternately.
 */
final class GrowthBenchmark {

	private static final int FILL_STEP = 50_000;

	private static final List<Integer> FOUND = List.of(1, 10, 100);

	private final Options options;

	private final Results results;

	GrowthBenchmark(Options options, Results results) {
		this.options = options;
		this.results = results;
	}

	static String scenario(int sessions) {
		return String.format(Locale.ROOT, "%,d sessions", sessions);
	}

	void run() {
		List<Integer> levels = this.options.quick() ? List.of(1_000, 10_000) : List.of(1_000, 100_000, 1_000_000);
		this.results.note("Sessions have one attribute of 24 B; only the sessions to be found have a principal.");
		this.results.note("Lookups are timed inside the application, one at a time. Idle: no requests, while "
				+ "the collector continues to search for expired sessions.");
		for (Store store : Store.IN_REDIS) {
			// Spring Session's indexed repository is measured only for lookups
			List<Integer> own = (store != Store.SPRING_INDEXED) ? levels : levels.subList(0, 1);
			Map<Integer, Node> nodes = new LinkedHashMap<>();
			try {
				for (int level : own) {
					Node node = Node.start(store);
					nodes.put(level, node);
					fill(node, level);
				}
				if (store != Store.SPRING_INDEXED) {
					requests(nodes);
				}
				nodes.forEach(this::idle);
				if (store != Store.SPRING_DEFAULT) {
					nodes.forEach(this::find);
				}
			}
			finally {
				nodes.values().forEach(Node::close);
			}
		}
	}

	private static void fill(Node node, int count) {
		for (int left = count; left > 0; left -= FILL_STEP) {
			node.app().client().send("POST", "/control/fill?attributes=1&size=24&count=" + Math.min(left, FILL_STEP));
		}
	}

	private void requests(Map<Integer, Node> nodes) {
		Map<Integer, Requests> requests = new LinkedHashMap<>();
		nodes.forEach((level, node) -> requests.put(level,
				Requests.get("/read", node.app().client().sessions(HttpBenchmark.SESSIONS, 1, 24))));
		int count = this.options.either(20_000, 2_000);
		for (int round = -1; round < this.options.either(5, 2); round++) {
			for (Map.Entry<Integer, Node> entry : nodes.entrySet()) {
				Node node = entry.getValue();
				Requests own = requests.getOrDefault(entry.getKey(), Requests.get("/read", List.of()));
				RedisStats before = node.stats();
				LoadResult load = ClosedLoop.count(node.port(), HttpBenchmark.CONNECTIONS, count, own)
					.requireNoErrors("growth");
				double cpu = node.stats().since(before).cpuSeconds() * 1e6 / count;
				double latency = ClosedLoop.count(node.port(), 1, count / 10, own).requireNoErrors("growth").micros(50);
				if (round >= 0) {
					String scenario = scenario(entry.getKey());
					this.results.add(scenario, node.store().id(), Metric.REDIS_CPU, cpu);
					this.results.add(scenario, node.store().id(), Metric.THROUGHPUT, load.perSecond());
					this.results.add(scenario, node.store().id(), Metric.P50, latency);
				}
			}
		}
	}

	private void idle(int level, Node node) {
		Duration window = this.options.seconds(10, 2);
		RedisStats before = node.stats();
		CountsBenchmark.pause(window);
		double cpu = node.stats().since(before).cpuSeconds();
		this.results.add(scenario(level), node.store().id(), Metric.IDLE_CPU, cpu * 1e3 / window.toSeconds());
		// in a separate window, because MONITOR also costs CPU time in Redis
		try (Monitor monitor = Monitor.of(node.redis())) {
			CountsBenchmark.pause(window);
			this.results.add(scenario(level), node.store().id(), Metric.IDLE_COMMANDS,
					(double) monitor.commands().size() / window.toSeconds());
		}
	}

	private void find(int level, Node node) {
		int times = this.options.either(500, 50);
		for (int count : FOUND) {
			String scenario = "find " + count + " of " + scenario(level);
			String path = "/control/find?principal=found-" + count + "&times=";
			node.app()
				.client()
				.send("POST", "/control/fill?attributes=1&size=24&principal=found-" + count + "&count=" + count);
			node.app().client().send("GET", path + times);
			List<String> answer = new ArrayList<>(
					List.of(node.app().client().send("GET", path + times).split(" ", -1)));
			if (Integer.parseInt(answer.get(0)) != count) {
				throw new IllegalStateException(scenario + ": found " + answer.get(0));
			}
			this.results.add(scenario, node.store().id(), Metric.P50, Double.parseDouble(answer.get(1)) / 1000);
			try (Monitor monitor = Monitor.of(node.redis())) {
				node.app().client().send("GET", path + 20);
				this.results.add(scenario, node.store().id(), Metric.COMMANDS,
						Math.floor(monitor.commands().size() / 20.0));
			}
		}
	}

}
