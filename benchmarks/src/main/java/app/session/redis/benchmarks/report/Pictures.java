package app.session.redis.benchmarks.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Draws the charts of the report.
 */
final class Pictures {

	private static final Map<String, List<Metric>> BARS = Map.of("http", List.of(Metric.THROUGHPUT), "counts",
			List.of(Metric.BYTES_SENT, Metric.REDIS_CPU, Metric.ALLOCATION), "delay", List.of(Metric.P50), "tail",
			List.of(Metric.P99), "memory", List.of(Metric.MEMORY), "reactive", List.of(Metric.THROUGHPUT));

	private static final List<Metric> LINES = List.of(Metric.REDIS_CPU, Metric.P50);

	private Pictures() {
	}

	static List<String> namesOf(String benchmark, Results results) {
		return List.copyOf(of(Map.of(benchmark, results)).keySet());
	}

	static Map<String, String> of(Map<String, Results> all) {
		Map<String, String> pictures = new LinkedHashMap<>();
		all.forEach((benchmark, results) -> {
			for (Metric metric : BARS.getOrDefault(benchmark, List.of())) {
				if (results.metrics().contains(metric)) {
					pictures.put(benchmark + "-" + metric.id(), bars(results, metric));
				}
			}
			if (benchmark.equals("growth")) {
				for (Metric metric : LINES) {
					if (results.metrics().contains(metric)) {
						pictures.put(benchmark + "-" + metric.id(), lines(results, metric));
					}
				}
			}
		});
		return pictures;
	}

	private static String bars(Results results, Metric metric) {
		Chart chart = new Chart(metric.unit(), new ArrayList<>(results.stores(metric)));
		for (String scenario : results.scenarios(metric)) {
			if (!scenario.endsWith(", ping")) {
				Map<String, Spread> group = new LinkedHashMap<>();
				results.series()
					.stream()
					.filter((series) -> series.metric() == metric && series.scenario().equals(scenario))
					.forEach((series) -> group.put(series.store(), series.spread()));
				chart.group(scenario, group);
			}
		}
		return chart.bars();
	}

	private static String lines(Results results, Metric metric) {
		Map<String, Map<String, Spread>> groups = new LinkedHashMap<>();
		List<String> stores = new ArrayList<>();
		for (Series series : results.series()) {
			// only levels, each of which is a number of sessions
			if (series.metric() == metric && series.scenario().matches("[\\d,]+ sessions")) {
				groups.computeIfAbsent(series.scenario(), (scenario) -> new LinkedHashMap<>())
					.put(series.store(), series.spread());
				if (!stores.contains(series.store())) {
					stores.add(series.store());
				}
			}
		}
		Chart chart = new Chart(metric.unit(), stores);
		groups.forEach((scenario, group) -> chart.group(scenario.toLowerCase(Locale.ROOT), group));
		return chart.lines();
	}

}
