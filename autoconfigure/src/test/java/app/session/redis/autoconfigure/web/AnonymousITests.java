package app.session.redis.autoconfigure.web;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;

import app.session.redis.test.RedisServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests the responses with {@code on-unavailable=anonymous} while Redis is unavailable.
 */
class AnonymousITests {

	private static RedisServer server;

	private static WebNode node;

	private Browser user;

	@BeforeAll
	static void start() {
		server = RedisServer.builder().option("appendonly", "yes").option("appendfsync", "always").start();
		node = WebNode.start(server, "app.session.redis.on-unavailable=anonymous",
				"app.session.redis.command-timeout=300ms", "test.csrf=false");
	}

	@AfterAll
	static void stop() {
		node.close();
		server.close();
	}

	@BeforeEach
	void logIn() {
		this.user = node.browser();
		this.user.get("/write?value=kept");
		assertThat(this.user.post("/login", Map.of("username", "anna", "password", "secret"))
			.headers()
			.firstValue("Location")
			.orElse("")).endsWith("/ok");
		assertThat(this.user.get("/private/read").body()).isEqualTo("kept null");
		server.kill();
	}

	@AfterEach
	void restart() {
		if (!server.isRunning()) {
			server.restart();
		}
		Awaitility.await().atMost(Duration.ofSeconds(5)).until(() -> {
			Browser browser = node.browser();
			browser.get("/new");
			return browser.has(Browser.SESSION_COOKIE);
		});
	}

	@Test
	void aRequestSeesNoSessionAndTheClientKeepsItsCookie() {
		String id = this.user.sessionId();
		assertServed(this.user.get("/read"), "none");
		assertServed(this.user.get("/ok"), "ok");
		assertThat(this.user.get("/private/read").statusCode()).isEqualTo(302);
		assertThat(this.user.sessionId()).isEqualTo(id);
		assertAllIsWellAfterTheReturn();
	}

	@Test
	void aSessionThatIsMadeIsForTheRequestOnly() {
		String id = this.user.sessionId();
		assertServed(this.user.get("/write?value=lost"), "lost");
		assertServed(this.user.get("/new"), "new");
		assertThat(this.user.sessionId()).isEqualTo(id);
		Browser stranger = node.browser();
		assertServed(stranger.get("/write?value=lost"), "lost");
		assertThat(stranger.has(Browser.SESSION_COOKIE)).isFalse();
		assertAllIsWellAfterTheReturn();
	}

	@Test
	void logInFails() {
		Map<String, String> form = Map.of("username", "anna", "password", "secret");
		assertUnavailable(this.user.post("/login", form));
		assertUnavailable(node.browser().post("/login", form));
		assertUnavailable(node.browser().get("/new-with-principal?principal=anna"));
		assertUnavailable(this.user.get("/new-with-principal?principal=anna"));
		assertAllIsWellAfterTheReturn();
	}

	@Test
	void logOutFails() {
		String id = this.user.sessionId();
		assertUnavailable(this.user.post("/logout", Map.of()));
		assertThat(this.user.sessionId()).isEqualTo(id);
		assertAllIsWellAfterTheReturn();
	}

	/**
	 * The deletion received no reply, so it is completed when Redis is available again.
	 */
	@Test
	void logOutThatFailsInItsMidstFailsAndIsCompleted() {
		server.restart();
		assertAllIsWellAfterTheReturn();
		Browser other = node.browser();
		other.get("/write?value=other");
		// A killed server can be noticed before the deletion is sent, which is then
		// refused
		node.hooks().midst.set(server::pause);
		assertUnavailable(this.user.post("/logout", Map.of()));
		server.kill();
		server.restart();
		Awaitility.await()
			.atMost(Duration.ofSeconds(5))
			.untilAsserted(() -> assertThat(other.get("/read").body()).isEqualTo("other null"));
		Awaitility.await()
			.atMost(Duration.ofSeconds(5))
			.untilAsserted(() -> assertThat(this.user.get("/private/read").statusCode()).isEqualTo(302));
		assertThat(other.get("/read").body()).isEqualTo("other null");
	}

	@Test
	void aSaveOfASessionThatWasReadFails() {
		server.restart();
		assertAllIsWellAfterTheReturn();
		node.hooks().midst.set(server::kill);
		assertUnavailable(this.user.get("/write?value=lost"));
		assertAllIsWellAfterTheReturn();
	}

	@Test
	void lookingForOthersFails() {
		assertUnavailable(this.user.get("/find?principal=anna"));
	}

	private void assertAllIsWellAfterTheReturn() {
		if (!server.isRunning()) {
			server.restart();
		}
		Awaitility.await()
			.atMost(Duration.ofSeconds(5))
			.untilAsserted(() -> assertThat(this.user.get("/private/read").body()).isEqualTo("kept null"));
	}

	private static void assertServed(HttpResponse<String> response, String body) {
		assertThat(response.statusCode()).isEqualTo(200);
		assertThat(response.body()).isEqualTo(body);
		assertThat(response.headers().allValues("Set-Cookie")).isEmpty();
	}

	private static void assertUnavailable(HttpResponse<String> response) {
		assertThat(response.statusCode()).as(response.request().toString()).isEqualTo(503);
		assertThat(response.headers().firstValue("Retry-After")).isPresent();
		assertThat(response.headers().allValues("Set-Cookie")).isEmpty();
	}

}
