package app.session.redis.benchmarks.load;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * The load generator {@code wrk}, which uses fewer resources than a load generator in
 * Java.
 */
public final class Wrk {

	/** The advice if {@code wrk} is not installed. */
	public static final String ADVICE = "wrk is not on the PATH (Debian and Ubuntu: apt-get install wrk;"
			+ " macOS: brew install wrk): the load is generated in Java, which leaves fewer resources for the "
			+ "application";

	private static final Pattern RESULT = Pattern.compile("RESULT (\\d+) (\\d+) (\\d+) (\\d+)");

	private static final String SCRIPT = """
			local cookies = { %s }
			local requests = {}
			local next = 0
			init = function(args)
				for i, cookie in ipairs(cookies) do
					requests[i] = wrk.format("%s", "%s", { ["Cookie"] = cookie }, "")
				end
			end
			request = function()
				next = next %% #requests + 1
				return requests[next]
			end
			done = function(summary, latency, requests)
				local e = summary.errors
				io.write(string.format("RESULT %%d %%d %%d %%d\\n", summary.requests, summary.duration, e.status,
					e.connect + e.read + e.write + e.timeout))
			end
			""";

	private Wrk() {
	}

	/**
	 * Returns whether {@code wrk} is installed.
	 * @return true if it is on the {@code PATH}
	 */
	public static boolean isInstalled() {
		return find() != null;
	}

	private static @Nullable Path find() {
		String path = System.getenv("PATH");
		for (String directory : ((path != null) ? path : "").split(Pattern.quote(File.pathSeparator), -1)) {
			Path candidate = Path.of(directory, "wrk");
			if (!directory.isEmpty() && Files.isExecutable(candidate)) {
				return candidate;
			}
		}
		return null;
	}

	/**
	 * Sends requests for a given time.
	 * @param port the application's port
	 * @param connections the number of connections
	 * @param duration the duration, in whole seconds
	 * @param requests the requests
	 * @return the result, without latencies
	 */
	public static LoadResult during(int port, int connections, Duration duration, Requests requests) {
		try {
			Path script = Files.createTempFile("wrk-", ".lua");
			try {
				Files.writeString(script, script(requests));
				return parse(run(List.of("wrk", "-t1", "-c" + connections, "-d" + duration.toSeconds() + "s", "-s",
						script.toString(), "http://127.0.0.1:" + port)));
			}
			finally {
				Files.deleteIfExists(script);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException("wrk can't be run", ex);
		}
	}

	static String script(Requests requests) {
		String cookies = requests.cookies()
			.stream()
			.map((cookie) -> "\"" + cookie + "\"")
			.collect(Collectors.joining(", "));
		return SCRIPT.formatted(cookies.isEmpty() ? "\"none=0\"" : cookies, requests.method(), requests.path());
	}

	private static String run(List<String> command) throws IOException {
		Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
		try {
			process.getOutputStream().close();
			String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
			if (!process.waitFor(10, TimeUnit.SECONDS) || process.exitValue() != 0) {
				throw new IOException("wrk failed:\n" + output);
			}
			return output;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IOException("Interrupted while wrk runs", ex);
		}
		finally {
			process.destroyForcibly();
		}
	}

	static LoadResult parse(String output) throws IOException {
		Matcher result = RESULT.matcher(output);
		if (!result.find()) {
			throw new IOException("wrk printed no result:\n" + output);
		}
		return new LoadResult(Long.parseLong(result.group(1)),
				Long.parseLong(result.group(3)) + Long.parseLong(result.group(4)),
				Long.parseLong(result.group(2)) / 1e6, new Histogram(3));
	}

}
