package app.session.redis.benchmarks.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The results of one benchmark, as stored in a file.
 *
 * @param benchmark the benchmark
 * @param date the date of the run
 * @param quick whether it was run as a smoke test
 * @param environment the machine and the versions
 * @param notes what readers of the results have to know
 * @param series the samples
 */
public record Results(String benchmark, String date, boolean quick, Map<String, String> environment, List<String> notes,
		List<Series> series) {

	private static final JsonMapper MAPPER = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

	/**
	 * Creates results without samples.
	 * @param benchmark the benchmark
	 * @param quick whether it is run as a smoke test
	 * @param environment the machine and the versions
	 * @return empty results
	 */
	public static Results of(String benchmark, boolean quick, Map<String, String> environment) {
		return new Results(benchmark, environment.getOrDefault("date", ""), quick, new LinkedHashMap<>(environment),
				new ArrayList<>(), new ArrayList<>());
	}

	/**
	 * Reads results.
	 * @param file the file
	 * @return the results
	 */
	public static Results read(Path file) {
		return MAPPER.readValue(file.toFile(), Results.class);
	}

	/**
	 * Writes the results.
	 * @param file the file
	 */
	public void write(Path file) {
		try {
			Path directory = file.toAbsolutePath().getParent();
			if (directory != null) {
				Files.createDirectories(directory);
			}
			Files.writeString(file, MAPPER.writeValueAsString(this).replace("\r\n", "\n") + "\n");
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot write " + file, ex);
		}
	}

	/**
	 * Adds the sample of the next round.
	 * @param scenario the scenario
	 * @param store the store
	 * @param metric the measured quantity
	 * @param value the sample
	 */
	public void add(String scenario, String store, Metric metric, double value) {
		series(scenario, store, metric).samples().add(rounded(value));
		print(scenario, store, metric, value);
	}

	/**
	 * Adds the sample of the next round of an application that is started several times.
	 * @param start the number of the start
	 * @param scenario the scenario
	 * @param store the store
	 * @param metric the measured quantity
	 * @param value the sample
	 */
	public void add(int start, String scenario, String store, Metric metric, double value) {
		Series series = series(scenario, store, metric);
		series.samples().add(rounded(value));
		series.starts().add(start);
		print(scenario, store, metric, value);
	}

	private Series series(String scenario, String store, Metric metric) {
		return find(scenario, store, metric).orElseGet(() -> {
			Series added = new Series(scenario, store, metric, new ArrayList<>(), new ArrayList<>());
			this.series.add(added);
			return added;
		});
	}

	private static double rounded(double value) {
		return Math.round(value * 1000) / 1000.0;
	}

	private void print(String scenario, String store, Metric metric, double value) {
		System.out.printf("%-8s %-28s %-16s %-14s %,.2f%n", this.benchmark, scenario, store, metric.id(), value);
	}

	/**
	 * Adds a note.
	 * @param note what readers of the results have to know
	 */
	public void note(String note) {
		this.notes.add(note);
	}

	/**
	 * Finds a series.
	 * @param scenario the scenario
	 * @param store the store
	 * @param metric the measured quantity
	 * @return the series, if there is one
	 */
	public Optional<Series> find(String scenario, String store, Metric metric) {
		return this.series.stream()
			.filter((each) -> each.scenario().equals(scenario) && each.store().equals(store) && each.metric() == metric)
			.findFirst();
	}

	Set<Metric> metrics() {
		Set<Metric> metrics = new LinkedHashSet<>();
		this.series.forEach((each) -> metrics.add(each.metric()));
		return metrics;
	}

	Set<String> scenarios(Metric metric) {
		Set<String> scenarios = new LinkedHashSet<>();
		this.series.stream()
			.filter((each) -> each.metric() == metric)
			.forEach((each) -> scenarios.add(each.scenario()));
		return scenarios;
	}

	Set<String> stores(Metric metric) {
		Set<String> stores = new LinkedHashSet<>();
		this.series.stream().filter((each) -> each.metric() == metric).forEach((each) -> stores.add(each.store()));
		return stores;
	}

}
