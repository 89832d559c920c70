package app.session.redis.autoconfigure.soak;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import app.session.redis.test.FreePort;
import app.session.redis.test.JavaProcess;

/**
 * A node that keeps its port when it is killed and started again.
 */
final class SoakNode implements AutoCloseable {

	private static final Duration START_TIMEOUT = Duration.ofMinutes(2);

	private final Path folder;

	private final Path javaHome;

	private final List<String> arguments;

	private final int port = FreePort.find();

	private JavaProcess process;

	private int starts;

	SoakNode(Path folder, Path javaHome, List<String> arguments) {
		this.folder = folder;
		this.javaHome = javaHome;
		this.arguments = List.copyOf(arguments);
		this.process = launch();
	}

	private JavaProcess launch() {
		List<String> all = new ArrayList<>(this.arguments);
		all.add("--server.port=" + this.port);
		all.add("--soak.events=" + this.folder.resolve("events-" + this.port + "-" + ++this.starts));
		return JavaProcess.of(SoakApplication.class)
			.javaHome(this.javaHome)
			.jvmOptions("-Xmx256m")
			.args(all.toArray(String[]::new))
			.start();
	}

	SoakNode awaitStart() {
		this.process.awaitLine("Tomcat started on port", START_TIMEOUT);
		return this;
	}

	String url(String path) {
		return "http://localhost:" + this.port + path;
	}

	void kill() {
		this.process.kill();
	}

	void restart() {
		this.process = launch();
		awaitStart();
	}

	void pause() {
		this.process.pause();
	}

	void resume() {
		this.process.resume();
	}

	/** Returns the events that all nodes of the folder have published. */
	static List<Ended> events(Path folder) {
		try (Stream<Path> files = Files.list(folder)) {
			List<Ended> events = new ArrayList<>();
			for (Path file : files.filter((path) -> path.getFileName().toString().startsWith("events-")).toList()) {
				// The last line may be incomplete if the node was killed
				Files.readAllLines(file)
					.stream()
					.map((line) -> line.split(" "))
					.filter((words) -> words.length == 3 && words[2].length() == 16)
					.forEach((words) -> events.add(new Ended(words[0], Long.parseLong(words[1]), words[2])));
			}
			return events;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	public void close() {
		this.process.close();
	}

	/**
	 * A published event.
	 *
	 * @param kind deleted or expired
	 * @param time when it was published, in milliseconds
	 * @param handle the handle of the session
	 */
	record Ended(String kind, long time, String handle) {

	}

}
