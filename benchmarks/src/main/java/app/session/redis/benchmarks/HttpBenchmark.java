package app.session.redis.benchmarks;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import app.session.redis.benchmarks.load.ClosedLoop;
import app.session.redis.benchmarks.load.LoadResult;
import app.session.redis.benchmarks.load.LoginCycle;
import app.session.redis.benchmarks.load.Requests;
import app.session.redis.benchmarks.load.Wrk;
import app.session.redis.benchmarks.report.Metric;
import app.session.redis.benchmarks.report.Results;

/**
 * How many requests per second an application serves, with the machine full.
 */
final class HttpBenchmark {

	static final int CONNECTIONS = 16;

	/** So many that connections seldom meet in one session. */
	static final int SESSIONS = 64;

	/**
	 * After as many the throughput rises no more: the JVM compiles anew what it sees
	 * under load, and not all of that at once.
	 */
	private static final int WARM_UP_ROUNDS = 5;

	static final String READ = "read 8×128 B";

	private final Options options;

	private final Results results;

	private final boolean wrk = Wrk.isInstalled();

	HttpBenchmark(Options options, Results results) {
		this.options = options;
		this.results = results;
	}

	void run() {
		this.results.note(this.wrk ? "Load made by wrk (1 thread, 16 connections, 64 sessions); log-in cycles in Java."
				: Wrk.ADVICE);
		this.results.note("A log-in cycle is three requests: a new session of 8×128 B, log-in, log-out.");
		try (Nodes nodes = Nodes.start(List.of(Store.values()))) {
			scenario(nodes, READ, 8, 128, (node) -> true, "GET", "/read");
			scenario(nodes, "read 32×1 KB", 32, 1024, (node) -> true, "GET", "/read");
			scenario(nodes, "write 8×128 B", 8, 128, HttpBenchmark::hasSessions, "POST", "/write?size=128");
			measure(nodes, "log-in cycle", HttpBenchmark::hasSessions,
					(node, duration) -> LoginCycle.during(node.port(), CONNECTIONS, duration));
		}
		Path virtualJdk = Options.virtualJdk();
		if (virtualJdk == null) {
			this.results.note("Virtual threads left out: BENCHMARK_JDK_VIRTUAL names no JDK of version 21 or later.");
			return;
		}
		try (Nodes nodes = Nodes.start(List.of(Store.values()), false, virtualJdk)) {
			scenario(nodes, READ + ", virtual threads", 8, 128, (node) -> true, "GET", "/read");
		}
	}

	private static boolean hasSessions(Node node) {
		return Store.SESSIONS.contains(node.store());
	}

	private void scenario(Nodes nodes, String name, int attributes, int size, Choice choice, String method,
			String path) {
		Map<Store, Requests> requests = new LinkedHashMap<>();
		for (Node node : nodes) {
			if (choice.takes(node)) {
				requests.put(node.store(),
						new Requests(method, path, node.app().client().sessions(SESSIONS, attributes, size)));
			}
		}
		measure(nodes, name, choice, (node, duration) -> {
			Requests own = requests.getOrDefault(node.store(), Requests.get("/nosession", List.of()));
			if (node.store() == Store.NONE) {
				own = Requests.get("/nosession", List.of());
			}
			return this.wrk ? Wrk.during(node.port(), CONNECTIONS, duration, own)
					: ClosedLoop.during(node.port(), CONNECTIONS, duration, own);
		});
	}

	private void measure(Nodes nodes, String scenario, Choice choice, Load load) {
		int warmUp = this.options.either(WARM_UP_ROUNDS, 1);
		for (int round = 0; round < warmUp + this.options.either(5, 2); round++) {
			for (Node node : nodes) {
				if (choice.takes(node)) {
					LoadResult result = load.make(node, this.options.seconds(4, 1))
						.requireNoErrors(scenario + ", " + node.store());
					if (round >= warmUp) {
						this.results.add(scenario, node.store().id(), Metric.THROUGHPUT, result.perSecond());
					}
				}
			}
		}
	}

	/** Which nodes take part. */
	@FunctionalInterface
	private interface Choice {

		boolean takes(Node node);

	}

	/** What load is made. */
	@FunctionalInterface
	private interface Load {

		LoadResult make(Node node, Duration duration);

	}

}
