package app.session.redis.benchmarks;

import java.util.List;

import app.session.redis.benchmarks.report.Results;

/**
 * Measures the throughput and the costs of reactive applications, on Reactor Netty, as
 * {@link HttpBenchmark} and {@link CountsBenchmark} measure servlet applications.
 */
final class ReactiveBenchmark {

	/** The bytes that a computing handler hashes: about 100 µs. */
	static final int DIGESTED = 150_000;

	static final String COMPUTING = HttpBenchmark.READ + ", computing";

	private static final List<Store> ALL = List.of(Store.REDIS_SESSION, Store.SPRING_DEFAULT, Store.SPRING_INDEXED,
			Store.MEMORY, Store.HGETALL, Store.NONE);

	private final Options options;

	private final Results results;

	ReactiveBenchmark(Options options, Results results) {
		this.options = options;
		this.results = results;
	}

	void run() {
		throughput();
		counts();
	}

	private void throughput() {
		HttpBenchmark http = new HttpBenchmark(this.options, this.results);
		http.note(HttpBenchmark.SESSIONS + " sessions");
		this.results.note("Computing: the handler hashes " + DIGESTED + " bytes with SHA-256, about 100 µs.");
		this.results.note("Each application is started " + http.starts() + " times. 'starts' is the range of the "
				+ "medians of the starts.");
		for (int start = 1; start <= http.starts(); start++) {
			try (Nodes nodes = Nodes.reactive(ALL, false)) {
				http.scenario(start, nodes, HttpBenchmark.READ, 8, 128, (node) -> true, "GET", "/read");
				http.scenario(start, nodes, "write 8×128 B", 8, 128, HttpBenchmark::isCompared, "POST",
						"/write?size=128");
				http.scenario(start, nodes, COMPUTING, 8, 128, (node) -> node.store() != Store.NONE, "GET",
						"/read?digest=" + DIGESTED);
			}
		}
	}

	private void counts() {
		CountsBenchmark counts = new CountsBenchmark(this.options, this.results);
		counts.note();
		try (Nodes nodes = Nodes.reactive(Store.IN_REDIS, false)) {
			for (Node node : nodes) {
				counts.deterministic(node, 8, 128);
			}
			counts.cpu(nodes, 8, 128, "");
		}
		try (Nodes nodes = Nodes.reactive(Store.SESSIONS, false)) {
			counts.allocation(nodes, 8, 128);
		}
	}

}
