package app.session.redis.sample;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A copy of the project as it is checked out: without what was built.
 *
 * @param folder where it is
 */
record Checkout(Path folder) {

	private static final Set<String> BUILT = Set.of("target", ".git", ".idea", ".vscode");

	/**
	 * Copies the project that this test is a part of.
	 * @param folder where to
	 * @return the copy
	 * @throws IOException if it can't be copied
	 */
	static Checkout copyTo(Path folder) throws IOException {
		Path project = Path.of("").toAbsolutePath().getParent();
		copy(project, folder);
		return new Checkout(folder);
	}

	private static void copy(Path source, Path target) throws IOException {
		if (Files.isDirectory(source)) {
			Files.createDirectories(target);
			try (Stream<Path> entries = Files.list(source)) {
				entries.filter((entry) -> !BUILT.contains(entry.getFileName().toString())).forEach((entry) -> {
					try {
						copy(entry, target.resolve(entry.getFileName()));
					}
					catch (IOException ex) {
						throw new UncheckedIOException(ex);
					}
				});
			}
		}
		else {
			Files.copy(source, target);
			if (Files.isExecutable(source) && !target.toFile().setExecutable(true)) {
				throw new IOException("Can't make " + target + " executable");
			}
		}
	}

	/**
	 * The command by which the README has a newcomer start the sample.
	 * @return its words
	 * @throws IOException if there is no README
	 */
	List<String> runCommand() throws IOException {
		try (Stream<String> lines = Files.lines(this.folder.resolve("README.md"))) {
			String command = lines.map(String::strip)
				.filter((line) -> line.startsWith("./mvnw") && line.endsWith("spring-boot:run"))
				.findFirst()
				.orElseThrow(() -> new IOException("The README doesn't say how to run the sample"));
			return List.of(command.split(" +"));
		}
	}

}
