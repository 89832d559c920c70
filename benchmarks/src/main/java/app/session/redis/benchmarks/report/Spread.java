package app.session.redis.benchmarks.report;

import java.util.List;

/**
 * A few samples in short.
 *
 * @param median the one in the middle
 * @param min the least
 * @param max the most
 */
public record Spread(double median, double min, double max) {

	/**
	 * Sums samples up.
	 * @param samples at least one
	 * @return their spread
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
