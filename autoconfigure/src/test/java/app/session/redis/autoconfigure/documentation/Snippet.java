package app.session.redis.autoconfigure.documentation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A block of code on a page of the documentation.
 *
 * @param page the page, relative to the root of the project
 * @param line the line on which the block starts
 * @param language what follows the opening fence; empty for commands
 * @param text the lines between the fences
 */
public record Snippet(Path page, int line, String language, String text) {

	/** The root of the project, seen from a module. */
	public static final Path ROOT = Path.of("..");

	private static final String FENCE = "```";

	/**
	 * Returns the pages of the documentation.
	 * @return the pages, relative to the root of the project
	 * @throws IOException if a folder can't be read
	 */
	public static List<Path> pages() throws IOException {
		List<Path> pages = new ArrayList<>(List.of(Path.of("README.md"), Path.of("CONTRIBUTING.md")));
		try (Stream<Path> files = Files.walk(ROOT.resolve("docs"))) {
			files.filter((page) -> page.toString().endsWith(".md")).sorted().map(ROOT::relativize).forEach(pages::add);
		}
		return pages;
	}

	/** Returns the snippets of all pages. */
	static List<Snippet> all() throws IOException {
		return pages().stream().flatMap((page) -> of(page).stream()).toList();
	}

	/**
	 * Returns the snippets of a page.
	 * @param page the page, relative to the root of the project
	 * @return the snippets in their order
	 */
	public static List<Snippet> of(Path page) {
		List<Snippet> snippets = new ArrayList<>();
		List<String> lines = read(page);
		int start = -1;
		for (int i = 0; i < lines.size(); i++) {
			String line = lines.get(i).strip();
			if (!line.startsWith(FENCE)) {
				continue;
			}
			if (start < 0) {
				start = i;
				continue;
			}
			snippets.add(new Snippet(page, start + 1, lines.get(start).strip().substring(FENCE.length()),
					String.join("\n", lines.subList(start + 1, i)) + "\n"));
			start = -1;
		}
		return snippets;
	}

	private static List<String> read(Path page) {
		try {
			return Files.readAllLines(ROOT.resolve(page));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	public String toString() {
		return this.page + ":" + this.line + " " + this.language;
	}

}
