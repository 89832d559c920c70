package app.session.redis.session;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Fragments of the {@code User-Agent} headers of crawlers, monitors, health checks and
 * libraries. They are looked up at the beginning of each word by their first characters,
 * so that the time depends only on the length of the header.
 */
public final class ThrowawayClients {

	/** A published list of regular expressions. */
	private static final String CRAWLERS = "crawlers.txt";

	/** Additions to that list, and exceptions from it. */
	private static final String CLIENTS = "clients.txt";

	/**
	 * The number of characters by which fragments are looked up; no fragment is shorter.
	 */
	private static final int KEY_LENGTH = 3;

	private final Map<String, List<Fragment>> fragments = new HashMap<>();

	private ThrowawayClients(Set<String> fragments) {
		for (String each : fragments) {
			Fragment fragment = Fragment.parse(each);
			if (fragment.text().length() >= KEY_LENGTH) {
				this.fragments.computeIfAbsent(fragment.text().substring(0, KEY_LENGTH), (key) -> new ArrayList<>(2))
					.add(fragment);
			}
		}
	}

	/**
	 * Reads both lists.
	 * @return the clients of both lists
	 */
	public static ThrowawayClients load() {
		Set<String> fragments = new LinkedHashSet<>();
		Set<String> exceptions = new HashSet<>();
		read(CRAWLERS, (pattern) -> fragments.addAll(fragments(pattern)));
		read(CLIENTS, (line) -> {
			if (line.startsWith("!")) {
				exceptions.add(line.substring(1));
			}
			else {
				fragments.add(line);
			}
		});
		fragments.removeAll(exceptions);
		return new ThrowawayClients(fragments);
	}

	private static void read(String resource, Consumer<String> line) {
		try (InputStream stream = ThrowawayClients.class.getResourceAsStream(resource)) {
			if (stream == null) {
				throw new IllegalStateException("The resource " + resource + " is missing");
			}
			new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8)).lines()
				.filter((each) -> !each.isBlank() && !each.startsWith("#"))
				.forEach(line);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Returns the fragments that a simple regular expression matches: literals,
	 * alternatives of literals, and both cases of a letter. Returns none if the
	 * expression is more complex.
	 */
	static List<String> fragments(String pattern) {
		StringBuilder text = new StringBuilder(pattern.length());
		for (int i = 0; i < pattern.length(); i++) {
			char c = pattern.charAt(i);
			if (c == '\\' && i + 1 < pattern.length() && !Character.isLetterOrDigit(pattern.charAt(i + 1))) {
				text.append(pattern.charAt(++i));
			}
			else if (c == '[' && isOneLetter(pattern, i)) {
				text.append(pattern.charAt(i + 1));
				i += 3;
			}
			else if ("\\[](){}*+?".indexOf(c) >= 0) {
				return List.of();
			}
			else {
				text.append(c);
			}
		}
		return Arrays.asList(text.toString().toLowerCase(Locale.ROOT).split("\\|"));
	}

	private static boolean isOneLetter(String pattern, int start) {
		return start + 3 < pattern.length() && pattern.charAt(start + 3) == ']'
				&& Character.toLowerCase(pattern.charAt(start + 1)) == Character.toLowerCase(pattern.charAt(start + 2));
	}

	/**
	 * Returns whether a header contains one of the fragments.
	 * @param userAgent the header, in lower case
	 * @return whether a header contains one of the fragments
	 */
	public boolean contain(String userAgent) {
		for (int i = 0; i + KEY_LENGTH <= userAgent.length(); i++) {
			if (i > 0 && isWord(userAgent.charAt(i)) && isWord(userAgent.charAt(i - 1))) {
				continue;
			}
			List<Fragment> candidates = this.fragments.get(userAgent.substring(i, i + KEY_LENGTH));
			if (candidates != null) {
				for (Fragment candidate : candidates) {
					if (candidate.isAt(userAgent, i)) {
						return true;
					}
				}
			}
		}
		return false;
	}

	private static boolean isWord(char c) {
		return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
	}

	/**
	 * A part of a header.
	 *
	 * @param text the part, in lower case
	 * @param first whether the header begins with it
	 * @param last whether the header ends with it
	 */
	private record Fragment(String text, boolean first, boolean last) {

		static Fragment parse(String fragment) {
			boolean first = fragment.startsWith("^");
			boolean last = fragment.endsWith("$");
			return new Fragment(fragment.substring(first ? 1 : 0, fragment.length() - (last ? 1 : 0)), first, last);
		}

		boolean isAt(String userAgent, int position) {
			return (!this.first || position == 0) && userAgent.startsWith(this.text, position)
					&& (!this.last || position + this.text.length() == userAgent.length());
		}

	}

}
