package app.session.redis.benchmarks;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What to run, and for how long.
 *
 * @param quick whether only to see that all works; such results say nothing about speed
 * @param results where results are kept
 * @param docs where the report goes
 * @param what the benchmarks by name
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
	 * Chooses between what a measurement takes and what is enough to see it work.
	 * @param full for a measurement
	 * @param reduced for a look
	 * @return one of them
	 */
	int either(int full, int reduced) {
		return this.quick ? reduced : full;
	}

	Duration seconds(int full, int reduced) {
		return Duration.ofSeconds(either(full, reduced));
	}

	/**
	 * A JDK of version 21 or later, for virtual threads.
	 * @return its directory, or null if none was given
	 */
	static @Nullable Path virtualJdk() {
		String home = System.getenv("BENCHMARK_JDK_VIRTUAL");
		return (home != null && !home.isBlank()) ? Path.of(home) : null;
	}

}
