package app.session.redis.autoconfigure.web;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

import app.session.redis.observation.SessionCounter;
import app.session.redis.servlet.AtomicRedisSessionRepository;
import app.session.redis.test.RedisServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests users who logged in with Spring Session's own repositories and are then served by
 * nodes with the new repository, next to nodes without it.
 */
class MigrationITests {

	private static RedisServer server;

	private static WebNode first;

	private static WebNode second;

	@BeforeAll
	static void start() {
		server = RedisServer.start();
		String[] properties = { "app.session.redis.namespace=new", "app.session.redis.migrate-from=old" };
		first = WebNode.start(server, properties);
		second = WebNode.start(server, properties);
	}

	@AfterAll
	static void stop() {
		first.close();
		second.close();
		server.close();
	}

	@AfterEach
	void flush() {
		server.flushAll();
	}

	/** A repository of Spring Session. */
	enum Layout {

		DEFAULT, INDEXED;

		WebNode start(String... more) {
			List<String> properties = new ArrayList<>(List.of("app.session.redis.namespace=old",
					"app.session.redis.repository-type=" + name().toLowerCase(Locale.ROOT)));
			properties.addAll(List.of(more));
			return WebNode.start(server, properties.toArray(String[]::new));
		}

	}

	private static Set<String> oldKeys() {
		Set<String> keys = new HashSet<>(server.keys());
		keys.removeIf((key) -> !key.startsWith("old:"));
		return keys;
	}

	/**
	 * Returns the remaining keys of a session. For the id before a log-in, Spring Session
	 * itself leaves an entry that expires within its minute.
	 */
	private static Set<String> oldKeys(String id) {
		Set<String> keys = oldKeys();
		keys.removeIf((key) -> !key.contains(id) && !(server.commands().type(key).equals("set")
				&& server.commands().smembers(key).stream().anyMatch((member) -> member.contains(id))));
		return keys;
	}

	private static List<String> sessionKeys() {
		return server.keys().stream().filter((key) -> key.startsWith("new:session:")).toList();
	}

	private static long takenOver() {
		return first.bean(AtomicRedisSessionRepository.class).getStatistics().get(SessionCounter.TAKEN_OVER)
				+ second.bean(AtomicRedisSessionRepository.class).getStatistics().get(SessionCounter.TAKEN_OVER);
	}

	@ParameterizedTest
	@EnumSource
	void logInIsMigratedWithTheNextRequest(Layout layout) {
		try (WebNode old = layout.start("app.session.redis.timeout=1h")) {
			Browser user = old.browser();
			user.get("/write?value=kept");
			user.logIn("anna");
			String oldId = user.sessionId();
			assertThat(oldKeys(oldId)).isNotEmpty();
			Browser migrated = user.at(first.port());
			assertThat(migrated.get("/private/read").body()).isEqualTo("kept null");
			String id = migrated.sessionId();
			assertThat(id).isNotEqualTo(oldId).hasSize(59);
			assertThat(migrated.at(second.port()).get("/private/read").body()).isEqualTo("kept null");
			assertThat(migrated.sessionId()).as("no further change").isEqualTo(id);
			AtomicRedisSessionRepository repository = second.bean(AtomicRedisSessionRepository.class);
			assertThat(repository.findByPrincipalName("anna")).hasSize(1);
			assertThat(repository.operations().count()).as("expiry hints").isEqualTo(1);
			assertThat(repository.operations().describe(migrated.handle()).idleTimeout())
				.isEqualTo(Duration.ofHours(1));
			Awaitility.await().untilAsserted(() -> assertThat(oldKeys(oldId)).isEmpty());
			assertThat(user.get("/private/read").statusCode()).as("what users see on nodes of the old version")
				.isEqualTo(302);
			assertThat(migrated.get("/private/read").statusCode()).as("and afterwards").isEqualTo(200);
		}
	}

	@Test
	void requestsAtTheSameMomentGetTheSameSession() {
		try (WebNode old = Layout.INDEXED.start()) {
			for (int round = 0; round < 10; round++) {
				Browser user = old.browser();
				user.get("/write?value=kept");
				long before = takenOver();
				List<Browser> tabs = new ArrayList<>();
				List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
				for (int i = 0; i < 12; i++) {
					Browser tab = user.at(((i % 2 == 0) ? first : second).port());
					tabs.add(tab);
					answers.add(tab.getAsync("/read"));
				}
				answers.forEach((answer) -> assertThat(answer.join().body()).isEqualTo("kept null"));
				assertThat(tabs.stream().map(Browser::sessionId).distinct()).hasSize(1);
				assertThat(tabs.get(0).sessionId()).isNotEqualTo(user.sessionId());
				assertThat(takenOver() - before).isEqualTo(1);
				assertThat(sessionKeys()).hasSize(round + 1);
			}
		}
	}

	@Test
	void theRequestsThatTakeItOverAreLockedAsOthersAre() {
		String[] properties = { "app.session.redis.namespace=new", "app.session.redis.migrate-from=old",
				"app.session.redis.lock.enabled=true", "test.csrf=false" };
		try (WebNode old = Layout.DEFAULT.start();
				WebNode one = WebNode.start(server, properties);
				WebNode two = WebNode.start(server, properties)) {
			Browser user = old.browser();
			user.get("/write?value=kept");
			List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
			for (int i = 0; i < 12; i++) {
				answers.add(user.at(((i % 2 == 0) ? one : two).port()).postAsync("/lock/count"));
			}
			assertThat(answers.stream().map((answer) -> Integer.valueOf(answer.join().body())))
				.containsExactlyInAnyOrder(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
		}
	}

	@Test
	void answerThatIsLostCostsNoLogIn() {
		try (WebNode old = Layout.DEFAULT.start()) {
			Browser user = old.browser();
			user.logIn("anna");
			user.at(first.port()).get("/private/read");
			Awaitility.await().untilAsserted(() -> assertThat(oldKeys()).isEmpty());
			assertThat(user.at(second.port()).get("/private/read").statusCode()).isEqualTo(200);
		}
	}

	@Test
	void oldIdIsDeadOnceTheNewOneIsChangedOrLoggedOut() {
		try (WebNode old = Layout.DEFAULT.start()) {
			Browser user = old.browser();
			user.get("/write?value=kept");
			Browser migrated = user.at(first.port());
			migrated.logIn("anna");
			assertThat(migrated.get("/private/read").statusCode()).isEqualTo(200);
			assertThat(user.at(second.port()).get("/read").body()).isEqualTo("none");
			Browser other = old.browser();
			other.logIn("ben");
			migrated = other.at(first.port());
			migrated.logOut();
			assertThat(sessionKeys()).hasSize(1);
			Awaitility.await().untilAsserted(() -> assertThat(oldKeys()).isEmpty());
			assertThat(other.at(second.port()).get("/read").body()).isEqualTo("none");
			assertThat(other.at(second.port()).get("/private/read").statusCode()).isEqualTo(302);
		}
	}

	@Test
	void logOutAsTheFirstRequestEndsTheSession() {
		try (WebNode old = Layout.INDEXED.start()) {
			Browser user = old.browser();
			user.logIn("anna");
			Browser migrated = user.at(first.port());
			String csrf = user.csrf();
			String oldId = user.sessionId();
			migrated.post("/logout", Map.of("_csrf", csrf));
			assertThat(migrated.has(Browser.SESSION_COOKIE)).isFalse();
			assertThat(sessionKeys()).isEmpty();
			Awaitility.await().untilAsserted(() -> assertThat(oldKeys(oldId)).isEmpty());
			assertThat(user.at(second.port()).get("/private/read").statusCode()).isEqualTo(302);
		}
	}

	@Test
	void expiredSessionIsNotMigrated() {
		try (WebNode old = Layout.INDEXED.start("app.session.redis.timeout=1s")) {
			Browser user = old.browser();
			user.get("/write?value=kept");
			assertThat(oldKeys()).contains("old:sessions:" + user.sessionId());
			Awaitility.await().until(() -> server.commands().exists("old:sessions:expires:" + user.sessionId()) == 0);
			assertThat(oldKeys()).as("kept for its event").contains("old:sessions:" + user.sessionId());
			assertThat(user.at(first.port()).get("/read").body()).isEqualTo("none");
			assertThat(sessionKeys()).isEmpty();
		}
	}

	@Test
	void absoluteTimeoutCountsFromTheCreation() {
		try (WebNode old = Layout.DEFAULT.start();
				WebNode strict = WebNode.start(server, "app.session.redis.namespace=new",
						"app.session.redis.migrate-from=old", "app.session.redis.absolute-timeout=1h")) {
			Browser user = old.browser();
			user.get("/write?value=kept");
			Instant created = Instant.now();
			Awaitility.await().until(() -> Instant.now().isAfter(created.plusSeconds(1)));
			Browser migrated = user.at(strict.port());
			migrated.get("/read");
			assertThat(
					strict.bean(AtomicRedisSessionRepository.class).operations().describe(migrated.handle()).deadline())
				.isBefore(created.plus(Duration.ofHours(1)).plusMillis(500));
		}
	}

	@Test
	void anUnknownSessionIsNotCreated() {
		try (WebNode old = Layout.INDEXED.start()) {
			old.browser().get("/write?value=kept");
			Set<String> before = oldKeys();
			server.commands().zadd("old:sessions:expirations", 1, "x");
			for (String id : List.of("expirations", "expires:x", "a".repeat(300), "../x", "*", "",
					"00000000-0000-0000-0000-000000000000")) {
				assertThat(first.browser().sessionId(id).get("/read").body()).as(id).isEqualTo("none");
			}
			assertThat(oldKeys()).containsAll(before);
			assertThat(sessionKeys()).isEmpty();
		}
	}

}
