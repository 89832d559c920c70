package app.session.redis.test;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * Processes and temporary directories that must not outlive this JVM. A shutdown hook
 * removes them. Should this JVM be killed, so that no hook runs, a shell that waits for
 * its end kills the processes.
 */
final class Leftovers {

	private static final Duration TIMEOUT = Duration.ofSeconds(10);

	/**
	 * Keeps the set of processes told on its standard input; at the input's end, which is
	 * the end of this JVM, kills those that are left.
	 */
	private static final String WATCHDOG = """
			trap '' HUP INT TERM
			pids=
			while read -r sign pid; do
				if [ "$sign" = + ]; then
					pids="$pids $pid"
				else
					left=
					for each in $pids; do
						[ "$each" = "$pid" ] || left="$left $each"
					done
					pids=$left
				fi
			done
			[ -z "$pids" ] || kill -s KILL $pids
			""";

	private static final Set<Process> processes = new LinkedHashSet<>();

	private static final Set<Path> directories = new LinkedHashSet<>();

	private static @Nullable OutputStream watchdog;

	private static boolean ended;

	static {
		Runtime.getRuntime().addShutdownHook(new Thread(Leftovers::remove, "redis-test-leftovers"));
	}

	private Leftovers() {
	}

	/**
	 * Start a process that ends with this JVM at the latest.
	 * @param builder the process to start
	 * @return the started process
	 */
	static synchronized Process start(ProcessBuilder builder) {
		if (ended) {
			throw new IllegalStateException("This JVM is shutting down");
		}
		try {
			if (watchdog == null) {
				watchdog = new ProcessBuilder("sh", "-c", WATCHDOG).redirectOutput(ProcessBuilder.Redirect.DISCARD)
					.redirectError(ProcessBuilder.Redirect.DISCARD)
					.start()
					.getOutputStream();
			}
			Process process = builder.start();
			processes.add(process);
			tellWatchdog('+', process);
			return process;
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot start " + builder.command(), ex);
		}
	}

	/**
	 * Kill a process with SIGKILL, and the processes it started, and wait for its end.
	 * @param process the process to kill
	 */
	static void kill(Process process) {
		process.descendants().forEach(ProcessHandle::destroyForcibly);
		// unlike the process itself, its handle leaves the output to be read
		process.toHandle().destroyForcibly();
		if (!hasEnded(process, TIMEOUT)) {
			throw new IllegalStateException("Process " + process.pid() + " does not end");
		}
	}

	/**
	 * Ask a process to end, with SIGTERM, and wait for that; kill it if it does not.
	 * @param process the process to stop
	 * @param timeout how long to wait before killing it
	 */
	static void stop(Process process, Duration timeout) {
		process.toHandle().destroy();
		if (!hasEnded(process, timeout)) {
			kill(process);
		}
	}

	/**
	 * Create a directory that is deleted when this JVM ends at the latest.
	 * @param prefix what its name starts with
	 * @return the directory
	 */
	static synchronized Path createDirectory(String prefix) {
		try {
			Path directory = Files.createTempDirectory(prefix);
			directories.add(directory);
			return directory;
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot create a temporary directory", ex);
		}
	}

	/**
	 * Return the directories that were created and are not deleted yet.
	 * @return the directories
	 */
	static synchronized Set<Path> directories() {
		return Set.copyOf(directories);
	}

	/**
	 * Delete a directory and all that is in it.
	 * @param directory the directory to delete
	 */
	static synchronized void delete(Path directory) {
		directories.remove(directory);
		try (Stream<Path> files = Files.walk(directory)) {
			for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
				Files.deleteIfExists(file);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot delete " + directory, ex);
		}
	}

	private static boolean hasEnded(Process process, Duration timeout) {
		try {
			if (process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
				forget(process);
				return true;
			}
			return false;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while process " + process.pid() + " ends", ex);
		}
	}

	private static synchronized void forget(Process process) {
		if (processes.remove(process)) {
			tellWatchdog('-', process);
		}
	}

	private static void tellWatchdog(char sign, Process process) {
		try {
			if (watchdog != null) {
				watchdog.write((sign + " " + process.pid() + "\n").getBytes(StandardCharsets.US_ASCII));
				watchdog.flush();
			}
		}
		catch (IOException ex) {
			// the watchdog is gone; the shutdown hook remains
			watchdog = null;
		}
	}

	private static synchronized void remove() {
		ended = true;
		for (Process process : processes) {
			process.descendants().forEach(ProcessHandle::destroyForcibly);
			process.toHandle().destroyForcibly();
		}
		for (Process process : List.copyOf(processes)) {
			hasEnded(process, TIMEOUT);
		}
		for (Path directory : List.copyOf(directories)) {
			try {
				delete(directory);
			}
			catch (UncheckedIOException ex) {
				// nobody is left to be told; go on with the others
			}
		}
	}

}
