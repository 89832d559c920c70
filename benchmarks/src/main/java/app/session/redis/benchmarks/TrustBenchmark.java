package app.session.redis.benchmarks;

import java.util.List;

import app.session.redis.benchmarks.report.Results;

/**
 * Measures requests that trust a copy of their session for a second, so that nearly all
 * of them send nothing to Redis.
 */
final class TrustBenchmark {

	private final Options options;

	private final Results results;

	TrustBenchmark(Options options, Results results) {
		this.options = options;
		this.results = results;
	}

	void run() {
		HttpBenchmark http = new HttpBenchmark(this.options, this.results);
		http.note(HttpBenchmark.SESSIONS + " sessions");
		this.results.note("'redis-session-trusted' has near-cache.max-age=1s.");
		this.results.note("Each application is started " + http.starts() + " times. 'starts' is the range of the "
				+ "medians of the starts.");
		for (int start = 1; start <= http.starts(); start++) {
			try (Nodes nodes = Nodes.start(List.of(Store.TRUSTED, Store.REDIS_SESSION, Store.MEMORY, Store.NONE))) {
				http.scenario(start, nodes, HttpBenchmark.READ, 8, 128, (node) -> true, "GET", "/read");
				http.scenario(start, nodes, "write 8×128 B", 8, 128, (node) -> node.store() != Store.NONE, "POST",
						"/write?size=128");
			}
		}
		try (Nodes nodes = Nodes.start(List.of(Store.TRUSTED, Store.REDIS_SESSION), true, null)) {
			new DelayBenchmark(this.options, this.results).run(nodes);
		}
	}

}
