package app.session.redis.benchmarks.report;

import java.util.Map;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

/**
 * What is aimed at: a number, or a ratio within one run.
 *
 * @param title what it is about
 * @param benchmark the benchmark that tells
 * @param measured the series that is judged
 * @param reference the series that it is divided by; null: none
 * @param atLeast whether the bound is the least; else it is the most
 * @param bound the bound
 */
record Target(String title, String benchmark, Key measured, @Nullable Key reference, boolean atLeast, double bound) {

	static Target atMost(double bound, String title, String benchmark, Key measured, @Nullable Key reference) {
		return new Target(title, benchmark, measured, reference, false, bound);
	}

	static Target atLeast(double bound, String title, String benchmark, Key measured, @Nullable Key reference) {
		return new Target(title, benchmark, measured, reference, true, bound);
	}

	/**
	 * Looks up what was measured.
	 * @param all the results by benchmark
	 * @return the number or the ratios, if there are results
	 */
	Optional<Spread> spread(Map<String, Results> all) {
		Results results = all.get(this.benchmark);
		if (results == null) {
			return Optional.empty();
		}
		Optional<Series> found = this.measured.in(results);
		if (this.reference == null) {
			return found.map(Series::spread);
		}
		Optional<Series> other = this.reference.in(results);
		return found.flatMap((series) -> other.map(series::over));
	}

	boolean isMetBy(Spread spread) {
		return this.atLeast ? spread.median() >= this.bound : spread.median() <= this.bound;
	}

	String bounds() {
		return (this.atLeast ? "≥ " : "≤ ") + Numbers.text(this.bound);
	}

	/**
	 * Names a series.
	 *
	 * @param scenario the scenario
	 * @param store the store
	 * @param metric what was measured
	 */
	record Key(String scenario, String store, Metric metric) {

		Optional<Series> in(Results results) {
			return results.find(this.scenario, this.store, this.metric);
		}

		Key at(String other) {
			return new Key(this.scenario, other, this.metric);
		}

	}

}
