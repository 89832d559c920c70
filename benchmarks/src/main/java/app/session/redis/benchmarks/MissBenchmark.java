package app.session.redis.benchmarks;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import app.session.redis.benchmarks.load.Requests;
import app.session.redis.benchmarks.report.Metric;
import app.session.redis.benchmarks.report.Results;

/**
 * Measures reads of sessions that are not in the near cache, and the same reads with an
 * earlier build of this project: what a request costs that looks for a copy, finds none,
 * and keeps one that is evicted before it is used.
 */
final class MissBenchmark {

	private final Options options;

	private final Results results;

	MissBenchmark(Options options, Results results) {
		this.options = options;
		this.results = results;
	}

	void run() {
		if (Options.previousClassPath() == null) {
			this.results.note("Not measured: BENCHMARK_PREVIOUS names no checkout of an earlier commit in which "
					+ "'benchmarks/run report' was run.");
			return;
		}
		HttpBenchmark http = new HttpBenchmark(this.options, this.results);
		http.note("20,000 sessions of 8×128 B, 2,000 of 32×1 KB");
		this.results.note("'redis-session-missing' has near-cache.max-size=1MB, a few percent of the sessions; "
				+ "'redis-session-previous' is the commit before the near cache.");
		this.results.note("Redis CPU: 16 connections, including what Redis uses without requests.");
		this.results.note("Each application is started " + http.starts() + " times. 'starts' is the range of the "
				+ "medians of the starts.");
		for (int start = 1; start <= http.starts(); start++) {
			try (Nodes nodes = Nodes.start(Store.WITHOUT_COPIES)) {
				run(http, start, nodes, 8, 128, this.options.either(20_000, 2_000));
				run(http, start, nodes, 32, 1024, this.options.either(2_000, 200));
			}
		}
	}

	private void run(HttpBenchmark http, int start, Nodes nodes, int attributes, int size, int sessions) {
		String scenario = "read " + CountsBenchmark.shape(attributes, size) + ", no copy";
		Map<Store, Requests> requests = new LinkedHashMap<>();
		for (Node node : nodes) {
			List<String> cookies = node.app().client().sessions(sessions, attributes, size);
			requests.put(node.store(), Requests.get("/read", cookies));
		}
		http.measure(start, nodes, scenario, requests);
		for (int round = 0; round < this.options.either(3, 2); round++) {
			for (Node node : nodes) {
				Requests own = Objects.requireNonNull(requests.get(node.store()));
				this.results.add(start, scenario, node.store().id(), Metric.REDIS_CPU,
						CountsBenchmark.cpu(node, own, this.options.either(20_000, 2_000), 0));
			}
		}
	}

}
