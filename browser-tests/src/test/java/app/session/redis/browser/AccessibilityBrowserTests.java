package app.session.redis.browser;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import app.session.redis.test.RedisServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.Keys;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The pages of the shop on large and small screens, light and dark, checked by axe-core,
 * and used by keyboard alone.
 */
@RequiresChromium
class AccessibilityBrowserTests {

	private static final List<String> PAGES = List.of("/", "/cart", "/devices", "/operator", "/nowhere");

	/** Elements that the keyboard passes at most. */
	private static final int MAX_TABS = 60;

	/** Returns the issues, or that nothing was checked. */
	private static final String CHECK = """
			const done = arguments[arguments.length - 1];
			axe.run().then(({ passes, violations }) => {
				const issues = violations.filter(({ impact }) => ['serious', 'critical'].includes(impact))
					.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
				done(passes.length < 10 ? ['axe-core has checked nothing'] : issues);
			}).catch((failure) => done([String(failure)]));
			""";

	private static String axe = "";

	private static RedisServer redis;

	private static Shop shop;

	private Chromium chromium;

	@BeforeAll
	static void start() throws IOException {
		try (InputStream script = Objects
			.requireNonNull(AccessibilityBrowserTests.class.getResourceAsStream("/axe.min.js"))) {
			axe = new String(script.readAllBytes(), StandardCharsets.UTF_8);
		}
		redis = RedisServer.start();
		shop = Shop.start(redis);
	}

	@AfterAll
	static void stop() {
		if (shop != null) {
			shop.close();
		}
		if (redis != null) {
			redis.close();
		}
	}

	@BeforeEach
	void open() {
		redis.flushAll();
		this.chromium = new Chromium();
	}

	@AfterEach
	void close() {
		if (this.chromium != null) {
			this.chromium.close();
		}
	}

	@ParameterizedTest
	@CsvSource({ "1280, light", "1280, dark", "390, light", "390, dark" })
	void pagesHaveNoSeriousIssue(int width, String colorScheme) {
		this.chromium.resize(width, 1000);
		this.chromium.prefer(colorScheme);
		List<String> issues = new ArrayList<>();
		this.chromium.open(shop.url("/login"));
		check("/login", issues);
		shop.logInAsAdmin(this.chromium);
		this.chromium.open(shop.url("/"));
		this.chromium.click("main form button");
		for (String page : PAGES) {
			this.chromium.open(shop.url(page));
			assertThat(this.chromium.findAll("header .brand")).as("the header of %s", page).hasSize(1);
			if (page.equals("/operator")) {
				this.chromium
					.awaitThat(() -> assertThat(this.chromium.findAll("table.sessions tbody tr")).isNotEmpty());
			}
			check(page, issues);
		}
		assertThat(issues).isEmpty();
	}

	private void check(String page, List<String> issues) {
		this.chromium.run(axe);
		Object found = this.chromium.runLater(CHECK);
		((List<?>) found).forEach((issue) -> issues.add(page + ": " + issue));
		Object overflow = this.chromium.run("return document.documentElement.scrollWidth - window.innerWidth");
		if (((Number) overflow).intValue() > 0) {
			issues.add(page + ": wider than the window by " + overflow + " pixels");
		}
	}

	@Test
	void everythingWorksByKeyboard() {
		this.chromium.open(shop.url("/login"));
		tabTo("input[name=username]");
		this.chromium.press("alice", Keys.TAB, "wonderland", Keys.ENTER);
		this.chromium.awaitThat(() -> assertThat(this.chromium.text(".user")).isEqualTo("alice"));
		this.chromium.open(shop.url("/"));
		tabTo("main form button");
		this.chromium.press(Keys.ENTER);
		this.chromium.awaitThat(() -> assertThat(this.chromium.text("nav .count")).isEqualTo("1"));
		tabTo("a[href='/cart']");
		this.chromium.press(Keys.ENTER);
		this.chromium.awaitThat(() -> assertThat(this.chromium.findAll("input[type=number]")).hasSize(1));
		tabTo("header form button");
		this.chromium.press(Keys.ENTER);
		this.chromium.awaitThat(() -> assertThat(this.chromium.text("main")).contains("You have signed out"));
	}

	@Test
	void anOperatorEndsSessionsByKeyboard() {
		Visitor visitor = new Visitor(shop, Visitor.LAPTOP).logIn("alice", "wonderland");
		shop.logInAsAdmin(this.chromium);
		this.chromium.open(shop.url("/operator"));
		this.chromium.awaitThat(() -> assertThat(this.chromium.findAll("table.sessions tbody tr")).isNotEmpty());
		tabTo("input[name=principal]");
		this.chromium.press("alice", Keys.ENTER);
		this.chromium.awaitThat(() -> assertThat(this.chromium.text("#end-all")).isEqualTo("End all of alice"));
		tabTo("#end-all");
		this.chromium.press(Keys.ENTER);
		this.chromium.awaitThat(() -> assertThat(this.chromium.find("#confirm").isDisplayed()).isTrue());
		tabTo("#yes");
		this.chromium.press(Keys.ENTER);
		this.chromium.awaitThat(() -> assertThat(this.chromium.text("#outcome")).contains("ended"));
		assertThat(visitor.isLoggedIn()).isFalse();
	}

	/** Presses the tab key until an element has the focus, which can be seen. */
	private void tabTo(String css) {
		for (int i = 0; i < MAX_TABS; i++) {
			if (this.chromium.find(css).equals(this.chromium.focused())) {
				assertThat(this.chromium.focused().getCssValue("outline-style")).as("the focus is visible: " + css)
					.isNotEqualTo("none");
				return;
			}
			this.chromium.press(Keys.TAB);
		}
		throw new AssertionError("The keyboard doesn't reach " + css + " on " + this.chromium.url());
	}

}
