package app.session.redis.browser;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import app.session.redis.test.RedisServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.openqa.selenium.WebElement;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The operator's page of the shop, as an operator sees it.
 */
@RequiresChromium
class OperatorPageBrowserTests {

	private static final int PAGE_SIZE = 20;

	private static RedisServer redis;

	private static Shop shop;

	private Chromium chromium;

	private Visitor laptop;

	private Visitor phone;

	private Visitor bob;

	@BeforeAll
	static void start() {
		// Evicts, which the server check finds, and brings sessions back after a crash
		redis = RedisServer.builder()
			.option("maxmemory", "64mb")
			.option("maxmemory-policy", "allkeys-lru")
			.option("appendonly", "yes")
			.option("appendfsync", "always")
			.start();
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
	void logIn() {
		redis.flushAll();
		this.laptop = new Visitor(shop, Visitor.LAPTOP).logIn("alice", "wonderland").addToCart("mug");
		this.phone = new Visitor(shop, Visitor.PHONE).logIn("alice", "wonderland");
		this.bob = new Visitor(shop, Visitor.LAPTOP).logIn("bob", "builder");
		this.chromium = new Chromium();
		shop.logInAsAdmin(this.chromium);
		this.chromium.click("a[href='/operator']");
		awaitHandles(this.laptop, this.phone, this.bob);
	}

	@AfterEach
	void close() {
		if (this.chromium != null) {
			this.chromium.close();
		}
	}

	@Test
	void plotShowsLiveSessionsOverTime_andKeepsItsPointsAcrossReloads() {
		this.chromium.awaitThat(() -> {
			assertThat(this.chromium.text("#live")).isEqualTo("4");
			assertThat(points()).isGreaterThan(3);
			assertThat(this.chromium.find("#plot .line").getDomAttribute("d")).contains("L");
		});
		new Visitor(shop, Visitor.LAPTOP).addToCart("lamp");
		this.chromium.awaitThat(() -> assertThat(this.chromium.find("#plot").getDomAttribute("aria-label"))
			.contains("5 now, between 4 and 5"));
		int before = points();
		this.chromium.reload();
		this.chromium.awaitThat(() -> assertThat(points()).isGreaterThan(before));
		assertThat(this.chromium.find("#plot").getDomAttribute("aria-label")).contains("between 4 and 5");
		assertThat(this.chromium.complaints()).isEmpty();
	}

	private int points() {
		return Integer.parseInt(this.chromium.find("#plot").getDomAttribute("data-points"));
	}

	@Test
	void searchShowsTheSessionsOfAUser_andEndOneEndsThatOne() {
		search("alice");
		awaitHandles(this.laptop, this.phone);
		assertThat(row(this.phone).getText()).contains("alice", "in 29 min", "Safari on iPhone · 127.0.0.1");
		assertThat(this.chromium.text("#end-all")).isEqualTo("End all of alice");
		this.chromium.click(inRow(this.phone, "td:last-child button"));
		this.chromium.awaitThat(() -> assertThat(this.chromium.text("#outcome"))
			.isEqualTo("Session " + this.phone.handle() + " has ended."));
		awaitHandles(this.laptop);
		assertThat(this.phone.isLoggedIn()).isFalse();
		assertThat(this.laptop.isLoggedIn()).isTrue();
		search("nobody");
		this.chromium
			.awaitThat(() -> assertThat(this.chromium.text("#none")).isEqualTo("There are no sessions of nobody."));
		search("");
		this.chromium.awaitThat(() -> assertThat(handles()).contains(this.laptop.handle(), this.bob.handle())
			.doesNotContain(this.phone.handle()));
		assertThat(this.chromium.complaints()).isEmpty();
	}

	@Test
	void searchByProduct_andCountsPerProduct() {
		this.chromium.type("#search input[name=product]", "mug");
		this.chromium.click("#search button");
		awaitHandles(this.laptop);
		assertThat(this.chromium.text("#end-all")).isEqualTo("End all with mug in the cart");
		this.chromium.click("[data-counts=cart]");
		this.chromium.awaitThat(() -> assertThat(this.chromium.text("#values")).contains("mug").contains("1 session"));
		this.chromium.click("[data-counts=principal]");
		this.chromium.awaitThat(() -> assertThat(this.chromium.text("#values")).contains("alice", "2 sessions", "bob"));
		assertThat(this.chromium.complaints()).isEmpty();
	}

	@Test
	void aSearchThatIsAnsweredLate_isNotLostAmongWhatThePageAsksMeanwhile() {
		this.chromium.run("""
				const fetch = window.fetch;
				const late = () => new Promise((resolve) => setTimeout(resolve, 1500));
				window.fetch = (url, options) => url.includes('principal=alice')
						? late().then(() => fetch(url, options)) : fetch(url, options);
				""");
		search("alice");
		awaitHandles(this.laptop, this.phone);
		assertThat(this.chromium.text("#end-all")).isEqualTo("End all of alice");
	}

	@Test
	void endAllOfAUser_endsThemWhenItIsConfirmed() {
		search("alice");
		awaitHandles(this.laptop, this.phone);
		this.chromium.click("#end-all");
		this.chromium.awaitThat(() -> assertThat(this.chromium.text("#question")).contains("End 2 sessions of alice?"));
		this.chromium.click("#confirm button[value=no]");
		this.chromium.awaitThat(() -> assertThat(this.chromium.text("#confirm")).isEmpty());
		assertThat(this.phone.isLoggedIn()).isTrue();
		this.chromium.click("#end-all");
		this.chromium.click("#yes");
		this.chromium
			.awaitThat(() -> assertThat(this.chromium.text("#outcome")).isEqualTo("2 sessions of alice ended."));
		assertThat(this.laptop.isLoggedIn()).isFalse();
		assertThat(this.phone.isLoggedIn()).isFalse();
		assertThat(this.bob.isLoggedIn()).isTrue();
	}

	@Test
	void endingOnesOwnSession_asksFirst_andLeadsToTheLogIn() {
		this.chromium.click("tbody:has(.badge) td:last-child button");
		this.chromium.awaitThat(() -> assertThat(this.chromium.text("#question")).contains("your own session"));
		this.chromium.click("#yes");
		this.chromium.awaitThat(() -> assertThat(this.chromium.text("#problem")).contains("You are signed out"));
		this.chromium.click("#problem a");
		this.chromium.awaitThat(() -> assertThat(this.chromium.url()).endsWith("/login"));
	}

	@Test
	void aSessionsAttributes_areShownWithTypesAndSizes_butWithoutValues() {
		this.chromium.click(inRow(this.laptop, "td:first-child button"));
		this.chromium.awaitThat(() -> assertThat(this.chromium.text(inRow(this.laptop, ".attributes"))).contains("cart",
				"app.session.redis.sample.shop.Cart", "device", "SPRING_SECURITY_CONTEXT"));
		assertThat(this.chromium.text(inRow(this.laptop, ".attributes"))).doesNotContain("mug", "Firefox");
		assertThat(this.chromium.complaints()).isEmpty();
	}

	@Test
	void manySessions_areShownPageByPage() {
		List<String> handles = new ArrayList<>(List.of(this.laptop.handle(), this.phone.handle(), this.bob.handle()));
		while (handles.size() < 3 * PAGE_SIZE) {
			handles.add(new Visitor(shop, Visitor.LAPTOP).addToCart("mug").handle());
		}
		// A page may have some more than it was asked for
		this.chromium.awaitThat(() -> {
			assertThat(handles()).hasSizeBetween(PAGE_SIZE, 2 * PAGE_SIZE);
			assertThat(this.chromium.text("#next")).isEqualTo("Next page");
		});
		List<String> first = handles();
		List<String> seen = new ArrayList<>();
		while (!this.chromium.text("#next").isEmpty()) {
			List<String> before = handles();
			seen.addAll(before);
			this.chromium.click("#next");
			this.chromium.awaitThat(() -> assertThat(handles()).isNotEmpty().doesNotContainAnyElementsOf(before));
		}
		seen.addAll(handles());
		assertThat(seen).containsAll(handles).doesNotHaveDuplicates();
		this.chromium.click("#first");
		this.chromium.awaitThat(() -> assertThat(handles()).containsExactlyInAnyOrderElementsOf(first));
	}

	@Test
	void findingsAreShown_andCheckNowLooksAgain() {
		this.chromium.click("#check");
		this.chromium.awaitThat(() -> assertThat(this.chromium.text("#findings")).contains("EVICTION", "To do:",
				"maxmemory-policy noeviction"));
		assertThat(this.chromium.text("#server")).contains("standalone", "allkeys-lru", "64.0 MB used",
				"this instance collects", "closed: requests ask Redis");
		String checked = this.chromium.find("#checked").getDomAttribute("data-time");
		redis.commands().configSet("maxmemory-policy", "noeviction");
		try {
			this.chromium.click("#check");
			this.chromium.awaitThat(() -> assertThat(this.chromium.find("#checked").getDomAttribute("data-time"))
				.isGreaterThan(checked));
			this.chromium.awaitThat(() -> assertThat(this.chromium.text("#findings")).doesNotContain("EVICTION"));
		}
		finally {
			redis.commands().configSet("maxmemory-policy", "allkeys-lru");
		}
		assertThat(this.chromium.complaints()).isEmpty();
	}

	@Test
	void redisAway_isSaidInPlainWords_andNoLongerWhenItIsBack() {
		redis.kill();
		try {
			this.chromium.awaitThat(() -> assertThat(this.chromium.text("#problem")).contains("Redis doesn’t answer"));
			this.chromium.click("#check");
			this.chromium.awaitThat(() -> assertThat(this.chromium.text("#outcome")).contains("Redis doesn’t answer"));
		}
		finally {
			redis.restart();
		}
		this.chromium.awaitThat(() -> {
			assertThat(this.chromium.text("#problem")).isEmpty();
			assertThat(this.chromium.text("#outcome")).isEmpty();
		});
		awaitHandles(this.laptop, this.phone, this.bob);
	}

	@Test
	void whatIsNotForTheOperator_isNotSent() {
		this.chromium.click(inRow(this.laptop, "td:first-child button"));
		this.chromium
			.awaitThat(() -> assertThat(this.chromium.text(inRow(this.laptop, ".attributes"))).contains("cart"));
		List<String> answers = this.chromium.answers();
		assertThat(answers).anySatisfy((answer) -> assertThat(answer).contains(this.laptop.handle(), "attributes"));
		for (Visitor visitor : List.of(this.laptop, this.phone, this.bob)) {
			assertThat(answers).allSatisfy((answer) -> assertThat(answer).doesNotContain(visitor.secrets()));
		}
	}

	@Test
	void whatAVisitorSends_isShownAsText() {
		Visitor attacker = new Visitor(shop, "<img id=injected src=/products.svg>").logIn("carol", "christmas");
		search("carol");
		awaitHandles(attacker);
		assertThat(row(attacker).getText()).contains("<img id=injected src=/products.svg>");
		assertThat(this.chromium.findAll("#injected")).isEmpty();
	}

	@Test
	void aNarrowWindow_showsAllWithoutScrollingSideways() {
		this.chromium.resize(500, 900);
		this.chromium.click("#check");
		this.chromium.awaitThat(() -> {
			assertThat(this.chromium.text("#findings")).isNotEmpty();
			assertThat(this.chromium
				.run("const page = document.documentElement; return page.scrollWidth - page.clientWidth"))
				.isEqualTo(0L);
			assertThat(this.chromium.find(".sessions thead").isDisplayed()).isFalse();
			assertThat(row(this.laptop).getText()).contains("alice", "in 29 min");
		});
	}

	@Test
	@EnabledIfSystemProperty(named = "screenshots", matches = ".*", disabledReason = "-Dscreenshots was not given")
	void pictureForTheReadme() throws IOException {
		List<Visitor> guests = new ArrayList<>();
		for (int i = 0; i < 60; i++) {
			long wanted = Math.round(6 + 6 * Math.sin(i / 6.0));
			while (guests.size() < wanted) {
				guests.add(new Visitor(shop, (i % 2 == 0) ? Visitor.LAPTOP : Visitor.PHONE).addToCart("lamp"));
			}
			while (guests.size() > wanted) {
				guests.remove(0).logOut();
			}
			int points = points();
			this.chromium.awaitThat(() -> assertThat(points()).isGreaterThan(points + 1));
		}
		this.chromium.click(inRow(this.laptop, "td:first-child button"));
		this.chromium
			.awaitThat(() -> assertThat(this.chromium.text(inRow(this.laptop, ".attributes"))).contains("cart"));
		this.chromium.resize(1280, 1000);
		this.chromium.resize(1280,
				((Long) this.chromium.run("return document.documentElement.scrollHeight")).intValue() + 150);
		this.chromium.screenshot("operator.png");
	}

	private void search(String principal) {
		this.chromium.type("#search input", principal);
		this.chromium.click("#search button");
	}

	/**
	 * Waits until these sessions are shown, and the administrator's own beside them if
	 * the page shows those of all users.
	 */
	private void awaitHandles(Visitor... visitors) {
		this.chromium.awaitThat(() -> {
			List<String> expected = new ArrayList<>(List.of(visitors).stream().map(Visitor::handle).toList());
			if (this.chromium.text("#end-all").isEmpty()) {
				expected.add(this.chromium.find("#operator").getDomAttribute("data-handle"));
			}
			assertThat(handles()).containsExactlyInAnyOrderElementsOf(expected);
		});
	}

	private List<String> handles() {
		return this.chromium.findAll(".sessions tbody")
			.stream()
			.map((body) -> body.getDomAttribute("data-handle"))
			.toList();
	}

	private WebElement row(Visitor visitor) {
		return this.chromium.find(inRow(visitor, "tr"));
	}

	private static String inRow(Visitor visitor, String css) {
		return "tbody[data-handle='" + visitor.handle() + "'] " + css;
	}

}
