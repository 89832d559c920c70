package app.session.redis.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

import app.session.redis.benchmarks.report.Report;
import app.session.redis.benchmarks.report.Results;

/**
 * Runs benchmarks by name, writes the results of each to a file, and generates the
 * report.
 */
public final class Benchmarks {

	private static final String REPORT = "report";

	private static final Map<String, BiConsumer<Options, Results>> ALL = all();

	private Benchmarks() {
	}

	private static Map<String, BiConsumer<Options, Results>> all() {
		Map<String, BiConsumer<Options, Results>> all = new LinkedHashMap<>();
		all.put("counts", (options, results) -> new CountsBenchmark(options, results).run());
		all.put("http", (options, results) -> new HttpBenchmark(options, results).run());
		all.put("delay", (options, results) -> new DelayBenchmark(options, results).servlet());
		all.put("tail", (options, results) -> new TailBenchmark(options, results).servlet());
		all.put("reactive", (options, results) -> new ReactiveBenchmark(options, results).run());
		all.put("reactive-delay", (options, results) -> new DelayBenchmark(options, results).reactive());
		all.put("reactive-tail", (options, results) -> new TailBenchmark(options, results).reactive());
		all.put("trust", (options, results) -> new TrustBenchmark(options, results).run());
		all.put("miss", (options, results) -> new MissBenchmark(options, results).run());
		all.put("memory", (options, results) -> new MemoryBenchmark(options, results).run());
		all.put("growth", (options, results) -> new GrowthBenchmark(options, results).run());
		all.put("operations", (options, results) -> new OperationsBenchmark(options, results).run());
		all.put("jmh", (options, results) -> new JmhBenchmarks(options, results).run());
		return all;
	}

	/**
	 * Runs benchmarks.
	 * @param args {@code --quick} and names; without names, all benchmarks and the report
	 * run
	 */
	public static void main(String[] args) {
		Options options = Options.parse(args);
		List<String> what = new ArrayList<>(options.what());
		if (what.isEmpty()) {
			what.addAll(ALL.keySet());
			what.add(REPORT);
		}
		for (String name : what) {
			if (!name.equals(REPORT) && !ALL.containsKey(name)) {
				System.err.println("No benchmark " + name + ". There are " + String.join(", ", ALL.keySet()) + " and "
						+ REPORT + ".");
				System.exit(2);
			}
		}
		what.forEach((name) -> run(name, options));
		// Lettuce's threads would keep the JVM running
		System.exit(0);
	}

	private static void run(String name, Options options) {
		BiConsumer<Options, Results> benchmark = ALL.get(name);
		if (benchmark == null) {
			Report.write(options.results(), options.docs());
			return;
		}
		Results results = Results.of(name, options.quick(), Environment.describe());
		try {
			benchmark.accept(options, results);
		}
		catch (RuntimeException ex) {
			write(results, options.results().resolve(name + "-incomplete.json"));
			throw ex;
		}
		write(results, options.results().resolve(name + ".json"));
	}

	private static void write(Results results, Path file) {
		results.write(file);
		System.out.println("Written: " + file);
	}

}
