package app.session.redis.sample;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

import app.session.redis.test.FormClient;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SpringBootProcess;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The previous release and the present build on one Redis, as during an upgrade or a
 * rollback. Both serve the same users.
 */
@EnabledIfSystemProperty(named = UpgradeITests.PREVIOUS, matches = ".+",
		disabledReason = "needs the previous version: -Pupgrade")
class UpgradeITests {

	static final String PREVIOUS = "upgrade.previous";

	private static final String SIGN_IN_PAGE = "<h1>Sign in</h1>";

	private static final String USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

	/** Encryption with a key that was made for this test. */
	private static final List<String> ENCRYPTION = List.of("--app.session.redis.encryption.enabled=true",
			"--app.session.redis.encryption.keys.test=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=");

	/** The cart page's total: mugs for 14.50 each. */
	private static final double PRICE = 14.5;

	private RedisServer redis;

	@BeforeEach
	void startRedis() {
		this.redis = RedisServer.start();
	}

	@AfterEach
	void stopRedis() {
		this.redis.close();
	}

	static Stream<List<String>> settings() {
		return Stream.of(List.of(), ENCRYPTION, List.of("--app.session.redis.lock.enabled=true"),
				List.of("--app.session.redis.near-cache.enabled=false"),
				List.of("--app.session.redis.protect-ids=false"),
				List.of("--app.session.redis.limits.per-principal=3"));
	}

	private SpringBootProcess previous(List<String> settings) {
		return start(Path.of(System.getProperty(PREVIOUS)), settings);
	}

	private SpringBootProcess present(List<String> settings) {
		return start(Path.of(System.getProperty("sample.jar")), settings);
	}

	private SpringBootProcess start(Path jar, List<String> settings) {
		List<String> arguments = new ArrayList<>(settings);
		arguments.add("--app.session.redis.hosts=" + this.redis.host() + ":" + this.redis.port());
		return SpringBootProcess.start(jar, arguments.toArray(String[]::new));
	}

	@ParameterizedTest
	@MethodSource("settings")
	void bothServeTheSameUsers(List<String> settings) {
		try (SpringBootProcess previous = previous(settings); SpringBootProcess present = present(settings)) {
			List<SpringBootProcess> nodes = List.of(previous, present);
			Random random = new Random(27);
			for (SpringBootProcess first : nodes) {
				FormClient user = logIn(first, DemoUser.ALL.get(0));
				int quantity = 0;
				user.submit(first.url("/cart/add"), Map.of("product", "mug"));
				quantity++;
				for (int i = 0; i < 60; i++) {
					SpringBootProcess node = nodes.get(random.nextInt(2));
					if (random.nextInt(3) == 0) {
						user.submit(node.url("/cart/add"), Map.of("product", "mug"));
						quantity++;
					}
					assertThat(user.open(node.url("/cart"))).as("request %d", i)
						.contains(">" + DemoUser.ALL.get(0).name() + "<",
								String.format(Locale.ROOT, ">€ %,.2f<", quantity * PRICE));
				}
				SpringBootProcess other = nodes.get(1 - nodes.indexOf(first));
				FormClient second = logIn(other, DemoUser.ALL.get(0));
				second.submit(first.url("/devices/sign-out-others"), Map.of());
				assertThat(user.open(other.url("/devices"))).contains(SIGN_IN_PAGE);
				assertThat(second.open(other.url("/devices"))).contains("This device");
				second.submit(other.url("/logout"), Map.of());
				assertThat(second.open(first.url("/devices"))).contains(SIGN_IN_PAGE);
			}
			awaitNoIndex();
		}
	}

	@Test
	void sessionsSurviveTheUpgradeAndTheRollback() {
		FormClient user;
		try (SpringBootProcess previous = previous(List.of())) {
			user = logIn(previous, DemoUser.ALL.get(0));
			user.submit(previous.url("/cart/add"), Map.of("product", "mug"));
		}
		try (SpringBootProcess present = present(List.of())) {
			assertThat(user.open(present.url("/cart"))).contains(">€ 14.50<");
			user.submit(present.url("/cart/add"), Map.of("product", "mug"));
		}
		try (SpringBootProcess previous = previous(List.of())) {
			assertThat(user.open(previous.url("/cart"))).contains(">€ 29.00<");
			user.submit(previous.url("/logout"), Map.of());
		}
		awaitNoIndex();
	}

	@Test
	void oneCollectsWhatTheOtherLeft() {
		List<String> shortTimeout = List.of("--app.session.redis.timeout=2s");
		for (boolean rollback : new boolean[] { false, true }) {
			try (SpringBootProcess first = rollback ? present(shortTimeout) : previous(shortTimeout)) {
				logIn(first, DemoUser.ALL.get(0));
			}
			try (SpringBootProcess second = rollback ? previous(shortTimeout) : present(shortTimeout)) {
				await().untilAsserted(() -> assertThat(this.redis.keys()).noneMatch((key) -> key.contains("{")));
				awaitNoIndex();
			}
		}
	}

	/** Sessions of visitors who haven't logged in are not indexed. */
	private void awaitNoIndex() {
		await().untilAsserted(() -> assertThat(this.redis.keys()).noneMatch((key) -> key.contains(":index:")));
	}

	private static FormClient logIn(SpringBootProcess node, DemoUser user) {
		FormClient client = new FormClient(USER_AGENT);
		client.submit(node.url("/login"), Map.of("username", user.name(), "password", user.password()));
		assertThat(client.open(node.url("/devices"))).contains("This device");
		return client;
	}

}
