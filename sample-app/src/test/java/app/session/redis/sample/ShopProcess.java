package app.session.redis.sample;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * An instance of the sample in a process of its own.
 */
final class ShopProcess {

	/** One instance is built first. */
	private static final Duration PATIENCE = Duration.ofMinutes(4);

	private static final Pattern STARTED = Pattern.compile("Tomcat started on port (\\d+)");

	private final Process process;

	private final Path log;

	private final int port;

	private ShopProcess(Process process, Path log) {
		this.process = process;
		this.log = log;
		this.port = awaitPort();
	}

	/**
	 * Starts an instance, and waits until it serves.
	 * @param folder its temporary folder, where its log and its embedded Redis live too
	 * @param arguments Spring Boot's arguments
	 * @return the running instance
	 * @throws IOException if no process can be started
	 */
	static ShopProcess start(Path folder, String... arguments) throws IOException {
		return start(folder, List.of(), arguments);
	}

	/**
	 * Starts an instance in a JVM with options, and waits until it serves.
	 * @param folder its temporary folder, where its log and its embedded Redis live too
	 * @param options options of the JVM
	 * @param arguments Spring Boot's arguments
	 * @return the running instance
	 * @throws IOException if no process can be started
	 */
	static ShopProcess start(Path folder, List<String> options, String... arguments) throws IOException {
		// Surefire may have put the class path into a manifest, and then tells it so
		String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx192m",
						"-XX:TieredStopAtLevel=1", "-Djava.io.tmpdir=" + folder, "-cp", classPath));
		command.addAll(options);
		command.add(ShopApplication.class.getName());
		command.addAll(List.of(arguments));
		return start(folder, new ProcessBuilder(command));
	}

	/**
	 * Starts an instance as the README says, and waits until it serves.
	 * @param checkout a checkout of the project
	 * @param folder its temporary folder, where its log and its embedded Redis live too
	 * @param arguments Spring Boot's arguments
	 * @return the running instance
	 * @throws IOException if no process can be started
	 */
	static ShopProcess startAsReadmeSays(Checkout checkout, Path folder, String... arguments) throws IOException {
		List<String> command = new ArrayList<>(checkout.runCommand());
		command.add("-Dspring-boot.run.jvmArguments=-Xmx192m -Djava.io.tmpdir=" + folder);
		command.add("-Dspring-boot.run.arguments=" + String.join(" ", arguments));
		String localRepository = System.getProperty("maven.repo.local");
		if (localRepository != null) {
			command.add("-Dmaven.repo.local=" + localRepository);
		}
		return start(folder, new ProcessBuilder(command).directory(checkout.folder().toFile()));
	}

	private static ShopProcess start(Path folder, ProcessBuilder command) throws IOException {
		Path log = Files.createTempFile(folder, "shop", ".log");
		Process process = command.redirectErrorStream(true).redirectOutput(log.toFile()).start();
		try {
			return new ShopProcess(process, log);
		}
		catch (RuntimeException | Error ex) {
			process.descendants().forEach(ProcessHandle::destroy);
			process.destroy();
			throw ex;
		}
	}

	/**
	 * Waits until the application has started that many times: DevTools restarts it
	 * within its process.
	 */
	void awaitStarts(int count) {
		await().atMost(PATIENCE).untilAsserted(() -> assertThat(STARTED.matcher(log()).results()).hasSize(count));
	}

	int port() {
		return this.port;
	}

	String log() {
		try {
			return Files.readString(this.log);
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Ends the instance as {@code kill -9} does.
	 */
	void kill() {
		this.process.descendants().forEach(ProcessHandle::destroyForcibly);
		this.process.destroyForcibly();
		awaitEnd();
	}

	/**
	 * Ends the instance as Ctrl-C does.
	 */
	void stop() {
		List<ProcessHandle> descendants = this.process.descendants().toList();
		descendants.forEach(ProcessHandle::destroy);
		descendants
			.forEach((descendant) -> descendant.onExit().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join());
		this.process.destroy();
		awaitEnd();
	}

	private void awaitEnd() {
		try {
			assertThat(this.process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).as("ended").isTrue();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	private int awaitPort() {
		Matcher started = await().atMost(PATIENCE).pollInterval(Duration.ofMillis(100)).until(() -> {
			assertThat(this.process.isAlive()).as(log()).isTrue();
			return STARTED.matcher(log());
		}, Matcher::find);
		return Integer.parseInt(started.group(1));
	}

}
