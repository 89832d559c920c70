package app.session.redis.browser;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;

import org.awaitility.core.ConditionTimeoutException;
import org.awaitility.core.ThrowingRunnable;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebDriverException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

import static org.awaitility.Awaitility.await;

/**
 * A headless Chromium with a profile of its own, which its driver makes and removes.
 */
final class Chromium implements AutoCloseable {

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	private static final String RECORDER = """
			window.recorded = [];
			const open = XMLHttpRequest.prototype.open;
			XMLHttpRequest.prototype.open = function (method, url) {
				this.addEventListener('loadend', () => {
					const text = ['', 'text'].includes(this.responseType) ? this.responseText : JSON.stringify(this.response);
					window.recorded.push(`${method} ${url} ${this.getAllResponseHeaders()} ${text}`);
				});
				return open.apply(this, arguments);
			};
			const fetch = window.fetch;
			window.fetch = async (url, options) => {
				const response = await fetch(url, options);
				const headers = JSON.stringify([...response.headers]);
				window.recorded.push(`${options?.method} ${url} ${headers} ${await response.clone().text()}`);
				return response;
			};
			""";

	private final ChromeDriver driver;

	Chromium() {
		ChromeOptions options = new ChromeOptions();
		options.setBinary(ChromiumCondition.browser().orElseThrow().toFile());
		// Without its sandbox, which root can't have. Nothing but pages of this machine
		// is opened
		options.addArguments("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
				"--disable-background-networking", "--disable-component-update", "--disable-sync",
				"--disable-dev-shm-usage", "--lang=en", "--window-size=1280,1000");
		LoggingPreferences logs = new LoggingPreferences();
		logs.enable(LogType.BROWSER, Level.ALL);
		options.setCapability(ChromeOptions.LOGGING_PREFS, logs);
		this.driver = new ChromeDriver(new ChromeDriverService.Builder()
			.usingDriverExecutable(ChromiumCondition.driver().orElseThrow().toFile())
			.build(), options);
		this.driver.executeCdpCommand("Page.addScriptToEvaluateOnNewDocument", Map.of("source", "{" + RECORDER + "}"));
	}

	void open(String url) {
		this.driver.get(url);
	}

	String url() {
		return this.driver.getCurrentUrl();
	}

	void reload() {
		this.driver.navigate().refresh();
	}

	void resize(int width, int height) {
		this.driver.manage().window().setSize(new Dimension(width, height));
	}

	/** Emulates the preference for light or dark pages. */
	void prefer(String colorScheme) {
		this.driver.executeCdpCommand("Emulation.setEmulatedMedia",
				Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", colorScheme))));
	}

	/** Presses keys, which the focused element receives. */
	void press(CharSequence... keys) {
		new Actions(this.driver).sendKeys(keys).perform();
	}

	/** Returns the element that has the focus. */
	WebElement focused() {
		return this.driver.switchTo().activeElement();
	}

	/**
	 * Runs a script that passes its result to a callback, its last argument.
	 * @param script the script
	 * @return the result
	 */
	Object runLater(String script) {
		return this.driver.executeAsyncScript(script);
	}

	/**
	 * Finds one element.
	 * @param css which
	 * @return the element
	 */
	WebElement find(String css) {
		return this.driver.findElement(By.cssSelector(css));
	}

	List<WebElement> findAll(String css) {
		return this.driver.findElements(By.cssSelector(css));
	}

	/**
	 * Reads what is to be seen of an element.
	 * @param css which element
	 * @return its text, an empty one if it is hidden
	 */
	String text(String css) {
		return find(css).getText();
	}

	void click(String css) {
		awaitThat(() -> find(css).click());
	}

	/**
	 * Replaces what stands in a field.
	 * @param css which field
	 * @param text what to type
	 */
	void type(String css, String text) {
		WebElement field = find(css);
		field.clear();
		field.sendKeys(text);
	}

	Object run(String script) {
		return this.driver.executeScript(script);
	}

	/**
	 * Waits until the page is as it should be. Elements may come and go meanwhile.
	 * @param assertion what should be
	 * @throws AssertionError with what is to be seen instead
	 */
	void awaitThat(ThrowingRunnable assertion) {
		try {
			await().atMost(PATIENCE)
				.pollInterval(Duration.ofMillis(100))
				.ignoreExceptionsInstanceOf(WebDriverException.class)
				.untilAsserted(assertion);
		}
		catch (ConditionTimeoutException ex) {
			throw new AssertionError(
					ex.getMessage() + "\nThe page " + url() + " shows:\n" + text("body") + "\n" + complaints(), ex);
		}
	}

	/**
	 * Takes what the page has complained of since it was last asked: scripts that failed,
	 * what the Content-Security-Policy refused, answers that were errors.
	 * @return the complaints
	 */
	List<String> complaints() {
		return this.driver.manage()
			.logs()
			.get(LogType.BROWSER)
			.getAll()
			.stream()
			.filter((entry) -> entry.getLevel().intValue() >= Level.WARNING.intValue())
			.map(LogEntry::getMessage)
			.toList();
	}

	/**
	 * Returns what the scripts of the page have been answered so far, since it was
	 * opened.
	 * @return the requests, with the headers and the texts of their answers
	 */
	List<String> answers() {
		return ((List<?>) run("return window.recorded")).stream().map(String::valueOf).toList();
	}

	/**
	 * Writes what is to be seen of the page into the documentation, if that is asked for
	 * with the system property {@code screenshots}.
	 * @param name the file's name in {@code docs/images}
	 * @throws IOException if the file can't be written
	 */
	void screenshot(String name) throws IOException {
		if (System.getProperty("screenshots") != null) {
			Path folder = Path.of("").toAbsolutePath().resolveSibling("docs").resolve("images");
			Files.createDirectories(folder);
			Files.write(folder.resolve(name), this.driver.getScreenshotAs(OutputType.BYTES));
		}
	}

	@Override
	public void close() {
		this.driver.quit();
	}

}
