package app.session.redis.benchmarks.report;

import java.util.ArrayList;
import java.util.List;

/**
 * What one store gave in one scenario, one sample for each round.
 *
 * @param scenario the scenario
 * @param store the store's name, or whatever else was compared
 * @param metric what was measured
 * @param samples the samples in the order of the rounds
 */
public record Series(String scenario, String store, Metric metric, List<Double> samples) {

	/**
	 * The median.
	 * @return the median and range of the samples
	 */
	public Spread spread() {
		return Spread.of(this.samples);
	}

	/**
	 * The ratios to another series, round by round: what disturbs a round disturbs both.
	 * @param other the other one
	 * @return median and range of the ratios
	 */
	public Spread over(Series other) {
		int rounds = Math.min(this.samples.size(), other.samples.size());
		List<Double> ratios = new ArrayList<>();
		for (int i = 0; i < rounds; i++) {
			ratios.add(this.samples.get(i) / other.samples.get(i));
		}
		return Spread.of(ratios);
	}

}
