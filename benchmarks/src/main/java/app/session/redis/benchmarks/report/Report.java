package app.session.redis.benchmarks.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Generates {@code docs/performance.md} from the results and from the text in the
 * resource {@code performance.md} of this module.
 */
public final class Report {

	private static final String OURS = "redis-session";

	private static final String REACTIVE = "reactive";

	private static final List<String> BENCHMARKS = List.of("counts", "http", "delay", "tail", REACTIVE,
			REACTIVE + "-delay", REACTIVE + "-tail", "trust", "miss", "memory", "growth", "operations", "jmh");

	/** The stores that are not compared, because they store no sessions. */
	private static final List<String> FLOORS = List.of("hgetall", "none", "all", "redis-session-uncached",
			"redis-session-trusted", "redis-session-missing", "redis-session-previous");

	private final Map<String, Results> all;

	Report(Map<String, Results> all) {
		this.all = all;
	}

	/**
	 * Writes the report and its charts.
	 * @param results the directory of the results
	 * @param docs the directory of the report
	 */
	public static void write(Path results, Path docs) {
		Map<String, Results> all = new LinkedHashMap<>();
		for (String benchmark : BENCHMARKS) {
			Path file = results.resolve(benchmark + ".json");
			if (Files.exists(file)) {
				all.put(benchmark, Results.read(file));
			}
		}
		Report report = new Report(all);
		try {
			Files.createDirectories(docs.resolve("performance"));
			for (Map.Entry<String, String> picture : Pictures.of(all).entrySet()) {
				Files.writeString(docs.resolve("performance").resolve(picture.getKey() + ".svg"), picture.getValue());
			}
			Files.writeString(docs.resolve("performance.md"), report.page(template()));
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot write the report", ex);
		}
	}

	private static String template() throws IOException {
		try (InputStream in = Report.class.getResourceAsStream("performance.md")) {
			if (in == null) {
				throw new IOException("The text of the report is missing");
			}
			return new String(in.readAllBytes(), StandardCharsets.UTF_8);
		}
	}

	String page(String template) {
		String page = template.replace("{{warning}}", warning())
			.replace("{{environment}}", environment())
			.replace("{{targets}}", targets())
			.replace("{{ahead}}", ahead());
		for (String benchmark : BENCHMARKS) {
			page = page.replace("{{" + benchmark + "}}", section(benchmark));
		}
		return page.replaceAll("\n{3,}", "\n\n").stripTrailing() + "\n";
	}

	private String warning() {
		return this.all.values().stream().anyMatch(Results::quick)
				? "**Run with `--quick`, as a smoke test: these numbers are not meaningful.**" : "";
	}

	private String environment() {
		StringBuilder table = new StringBuilder("| | |\n| --- | --- |\n");
		this.all.values()
			.stream()
			.findFirst()
			.ifPresent((results) -> results.environment()
				.forEach((name, value) -> table.append("| " + name + " | " + value + " |\n")));
		return table.toString();
	}

	private String targets() {
		StringBuilder table = new StringBuilder(
				"| | target | measured | met | on |\n| --- | --- | --- | --- | --- |\n");
		for (Target target : Targets.list()) {
			Optional<Spread> spread = target.spread(this.all);
			String measured = spread.map(Spread::toString).orElse("not measured");
			String met = spread.map((found) -> target.isMetBy(found) ? "yes" : "**no**").orElse("–");
			table.append("| " + target.title() + " | " + target.bounds() + " | " + measured + " | " + met + " | "
					+ spread.map((found) -> target.date(this.all)).orElse("–") + " |\n");
		}
		return table.toString();
	}

	/** Lists where another store is better according to the results. */
	private String ahead() {
		StringBuilder table = new StringBuilder("| | store | redis-session | the other |\n| --- | --- | --- | --- |\n");
		int before = table.length();
		this.all.forEach((benchmark, results) -> results.series().forEach((series) -> {
			if (FLOORS.contains(series.store()) || series.scenario().endsWith(", ping")) {
				return;
			}
			results.find(series.scenario(), OURS, series.metric()).ifPresent((ours) -> {
				Metric metric = series.metric();
				double own = ours.spread().median();
				double other = series.spread().median();
				if (metric.isMoreBetter() ? other > own * 1.02 : other < own * 0.98 - 0.01) {
					String kind = benchmark.startsWith(REACTIVE) ? "reactive, " : "";
					table.append("| " + kind + series.scenario() + ", " + metric.unit() + " | " + series.store() + " | "
							+ Numbers.text(own) + " | " + Numbers.text(other) + " |\n");
				}
			});
		}));
		return (table.length() > before) ? table.toString() : "Nowhere in these results.";
	}

	private String section(String benchmark) {
		Results results = this.all.get(benchmark);
		if (results == null) {
			return "Not measured.";
		}
		StringBuilder section = new StringBuilder("```\nbenchmarks/run " + benchmark + "\n```\n\n");
		section.append("- Measured on " + results.date() + " with " + String.join(", ", versions(results.environment()))
				+ ".\n");
		results.notes().forEach((note) -> section.append("- " + note + "\n"));
		section.append('\n');
		for (Metric metric : results.metrics()) {
			section.append("**" + metric.unit() + "**\n\n" + table(results, metric) + "\n");
		}
		for (String picture : Pictures.namesOf(benchmark, results)) {
			section.append("![" + picture + "](performance/" + picture + ".svg)\n\n");
		}
		return section.toString();
	}

	private static List<String> versions(Map<String, String> environment) {
		return Stream.of("Spring Boot", "Spring Session", "Redis")
			.map((name) -> name + " " + environment.getOrDefault(name.toLowerCase(Locale.ROOT), "?"))
			.toList();
	}

	private static String table(Results results, Metric metric) {
		List<String> stores = new ArrayList<>(results.stores(metric));
		StringBuilder table = new StringBuilder(
				"| | " + String.join(" | ", stores) + " |\n|" + " --- |".repeat(stores.size() + 1) + "\n");
		for (String scenario : results.scenarios(metric)) {
			table.append("| " + scenario);
			Optional<Series> ours = results.find(scenario, OURS, metric);
			for (String store : stores) {
				table.append(
						" | " + results.find(scenario, store, metric).map((series) -> cell(series, ours)).orElse("–"));
			}
			table.append(" |\n");
		}
		return table.toString();
	}

	/**
	 * Returns a median with its range and that of the medians of the starts, and for
	 * other stores also the ratio of this project's median to it.
	 */
	private static String cell(Series series, Optional<Series> ours) {
		String text = series.spread() + series.betweenStarts()
			.map((starts) -> "<br>starts " + Numbers.text(starts.min()) + "–" + Numbers.text(starts.max()))
			.orElse("");
		if (series.store().equals(OURS) || ours.isEmpty() || series.spread().median() == 0) {
			return text;
		}
		return text + "<br>ratio " + ours.get().over(series);
	}

}
