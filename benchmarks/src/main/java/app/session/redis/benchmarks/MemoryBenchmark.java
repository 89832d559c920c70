package app.session.redis.benchmarks;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

import app.session.redis.benchmarks.report.Metric;
import app.session.redis.benchmarks.report.Results;

/**
 * Measures the memory of Redis that a session with a principal uses, including its index
 * entries and all other data that is stored for it.
 */
final class MemoryBenchmark {

	private static final List<int[]> SHAPES = List.of(new int[] { 8, 24 }, new int[] { 8, 128 },
			new int[] { 32, 1024 });

	private static final Duration SETTLE = Duration.ofMillis(300);

	private final Options options;

	private final Results results;

	MemoryBenchmark(Options options, Results results) {
		this.options = options;
		this.results = results;
	}

	void run() {
		int count = this.options.either(20_000, 2_000);
		this.results.note("Growth of used_memory by " + String.format(Locale.ROOT, "%,d", count)
				+ " sessions, each with its own principal, in a fresh Redis.");
		for (int[] shape : SHAPES) {
			for (Store store : Store.IN_REDIS) {
				try (Node node = Node.start(store)) {
					// scripts, connections and buffers exist after these
					fill(node, 100, shape);
					node.redis().flushAll();
					long before = settled(node);
					fill(node, count, shape);
					this.results.add(CountsBenchmark.shape(shape[0], shape[1]), store.id(), Metric.MEMORY,
							(double) (settled(node) - before) / count);
				}
			}
		}
	}

	private static void fill(Node node, int count, int[] shape) {
		node.app()
			.client()
			.send("POST", "/control/fill?count=" + count + "&attributes=" + shape[0] + "&size=" + shape[1]
					+ "&principal=user-*");
	}

	/** Waits while Redis shrinks buffers and rehashes tables in the background. */
	private static long settled(Node node) {
		long last = 0;
		for (int i = 0; i < 20; i++) {
			CountsBenchmark.pause(SETTLE);
			long now = node.stats().usedMemory();
			if (i > 5 && Math.abs(now - last) < 4096) {
				return now;
			}
			last = now;
		}
		return last;
	}

}
