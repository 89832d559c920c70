package app.session.redis.sample.device;

import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * The browser and the operating system named by a {@code User-Agent} header, as far as
 * they can be recognized simply. Both names come from a fixed list, never from the
 * header, which can be forged.
 *
 * @param browser the browser's name
 * @param system the operating system's name
 */
record UserAgent(String browser, String system) {

	private static final String UNKNOWN_BROWSER = "Unknown browser";

	private static final String UNKNOWN_SYSTEM = "unknown system";

	// The order matters: Edge and Opera also claim to be Chrome, Chrome to be Safari
	private static final Map<String, String> BROWSERS = inOrder("Edg", "Edge", "OPR/", "Opera", "Firefox/", "Firefox",
			"FxiOS/", "Firefox", "CriOS/", "Chrome", "Chrome/", "Chrome", "Safari/", "Safari", "curl/", "curl",
			"Java-http-client/", "Java HTTP client");

	// The order matters: Android also claims to be Linux, an iPhone to be like Mac OS X
	private static final Map<String, String> SYSTEMS = inOrder("Android", "Android", "iPhone", "iPhone", "iPad", "iPad",
			"Windows", "Windows", "Mac OS X", "macOS", "CrOS", "ChromeOS", "Linux", "Linux");

	static UserAgent parse(@Nullable String header) {
		String text = (header != null) ? header : "";
		return new UserAgent(firstMatch(BROWSERS, text, UNKNOWN_BROWSER), firstMatch(SYSTEMS, text, UNKNOWN_SYSTEM));
	}

	private static String firstMatch(Map<String, String> names, String text, String otherwise) {
		return names.entrySet()
			.stream()
			.filter((entry) -> text.contains(entry.getKey()))
			.map(Map.Entry::getValue)
			.findFirst()
			.orElse(otherwise);
	}

	private static Map<String, String> inOrder(String... marksAndNames) {
		Map<String, String> names = new LinkedHashMap<>();
		for (int i = 0; i < marksAndNames.length; i += 2) {
			names.put(marksAndNames[i], marksAndNames[i + 1]);
		}
		return names;
	}

}
