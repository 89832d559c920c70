package app.session.redis.test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * The signals that {@link Process} cannot send.
 */
enum Signal {

	/**
	 * Suspends the process.
	 */
	STOP,

	/**
	 * Resumes a suspended process.
	 */
	CONT;

	private static final Duration TIMEOUT = Duration.ofSeconds(10);

	/**
	 * Sends this signal. After {@link #STOP}, waits until no thread of the process is
	 * running, provided that the system reports the states of threads.
	 * @param process the process to signal
	 */
	void send(Process process) {
		List<String> command = List.of("sh", "-c", "kill -s \"$0\" \"$1\"", name(), Long.toString(process.pid()));
		try {
			Process kill = new ProcessBuilder(command).redirectErrorStream(true)
				.redirectOutput(ProcessBuilder.Redirect.DISCARD)
				.start();
			if (!kill.waitFor(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS) || kill.exitValue() != 0) {
				throw new IllegalStateException("Cannot send SIG" + name() + " to process " + process.pid());
			}
		}
		catch (IOException ex) {
			throw new IllegalStateException("Cannot send SIG" + name() + " to process " + process.pid(), ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while sending SIG" + name(), ex);
		}
		if (this == STOP) {
			Await.until(TIMEOUT, () -> running(process.pid()));
		}
	}

	private static @Nullable String running(long pid) {
		Path tasks = Path.of("/proc", Long.toString(pid), "task");
		if (!Files.isDirectory(tasks)) {
			return null;
		}
		try (Stream<Path> threads = Files.list(tasks)) {
			return threads.allMatch(Signal::isStopped) ? null : "process " + pid + " is still running";
		}
		catch (NoSuchFileException ex) {
			return null;
		}
		catch (IOException ex) {
			return "the state of process " + pid + " cannot be read: " + ex;
		}
	}

	private static boolean isStopped(Path task) {
		try {
			String stat = Files.readString(task.resolve("stat"));
			// number (name) state ..., where the name may contain spaces and parentheses
			return "TtZX".indexOf(stat.charAt(stat.lastIndexOf(')') + 2)) >= 0;
		}
		catch (IOException ex) {
			// The thread has ended
			return true;
		}
	}

}
