package app.session.redis.benchmarks;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * The benchmarks to run, and their options.
 *
 * @param quick whether to run a smoke test, whose results are not meaningful
 * @param results the directory of the results
 * @param docs the directory of the report
 * @param what the names of the benchmarks
 */
record Options(boolean quick, Path results, Path docs, List<String> what) {

	private static final String RESULTS = "--results=";

	private static final String DOCS = "--docs=";

	static Options parse(String... args) {
		boolean quick = false;
		Path results = Path.of("benchmarks", "results");
		Path docs = Path.of("docs");
		List<String> what = new ArrayList<>();
		for (String arg : args) {
			if (arg.equals("--quick")) {
				quick = true;
			}
			else if (arg.startsWith(RESULTS)) {
				results = Path.of(arg.substring(RESULTS.length()));
			}
			else if (arg.startsWith(DOCS)) {
				docs = Path.of(arg.substring(DOCS.length()));
			}
			else {
				what.add(arg);
			}
		}
		return new Options(quick, results, docs, List.copyOf(what));
	}

	/**
	 * Returns the value for a measurement, or the value for a smoke test.
	 * @param full the value for a measurement
	 * @param reduced the value for a smoke test
	 * @return one of the values
	 */
	int either(int full, int reduced) {
		return this.quick ? reduced : full;
	}

	Duration seconds(int full, int reduced) {
		return Duration.ofSeconds(either(full, reduced));
	}

	/**
	 * Returns the class path of an earlier build.
	 * @return the class path of its benchmarks, or null if none is configured
	 */
	static @Nullable String previousClassPath() {
		String directory = System.getenv("BENCHMARK_PREVIOUS");
		if (directory == null || directory.isBlank()) {
			return null;
		}
		Path target = Path.of(directory, "benchmarks", "target").toAbsolutePath();
		try {
			return target.resolve("classes") + File.pathSeparator + Files.readString(target.resolve("classpath"));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(
					"BENCHMARK_PREVIOUS names no directory in which benchmarks/run was run: " + directory, ex);
		}
	}

	/**
	 * Returns a JDK of version 21 or later, for virtual threads.
	 * @return its directory, or null if none is configured
	 */
	static @Nullable Path virtualJdk() {
		String home = System.getenv("BENCHMARK_JDK_VIRTUAL");
		return (home != null && !home.isBlank()) ? Path.of(home) : null;
	}

}
