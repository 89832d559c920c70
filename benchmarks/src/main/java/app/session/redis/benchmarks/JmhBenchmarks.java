package app.session.redis.benchmarks;

import app.session.redis.benchmarks.report.Metric;
import app.session.redis.benchmarks.report.Results;
import app.session.redis.codec.ValueCodecBenchmark;
import app.session.redis.observation.StoreObservationsBenchmark;
import app.session.redis.session.StoredSessionBenchmark;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Measures the cost of the parts that run in the application for each request, without
 * Redis.
 */
final class JmhBenchmarks {

	private final Options options;

	private final Results results;

	JmhBenchmarks(Options options, Results results) {
		this.options = options;
		this.results = results;
	}

	void run() {
		var jmh = new OptionsBuilder().include(ValueCodecBenchmark.class.getName())
			.include(StoredSessionBenchmark.class.getName())
			.include(StoreObservationsBenchmark.class.getName())
			.addProfiler(GCProfiler.class)
			.forks(this.options.either(3, 1))
			.warmupIterations(this.options.either(5, 1))
			.warmupTime(time(1000, 200))
			.measurementIterations(this.options.either(5, 1))
			.measurementTime(time(1000, 200))
			.shouldFailOnError(true)
			.build();
		try {
			for (RunResult result : new Runner(jmh).run()) {
				add(result);
			}
		}
		catch (RunnerException ex) {
			throw new IllegalStateException("JMH failed", ex);
		}
	}

	private TimeValue time(int full, int reduced) {
		return TimeValue.milliseconds(this.options.either(full, reduced));
	}

	private void add(RunResult result) {
		String name = result.getParams().getBenchmark();
		String scenario = name.substring(name.lastIndexOf('.', name.lastIndexOf('.') - 1) + 1);
		result.getBenchmarkResults()
			.forEach((fork) -> this.results.add(scenario, "redis-session", Metric.TIME,
					fork.getPrimaryResult().getScore()));
		Result<?> garbage = result.getSecondaryResults().get("gc.alloc.rate.norm");
		if (garbage != null) {
			this.results.add(scenario, "redis-session", Metric.GARBAGE, garbage.getScore());
		}
	}

}
