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
 * Registers processes and temporary directories that must not outlive this JVM. A
 * shutdown hook removes them. If this JVM is killed and no hook runs, a shell process
 * that waits for its end kills the processes.
 */
final class Leftovers {

	private static final Duration TIMEOUT = Duration.ofSeconds(10);

	/**
	 * A script that keeps a set of processes, which it reads from its standard input.
	 * When the input ends because this JVM has ended, it kills the remaining processes.
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
	 * Starts a process that ends at the latest with this JVM.
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
			notifyWatchdog('+', process);
			return process;
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot start " + builder.command(), ex);
		}
	}

	/**
	 * Kills a process and its descendants with SIGKILL and waits for its end.
	 * @param process the process to kill
	 */
	static void kill(Process process) {
		process.descendants().forEach(ProcessHandle::destroyForcibly);
		// Unlike Process.destroyForcibly, this leaves the output readable
		process.toHandle().destroyForcibly();
		if (!hasEnded(process, TIMEOUT)) {
			throw new IllegalStateException("Process " + process.pid() + " does not end");
		}
	}

	/**
	 * Stops a process with SIGTERM and waits for its end. Kills it if it does not end in
	 * time.
	 * @param process the process to stop
	 * @param timeout the time to wait before killing it
	 */
	static void stop(Process process, Duration timeout) {
		process.toHandle().destroy();
		if (!hasEnded(process, timeout)) {
			kill(process);
		}
	}

	/**
	 * Creates a temporary directory that is deleted at the latest when this JVM ends.
	 * @param prefix the prefix of its name
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
	 * Returns the directories that were created and have not been deleted.
	 * @return the directories
	 */
	static synchronized Set<Path> directories() {
		return Set.copyOf(directories);
	}

	/**
	 * Deletes a directory and its contents.
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
			notifyWatchdog('-', process);
		}
	}

	private static void notifyWatchdog(char sign, Process process) {
		try {
			if (watchdog != null) {
				watchdog.write((sign + " " + process.pid() + "\n").getBytes(StandardCharsets.US_ASCII));
				watchdog.flush();
			}
		}
		catch (IOException ex) {
			// The watchdog has ended; the shutdown hook remains
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
				// The error can't be reported any more; continue with the others
			}
		}
	}

}
