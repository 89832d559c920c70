package app.session.redis.benchmarks.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The samples of one store in one scenario, one for each round.
 *
 * @param scenario the scenario
 * @param store the name of the store, or of another subject that was compared
 * @param metric the measured quantity
 * @param samples the samples in the order of the rounds
 * @param starts for each sample, the number of the start of the application; empty if it
 * was started once
 */
public record Series(String scenario, String store, Metric metric, List<Double> samples, List<Integer> starts) {

	/** Accepts files without starts. */
	public Series {
		starts = Objects.requireNonNullElseGet(starts, ArrayList::new);
	}

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

	/**
	 * Returns how much the starts of the application differ: code is compiled in another
	 * way each time.
	 * @return the spread of the medians of the starts, if there are several
	 */
	public Optional<Spread> betweenStarts() {
		Map<Integer, List<Double>> byStart = new TreeMap<>();
		for (int i = 0; i < this.starts.size(); i++) {
			byStart.computeIfAbsent(this.starts.get(i), (start) -> new ArrayList<>()).add(this.samples.get(i));
		}
		return (byStart.size() > 1)
				? Optional.of(Spread.of(byStart.values().stream().map((each) -> Spread.of(each).median()).toList()))
				: Optional.empty();
	}

}
