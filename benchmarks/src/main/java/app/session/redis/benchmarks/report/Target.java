package app.session.redis.benchmarks.report;

import java.util.Map;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

/**
 * A target: a number, or a ratio within one run.
 *
 * @param title the description
 * @param benchmark the benchmark that measures it
 * @param measured the measured series
 * @param reference the series by which it is divided, or null
 * @param atLeast whether the bound is a minimum rather than a maximum
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
	 * Returns the measured value.
	 * @param all the results by benchmark
	 * @return the number or the ratio, or an empty result if there are no measurements
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

	/** Returns when the measurement that decides was made. */
	String date(Map<String, Results> all) {
		Results results = all.get(this.benchmark);
		return (results != null) ? results.date() : "";
	}

	boolean isMetBy(Spread spread) {
		return this.atLeast ? spread.median() >= this.bound : spread.median() <= this.bound;
	}

	String bounds() {
		return (this.atLeast ? "≥ " : "≤ ") + Numbers.text(this.bound);
	}

	/**
	 * The key of a series.
	 *
	 * @param scenario the scenario
	 * @param store the store
	 * @param metric the measured quantity
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
