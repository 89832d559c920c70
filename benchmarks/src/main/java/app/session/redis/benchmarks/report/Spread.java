package app.session.redis.benchmarks.report;

import java.util.List;

/**
 * A summary of samples.
 *
 * @param median the median
 * @param min the minimum
 * @param max the maximum
 */
public record Spread(double median, double min, double max) {

	/**
	 * Summarizes samples.
	 * @param samples the samples, at least one
	 * @return the summary
	 */
	public static Spread of(List<Double> samples) {
		if (samples.isEmpty()) {
			throw new IllegalArgumentException("No samples");
		}
		List<Double> sorted = samples.stream().sorted().toList();
		int size = sorted.size();
		double median = (size % 2 == 1) ? sorted.get(size / 2) : (sorted.get(size / 2 - 1) + sorted.get(size / 2)) / 2;
		return new Spread(median, sorted.get(0), sorted.get(size - 1));
	}

	@Override
	public String toString() {
		String middle = Numbers.text(this.median);
		String range = Numbers.text(this.min) + "–" + Numbers.text(this.max);
		return (range.equals(middle + "–" + middle)) ? middle : middle + " (" + range + ")";
	}

}
