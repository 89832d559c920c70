package app.session.redis.benchmarks.report;

import java.util.ArrayList;
import java.util.List;

/**
 * The samples of one store in one scenario, one for each round.
 *
 * @param scenario the scenario
 * @param store the name of the store, or of another subject that was compared
 * @param metric the measured quantity
 * @param samples the samples in the order of the rounds
 */
public record Series(String scenario, String store, Metric metric, List<Double> samples) {

	/**
	 * Returns the median.
	 * @return the median and range of the samples
	 */
	public Spread spread() {
		return Spread.of(this.samples);
	}

	/**
	 * Returns the ratios to another series, calculated within each round, because a
	 * disturbance in a round affects both series.
	 * @param other the other series
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
