package app.session.redis.test;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * The executable of the Redis server. {@link #find()} uses the first of these that
 * exists:
 * <ol>
 * <li>the value of the system property {@value #PROPERTY}, or otherwise of the
 * environment variable {@value #VARIABLE}: a path, a name to look up on the {@code PATH},
 * or {@value #EMBEDDED} for the executable in the library embedded-redis. If it does not
 * work, nothing else is tried.</li>
 * <li>{@code redis-server} on the {@code PATH}</li>
 * <li>the executable in the library embedded-redis, copied to a temporary directory</li>
 * </ol>
 */
public final class RedisBinary {

	/**
	 * System property that names the executable.
	 */
	public static final String PROPERTY = "redis.server";

	/**
	 * Environment variable that names the executable.
	 */
	public static final String VARIABLE = "REDIS_SERVER";

	/**
	 * The value of the property or variable that selects the executable in the library
	 * embedded-redis.
	 */
	public static final String EMBEDDED = "embedded";

	private static final String NAME = "redis-server";

	private static final Pattern VERSION = Pattern.compile("\\bv=(\\S+)");

	private static final String ADVICE = "Install a Redis server so that " + NAME
			+ " is on the PATH (Debian and Ubuntu: apt-get install redis-server; macOS: brew install redis),"
			+ " or set the system property " + PROPERTY + " or the environment variable " + VARIABLE
			+ " to its path. The executable of embedded-redis for Linux on x86-64 needs OpenSSL 3"
			+ " (Debian: apt-get install libssl3).";

	private static @Nullable RedisBinary found;

	private static @Nullable RedisBinary embedded;

	private final Path path;

	private final String version;

	private RedisBinary(Path path, String version) {
		this.path = path;
		this.version = version;
	}

	/**
	 * Finds the executable to use. The search runs once.
	 * @return the executable
	 * @throws IllegalStateException if no executable works, with instructions for
	 * installing one
	 */
	public static synchronized RedisBinary find() {
		RedisBinary binary = found;
		if (binary == null) {
			String wanted = System.getProperty(PROPERTY, System.getenv(VARIABLE));
			binary = search((wanted == null || wanted.isBlank()) ? null : wanted.strip(), System.getenv("PATH"));
			found = binary;
		}
		return binary;
	}

	/**
	 * Returns the executable for this system from the library embedded-redis. It is
	 * copied to a temporary directory, which is deleted when the JVM ends.
	 * @return the executable
	 * @throws IllegalStateException if there is none or it does not work, with
	 * instructions for installing one
	 */
	public static synchronized RedisBinary embedded() {
		RedisBinary binary = embedded;
		if (binary == null) {
			try {
				binary = extract();
			}
			catch (IOException ex) {
				throw new IllegalStateException("No embedded Redis server: " + ex.getMessage() + ". " + ADVICE, ex);
			}
			embedded = binary;
		}
		return binary;
	}

	/**
	 * Returns the executable at a path.
	 * @param path the executable's path
	 * @return the executable
	 * @throws IllegalStateException if it does not work, with instructions for installing
	 * one
	 */
	public static RedisBinary at(Path path) {
		try {
			return check(path);
		}
		catch (IOException ex) {
			throw new IllegalStateException("No Redis server: " + ex.getMessage() + ". " + ADVICE, ex);
		}
	}

	/**
	 * Searches like {@link #find()}, but does not cache the result.
	 * @param wanted the value of the property or the variable, or {@code null}
	 * @param searchPath the value of {@code PATH}
	 * @return the executable
	 */
	static RedisBinary search(@Nullable String wanted, @Nullable String searchPath) {
		if (EMBEDDED.equals(wanted)) {
			return embedded();
		}
		if (wanted != null && wanted.contains(File.separator)) {
			return at(Path.of(wanted));
		}
		List<String> problems = new ArrayList<>();
		String name = (wanted != null) ? wanted : NAME;
		try {
			return check(lookUp(name, searchPath));
		}
		catch (IOException ex) {
			problems.add(String.valueOf(ex.getMessage()));
		}
		if (wanted == null) {
			try {
				return embedded();
			}
			catch (IllegalStateException ex) {
				Throwable cause = (ex.getCause() != null) ? ex.getCause() : ex;
				problems.add(String.valueOf(cause.getMessage()));
			}
		}
		throw new IllegalStateException("No Redis server: " + String.join("; ", problems) + ". " + ADVICE);
	}

	private static Path lookUp(String name, @Nullable String searchPath) throws IOException {
		if (searchPath != null) {
			for (String directory : searchPath.split(Pattern.quote(File.pathSeparator), -1)) {
				Path candidate = Path.of(directory, name);
				if (!directory.isEmpty() && Files.isRegularFile(candidate) && Files.isExecutable(candidate)) {
					return candidate;
				}
			}
		}
		throw new IOException(name + " is not on the PATH");
	}

	private static RedisBinary extract() throws IOException {
		String resource = resource(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
		try (InputStream in = RedisBinary.class.getResourceAsStream("/" + resource)) {
			if (in == null) {
				throw new IOException("embedded-redis with its " + resource + " is not on the class path");
			}
			Path directory = Leftovers.createDirectory("redis-binary-");
			try {
				Path executable = directory.resolve(NAME);
				Files.copy(in, executable);
				if (!executable.toFile().setExecutable(true)) {
					throw new IOException(executable + " cannot be made executable");
				}
				return check(executable);
			}
			catch (IOException ex) {
				Leftovers.delete(directory);
				throw ex;
			}
		}
	}

	private static String resource(String system, String architecture) throws IOException {
		boolean arm = switch (architecture.toLowerCase(Locale.ROOT)) {
			case "aarch64", "arm64" -> true;
			case "amd64", "x86_64" -> false;
			default -> throw new IOException("embedded-redis has no server for " + architecture);
		};
		String lowerCaseSystem = system.toLowerCase(Locale.ROOT);
		if (lowerCaseSystem.startsWith("linux")) {
			return (arm) ? "redis-server-6.2.7-linux-arm64" : "redis-server-6.2.6-v5-linux-amd64";
		}
		if (lowerCaseSystem.startsWith("mac")) {
			return (arm) ? "redis-server-6.2.6-v5-darwin-arm64" : "redis-server-6.2.6-v5-darwin-amd64";
		}
		throw new IOException("embedded-redis has no server for this use on " + system);
	}

	private static RedisBinary check(Path path) throws IOException {
		Path executable = path.toAbsolutePath();
		Process process = new ProcessBuilder(executable.toString(), "--version").redirectErrorStream(true).start();
		try {
			process.getOutputStream().close();
			String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
			Matcher version = VERSION.matcher(output);
			if (!process.waitFor(10, TimeUnit.SECONDS) || process.exitValue() != 0 || !version.find()) {
				throw new IOException(executable + " --version prints \"" + output + "\"");
			}
			return new RedisBinary(executable, version.group(1));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IOException("Interrupted while " + executable + " prints its version", ex);
		}
		finally {
			process.destroyForcibly();
		}
	}

	/**
	 * Returns the path of the executable.
	 * @return the absolute path
	 */
	public Path path() {
		return this.path;
	}

	/**
	 * Returns the version that the executable reports.
	 * @return the version, such as {@code 7.0.15}
	 */
	public String version() {
		return this.version;
	}

	@Override
	public String toString() {
		return this.path + " " + this.version;
	}

}
