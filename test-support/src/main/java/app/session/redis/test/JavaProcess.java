package app.session.redis.test;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * Another JVM, with the class path of this JVM or with its own jar, which ends at the
 * latest with this JVM. It represents a node of an application that can be paused or
 * killed.
 */
public final class JavaProcess implements AutoCloseable {

	private static final Duration STOP_TIMEOUT = Duration.ofSeconds(15);

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition changed = this.lock.newCondition();

	private final List<String> output = new ArrayList<>();

	private final String name;

	private final Process process;

	private boolean paused;

	private boolean outputEnded;

	private JavaProcess(Builder builder) {
		this.name = builder.name;
		this.process = Leftovers.start(builder.processBuilder());
		Thread reader = new Thread(this::read, "java-process-output-" + this.process.pid());
		reader.setDaemon(true);
		reader.start();
	}

	/**
	 * Returns a builder for a JVM to start.
	 * @param mainClass the class with the main method
	 * @return a new builder
	 */
	public static Builder of(Class<?> mainClass) {
		return new Builder(mainClass.getName(), List.of(mainClass.getName()), Builder.ownClassPath());
	}

	/**
	 * Returns a builder for a JVM to start from an executable jar.
	 * @param jar the jar, including its dependencies
	 * @return a new builder
	 */
	public static Builder ofJar(Path jar) {
		return new Builder(String.valueOf(jar.getFileName()), List.of("-jar", jar.toAbsolutePath().toString()), "");
	}

	private void read() {
		try (BufferedReader reader = this.process.inputReader(StandardCharsets.UTF_8)) {
			String line = reader.readLine();
			while (line != null) {
				add(line);
				line = reader.readLine();
			}
		}
		catch (IOException ex) {
			add(this.name + ": the output cannot be read: " + ex);
		}
		finally {
			this.lock.lock();
			try {
				this.outputEnded = true;
				this.changed.signalAll();
			}
			finally {
				this.lock.unlock();
			}
		}
	}

	private void add(String line) {
		this.lock.lock();
		try {
			this.output.add(line);
			this.changed.signalAll();
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Returns the lines that the JVM has written so far, to standard output or error.
	 * @return the lines
	 */
	public List<String> output() {
		this.lock.lock();
		try {
			return List.copyOf(this.output);
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Waits for a line of output that has been written already or is written later.
	 * @param wanted matches the line
	 * @param timeout the maximum time to wait
	 * @return the first such line
	 * @throws IllegalStateException with the output, if there is no such line in time or
	 * before the JVM ends
	 */
	public String awaitLine(Predicate<String> wanted, Duration timeout) {
		this.lock.lock();
		try {
			long left = timeout.toNanos();
			int next = 0;
			while (true) {
				for (; next < this.output.size(); next++) {
					if (wanted.test(this.output.get(next))) {
						return this.output.get(next);
					}
				}
				if (this.outputEnded || left <= 0) {
					throw new IllegalStateException("No matching line from " + this.name
							+ (this.outputEnded ? ", which has ended" : " within " + timeout) + ". Its output:\n"
							+ String.join("\n", this.output));
				}
				left = this.changed.awaitNanos(left);
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while waiting for the output of " + this.name, ex);
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Waits for a line of output that contains a match and has been written already or is
	 * written later.
	 * @param regex the regular expression to find in the line
	 * @param timeout the maximum time to wait
	 * @return the match in the first such line
	 * @throws IllegalStateException with the output, if there is no such line in time or
	 * before the JVM ends
	 */
	public MatchResult awaitLine(String regex, Duration timeout) {
		Pattern pattern = Pattern.compile(regex);
		Matcher matcher = pattern.matcher(awaitLine((line) -> pattern.matcher(line).find(), timeout));
		if (!matcher.find()) {
			throw new IllegalStateException("No match of " + regex);
		}
		return matcher.toMatchResult();
	}

	/**
	 * Writes a line to the JVM's standard input.
	 * @param line the line
	 */
	public void writeLine(String line) {
		try {
			this.process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
			this.process.getOutputStream().flush();
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot write to " + this.name, ex);
		}
	}

	/**
	 * Returns the id of the process.
	 * @return the process id
	 */
	public long pid() {
		return this.process.pid();
	}

	/**
	 * Returns whether the process exists. A paused process also counts as running.
	 * @return whether the process exists
	 */
	public boolean isRunning() {
		return this.process.isAlive();
	}

	/**
	 * Suspends the process (SIGSTOP) and waits until it is suspended.
	 */
	public synchronized void pause() {
		requireRunning();
		Signal.STOP.send(this.process);
		this.paused = true;
	}

	/**
	 * Resumes the process after {@link #pause()} (SIGCONT).
	 */
	public synchronized void resume() {
		requireRunning();
		Signal.CONT.send(this.process);
		this.paused = false;
	}

	private void requireRunning() {
		if (!this.process.isAlive()) {
			throw new IllegalStateException(this + " is not running");
		}
	}

	/**
	 * Kills the process, as in a crash (SIGKILL), and waits until it has ended.
	 */
	public synchronized void kill() {
		Leftovers.kill(this.process);
		this.paused = false;
	}

	/**
	 * Shuts the JVM down gracefully (SIGTERM), after resuming it if it is paused, and
	 * kills it if it does not end in time. Returns when it has ended.
	 */
	public synchronized void stop() {
		if (this.paused && this.process.isAlive()) {
			resume();
		}
		Leftovers.stop(this.process, STOP_TIMEOUT);
	}

	/**
	 * Waits until the JVM ends by itself.
	 * @param timeout the maximum time to wait
	 * @return the exit status
	 * @throws IllegalStateException with the output, if it does not end in time
	 */
	public int awaitExit(Duration timeout) {
		try {
			if (!this.process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
				throw new IllegalStateException(
						this + " is still running after " + timeout + ". Its output:\n" + String.join("\n", output()));
			}
			return this.process.exitValue();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while waiting for the end of " + this, ex);
		}
	}

	/**
	 * Kills the process. Has no effect if it is closed already.
	 */
	@Override
	public void close() {
		kill();
	}

	@Override
	public String toString() {
		return this.name + " (process " + this.process.pid() + ")";
	}

	/**
	 * A builder for a JVM.
	 */
	public static final class Builder {

		private final String name;

		private final List<String> main;

		private String classPath;

		private final Map<String, String> systemProperties = new LinkedHashMap<>();

		private final List<String> jvmOptions = new ArrayList<>();

		private final List<String> args = new ArrayList<>();

		private final Map<String, String> environment = new LinkedHashMap<>();

		private @Nullable Path directory;

		private Path javaHome = Path.of(System.getProperty("java.home"));

		private Builder(String name, List<String> main, String classPath) {
			this.name = name;
			this.main = main;
			this.classPath = classPath;
		}

		/**
		 * Adds arguments for the main method.
		 * @param args the arguments
		 * @return this builder
		 */
		public Builder args(String... args) {
			this.args.addAll(List.of(args));
			return this;
		}

		/**
		 * Sets the class path. Defaults to this JVM's.
		 * @param classPath the entries
		 * @return this builder
		 */
		public Builder classPath(String classPath) {
			this.classPath = classPath;
			return this;
		}

		/**
		 * Sets a system property.
		 * @param name the property's name
		 * @param value the property's value
		 * @return this builder
		 */
		public Builder systemProperty(String name, String value) {
			this.systemProperties.put(name, value);
			return this;
		}

		/**
		 * Adds JVM options.
		 * @param options the options, such as {@code -Xmx64m}
		 * @return this builder
		 */
		public Builder jvmOptions(String... options) {
			this.jvmOptions.addAll(List.of(options));
			return this;
		}

		/**
		 * Sets an environment variable.
		 * @param name the variable's name
		 * @param value the variable's value
		 * @return this builder
		 */
		public Builder environment(String name, String value) {
			this.environment.put(name, value);
			return this;
		}

		/**
		 * Sets the working directory. Defaults to this JVM's.
		 * @param directory the directory
		 * @return this builder
		 */
		public Builder directory(Path directory) {
			this.directory = directory;
			return this;
		}

		/**
		 * Sets the JDK. Defaults to this JVM's.
		 * @param javaHome the JDK's directory
		 * @return this builder
		 */
		public Builder javaHome(Path javaHome) {
			this.javaHome = javaHome;
			return this;
		}

		/**
		 * Starts the JVM.
		 * @return the started JVM
		 */
		public JavaProcess start() {
			return new JavaProcess(this);
		}

		private ProcessBuilder processBuilder() {
			List<String> command = new ArrayList<>();
			command.add(this.javaHome.resolve("bin").resolve("java").toString());
			// The second compiler doesn't pay off for a short-lived JVM
			command.add("-XX:TieredStopAtLevel=1");
			command.add("-Dfile.encoding=UTF-8");
			command.add("-Dstdout.encoding=UTF-8");
			command.add("-Dstderr.encoding=UTF-8");
			command.addAll(this.jvmOptions);
			this.systemProperties.forEach((name, value) -> command.add("-D" + name + "=" + value));
			command.addAll(this.main);
			command.addAll(this.args);
			ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
			builder.environment().put("CLASSPATH", this.classPath);
			builder.environment().putAll(this.environment);
			if (this.directory != null) {
				builder.directory(this.directory.toFile());
			}
			return builder;
		}

		private static String ownClassPath() {
			List<String> entries = new ArrayList<>();
			for (String entry : System.getProperty("java.class.path").split(Pattern.quote(File.pathSeparator), -1)) {
				entries.add(Path.of(entry).toAbsolutePath().toString());
			}
			return String.join(File.pathSeparator, entries);
		}

	}

}
