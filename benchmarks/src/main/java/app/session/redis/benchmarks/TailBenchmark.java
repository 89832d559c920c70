package app.session.redis.benchmarks;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

import app.session.redis.benchmarks.load.ClosedLoop;
import app.session.redis.benchmarks.load.LoadResult;
import app.session.redis.benchmarks.load.OpenLoop;
import app.session.redis.benchmarks.load.Requests;
import app.session.redis.benchmarks.report.Metric;
import app.session.redis.benchmarks.report.Results;

/**
 * Measures the latency of requests at a constant rate: half of the maximum rate of Spring
 * Session's default repository, which every store can serve.
 */
final class TailBenchmark {

	static final String SCENARIO = "read 8×128 B, constant rate";

	private final Options options;

	private final Results results;

	TailBenchmark(Options options, Results results) {
		this.options = options;
		this.results = results;
	}

	void servlet() {
		run(() -> Nodes.start(Store.SESSIONS));
	}

	void reactive() {
		run(() -> Nodes.reactive(Store.SESSIONS, false));
	}

	private void run(Supplier<Nodes> starter) {
		this.results.note(
				"Constant rate: requests are due at a constant rate, whether or not earlier requests were answered, over 64"
						+ " connections; latency is measured from the time when a request was due.");
		this.results.note("Each application is started " + starts() + " times. 'starts' is the range of the medians of "
				+ "the starts.");
		double rate = 0;
		for (int start = 1; start <= starts(); start++) {
			try (Nodes nodes = starter.get()) {
				rate = run(start, rate, nodes);
			}
		}
		this.results.add(SCENARIO, "all", Metric.RATE, rate);
	}

	private int starts() {
		return this.options.either(HttpBenchmark.STARTS, 1);
	}

	/**
	 * Runs all rounds of a start.
	 * @param start the number of the start
	 * @param previousRate the rate of the previous starts; zero to determine it
	 * @param nodes the applications
	 * @return the rate
	 */
	private double run(int start, double previousRate, Nodes nodes) {
		Map<Store, Requests> requests = new LinkedHashMap<>();
		double most = 0;
		for (Node node : nodes) {
			Requests own = Requests.get("/read", node.app().client().sessions(HttpBenchmark.SESSIONS, 8, 128));
			requests.put(node.store(), own);
			WarmUp.first(this.options).run((duration) -> closed(node, own, duration));
			double throughput = closed(node, own, this.options.seconds(5, 1));
			if (node.store() == Store.SPRING_DEFAULT) {
				most = throughput;
			}
		}
		double rate = (previousRate > 0) ? previousRate : Math.floor(most / 2);
		for (int round = 0; round < this.options.either(2, 1); round++) {
			for (Node node : nodes) {
				LoadResult result = OpenLoop
					.during(node.port(), rate, this.options.seconds(10, 3),
							requests.getOrDefault(node.store(), Requests.get("/read", List.of())))
					.requireNoErrors(SCENARIO + ", " + node.store());
				add(start, node.store(), result);
			}
		}
		return rate;
	}

	private static double closed(Node node, Requests requests, Duration duration) {
		return ClosedLoop.during(node.port(), HttpBenchmark.CONNECTIONS, duration, requests)
			.requireNoErrors(SCENARIO + ", " + node.store())
			.perSecond();
	}

	private void add(int start, Store store, LoadResult result) {
		this.results.add(start, SCENARIO, store.id(), Metric.P50, result.micros(50));
		this.results.add(start, SCENARIO, store.id(), Metric.P90, result.micros(90));
		this.results.add(start, SCENARIO, store.id(), Metric.P99, result.micros(99));
		this.results.add(start, SCENARIO, store.id(), Metric.P999, result.micros(99.9));
	}

}
