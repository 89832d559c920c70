package app.session.redis.sample;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The shop as its visitors know it: real processes, a real Redis, HTTP.
 */
class ShopProcessITests {

	private static final DemoUser ALICE = DemoUser.ALL.get(0);

	private static final DemoUser BOB = DemoUser.ALL.get(1);

	private static final String SIGN_IN_PAGE = "<h1>Sign in</h1>";

	private static final String FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

	private static final String SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15"
			+ " (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1";

	private final List<ShopProcess> shops = new ArrayList<>();

	@TempDir
	@SuppressWarnings("NullAway.Init")
	private Path folder;

	private int redisPort;

	@BeforeEach
	void chooseRedisPort() throws IOException {
		this.redisPort = freePort();
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

	@AfterEach
	void stopShops() {
		this.shops.forEach(ShopProcess::stop);
		assertThat(stopRedis()).as("Redis runs on after the last instance has stopped").isFalse();
	}

	@Test
	void logInAndCartOutliveTheInstanceAndAreServedByEveryOther(@TempDir Path checkoutFolder) throws IOException {
		Checkout checkout = Checkout.copyTo(checkoutFolder.resolve("checkout"));
		ShopProcess first = startAsReadmeSays(checkout, 0);
		Browser laptop = new Browser(FIREFOX);
		laptop.submit(first, "/cart/add", Map.of("product", "mug"));
		laptop.logIn(first, ALICE);
		laptop.submit(first, "/cart/add", Map.of("product", "mug"));
		laptop.submit(first, "/cart/add", Map.of("product", "lamp"));
		assertThat(laptop.open(first, "/cart")).contains(">alice<", ">€ 78.00<");

		ShopProcess second = start(0);
		assertThat(first.log()).contains("Started an embedded Redis at localhost:" + this.redisPort);
		assertThat(second.log()).contains("Sharing the embedded Redis at localhost:" + this.redisPort);
		assertThat(laptop.open(second, "/cart")).contains(">alice<", ">€ 78.00<", ">" + second.port() + "<");
		laptop.submit(second, "/cart/change", Map.of("product", "mug", "quantity", "3"));

		first.kill();
		assertThat(redisAnswers()).isTrue();
		first = start(first.port());
		assertThat(laptop.open(first, "/cart")).contains(">alice<", ">€ 92.50<", ">" + first.port() + "<");

		Browser phone = new Browser(SAFARI);
		phone.logIn(second, ALICE);
		assertThat(phone.open(second, "/devices")).contains("<h1>Your devices</h1>");
		laptop.submit(first, "/devices/sign-out-others", Map.of());
		assertThat(phone.open(second, "/devices")).contains(SIGN_IN_PAGE);
		assertThat(laptop.open(second, "/devices")).contains("Firefox on Linux").doesNotContain("Safari on iPhone");

		assertThat(laptop.submit(second, "/logout", Map.of())).contains("You have signed out");
		assertThat(laptop.open(first, "/devices")).contains(SIGN_IN_PAGE);
		assertThat(laptop.open(first, "/cart")).contains("empty");
	}

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

	private ShopProcess start(int port) throws IOException {
		ShopProcess shop = ShopProcess.start(this.folder, "--server.port=" + port,
				"--shop.embedded-redis.port=" + this.redisPort);
		this.shops.add(shop);
		return shop;
	}

	@Test
	void theContextThatWasProcessedAheadOfTimeServesTheSameSessions() throws IOException {
		ShopProcess shop = start(0);
		Browser laptop = new Browser(FIREFOX);
		laptop.logIn(shop, ALICE);
		laptop.submit(shop, "/cart/add", Map.of("product", "mug"));
		ShopProcess processed = ShopProcess.start(this.folder,
				List.of("-Dspring.aot.enabled=true", "-Dspring.devtools.restart.enabled=false"), "--server.port=0",
				"--shop.embedded-redis.port=" + this.redisPort);
		this.shops.add(processed);
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
		Path watched = Files.createDirectory(this.folder.resolve("watched"));
		ShopProcess shop = ShopProcess.start(this.folder, "--server.port=" + freePort(),
				"--shop.embedded-redis.port=" + this.redisPort, "--spring.devtools.restart.additional-paths=" + watched,
				"--spring.devtools.restart.poll-interval=200ms", "--spring.devtools.restart.quiet-period=100ms");
		this.shops.add(shop);
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

	private ShopProcess startAsReadmeSays(Checkout checkout, int port) throws IOException {
		ShopProcess shop = ShopProcess.startAsReadmeSays(checkout, this.folder, "--server.port=" + port,
				"--shop.embedded-redis.port=" + this.redisPort);
		this.shops.add(shop);
		return shop;
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

	private boolean redisAnswers() {
		try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), this.redisPort)) {
			return socket.isConnected();
		}
		catch (IOException ex) {
			return false;
		}
	}

	/**
	 * Stops a Redis that would otherwise outlive a test that failed.
	 * @return whether there was one to stop
	 */
	private boolean stopRedis() {
		try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), this.redisPort)) {
			socket.getOutputStream().write("SHUTDOWN NOSAVE\r\n".getBytes(StandardCharsets.US_ASCII));
			return true;
		}
		catch (IOException ex) {
			return false;
		}
	}

}
