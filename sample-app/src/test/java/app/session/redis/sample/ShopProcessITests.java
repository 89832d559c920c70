package app.session.redis.sample;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests several processes of the shop with one Redis.
 */
class ShopProcessITests extends ShopProcesses {

	private static final DemoUser BOB = DemoUser.ALL.get(1);

	@Test
	void devicesOfAUserSeeEachOtherAndNoPageHoldsASessionId() throws IOException {
		ShopProcess shop = start(0);
		Browser laptop = new Browser(FIREFOX);
		Browser phone = new Browser(SAFARI);
		Browser stranger = new Browser(FIREFOX);
		laptop.logIn(shop, ALICE);
		phone.logIn(shop, ALICE);
		stranger.logIn(shop, BOB);
		for (Browser browser : List.of(laptop, phone)) {
			assertThat(browser.open(shop, "/devices"))
				.contains("Firefox on Linux", "Safari on iPhone", "127.0.0.1", "just now")
				.containsOnlyOnce("This device");
			Stream.of("/", "/cart", "/devices", "/login")
				.map((path) -> browser.open(shop, path))
				.forEach((html) -> Stream.of(laptop, phone)
					.flatMap((owner) -> ids(owner).stream())
					.forEach((id) -> assertThat(html).doesNotContain(id, id.substring(16))));
		}

		String phoneHandle = handleOf(phone, laptop.open(shop, "/devices"));
		stranger.submit(shop, "/devices/sign-out", Map.of("handle", phoneHandle));
		assertThat(phone.open(shop, "/devices")).contains("This device");
		laptop.submit(shop, "/devices/sign-out", Map.of("handle", phoneHandle));
		assertThat(phone.open(shop, "/devices")).contains(SIGN_IN_PAGE);
		assertThat(laptop.open(shop, "/devices")).contains("This device").doesNotContain("Safari on iPhone");
		assertThat(stranger.open(shop, "/devices")).contains("This device");
	}

	@Test
	void theContextThatWasProcessedAheadOfTimeServesTheSameSessions() throws IOException {
		ShopProcess shop = start(0);
		Browser laptop = new Browser(FIREFOX);
		laptop.logIn(shop, ALICE);
		laptop.submit(shop, "/cart/add", Map.of("product", "mug"));
		ShopProcess processed = stopLater(ShopProcess.start(folder(),
				List.of("-Dspring.aot.enabled=true", "-Dspring.devtools.restart.enabled=false"), "--server.port=0",
				sameRedis()));
		assertThat(processed.log()).contains("Starting AOT-processed ShopApplication");
		laptop.submit(processed, "/cart/add", Map.of("product", "mug"));
		assertThat(laptop.open(processed, "/devices")).contains("Firefox on Linux", "This device");
		assertThat(laptop.open(shop, "/cart")).contains(">alice<", ">€ 29.00<");
		Browser phone = new Browser(SAFARI);
		phone.logIn(processed, ALICE);
		assertThat(laptop.open(shop, "/devices")).contains("Safari on iPhone");
		phone.submit(processed, "/logout", Map.of());
		assertThat(laptop.open(shop, "/devices")).doesNotContain("Safari on iPhone");
	}

	@Test
	void aRestartByDevToolsReadsTheCartWithItsNewClass() throws IOException {
		Path watched = Files.createDirectory(folder().resolve("watched"));
		ShopProcess shop = stopLater(ShopProcess.start(folder(), "--server.port=" + freePort(), sameRedis(),
				"--spring.devtools.restart.additional-paths=" + watched,
				"--spring.devtools.restart.poll-interval=200ms", "--spring.devtools.restart.quiet-period=100ms"));
		Browser laptop = new Browser(FIREFOX);
		laptop.logIn(shop, ALICE);
		laptop.submit(shop, "/cart/add", Map.of("product", "mug"));
		Files.createFile(watched.resolve("changed"));
		shop.awaitStarts(2);
		assertThat(laptop.open(shop, "/cart")).contains(">alice<", ">€ 14.50<");
		laptop.submit(shop, "/cart/add", Map.of("product", "mug"));
		assertThat(laptop.open(shop, "/cart")).contains(">€ 29.00<");
		assertThat(shop.log()).doesNotContain("ClassCastException", "can't be read");
	}

	/**
	 * The cookie's value as it is, and decoded, as it may be Base64 of the id.
	 */
	private static List<String> ids(Browser browser) {
		String cookie = browser.sessionCookie();
		try {
			return List.of(cookie, new String(Base64.getDecoder().decode(cookie), StandardCharsets.UTF_8));
		}
		catch (IllegalArgumentException ex) {
			return List.of(cookie);
		}
	}

	private static String handleOf(Browser browser, String html) {
		return ids(browser).stream().map((id) -> id.substring(0, 16)).filter(html::contains).findFirst().orElseThrow();
	}

}
