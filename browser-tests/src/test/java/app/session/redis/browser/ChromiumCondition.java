package app.session.redis.browser;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Enables tests where Chromium and its driver are on the {@code PATH}. Selenium could
 * fetch them by itself; a test that fetches a browser is none that can be relied on.
 */
class ChromiumCondition implements ExecutionCondition {

	@Override
	public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
		if (browser().isEmpty()) {
			return missing("no chromium, chromium-browser or google-chrome");
		}
		if (driver().isEmpty()) {
			return missing("no chromedriver");
		}
		return ConditionEvaluationResult.enabled("There is a Chromium");
	}

	private static ConditionEvaluationResult missing(String what) {
		return ConditionEvaluationResult
			.disabled("There is " + what + " on the PATH. On Debian: apt-get install chromium chromium-driver");
	}

	static Optional<Path> browser() {
		return onPath("chromium").or(() -> onPath("chromium-browser")).or(() -> onPath("google-chrome"));
	}

	static Optional<Path> driver() {
		return onPath("chromedriver");
	}

	private static Optional<Path> onPath(String name) {
		String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
		return Pattern.compile(Pattern.quote(File.pathSeparator))
			.splitAsStream(path)
			.filter((folder) -> !folder.isEmpty())
			.map((folder) -> Path.of(folder, name))
			.filter(Files::isExecutable)
			.findFirst();
	}

}
