package app.session.redis.autoconfigure.web;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import app.session.redis.test.Background;
import app.session.redis.test.RedisCluster;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests sessions with a connection pool.
 */
class PoolITests {

	private static final String[] POOL = { "app.session.redis.pool.enabled=true", "app.session.redis.pool.max-total=2",
			"app.session.redis.pool.max-wait=300ms" };

	@Test
	void manyRequestsShareFewConnections() {
		try (RedisServer server = RedisServer.start(); WebNode node = WebNode.start(server, POOL)) {
			assertLogInsWork(node);
			assertThat(server.commands().clientList().lines().filter((line) -> !line.contains("name= ")).count())
				.as("the connections of the pool, and what the tests have")
				.isLessThanOrEqualTo(4);
			Browser user = node.browser();
			user.get("/write?value=kept");
			server.pause();
			List<CompletableFuture<HttpResponse<String>>> failing = new ArrayList<>();
			long start = System.nanoTime();
			for (int i = 0; i < 8; i++) {
				failing.add(user.getAsync("/read"));
			}
			failing.forEach((response) -> assertThat(response.join().statusCode()).isEqualTo(503));
			assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
			server.resume();
			Awaitility.await()
				.atMost(Duration.ofSeconds(10))
				.untilAsserted(() -> assertThat(user.get("/read").body()).isEqualTo("kept null"));
			assertLogInsWork(node);
		}
	}

	@Test
	void aClusterCanHaveOneToo() {
		RedisCluster cluster = SharedRedis.cluster();
		List<String> properties = new ArrayList<>(List.of(POOL));
		properties.add("app.session.redis.mode=cluster");
		properties.add("app.session.redis.hosts=" + String.join(",", cluster.seeds()));
		properties.set(2, "app.session.redis.pool.max-wait=5s");
		try (WebNode node = WebNode.start(List.of(WebTestApplication.class), properties)) {
			assertLogInsWork(node);
		}
	}

	private static void assertLogInsWork(WebNode node) {
		List<CompletableFuture<Void>> users = new ArrayList<>();
		for (int i = 0; i < 8; i++) {
			Browser browser = node.browser();
			users.add(Background.run(() -> {
				browser.get("/write?value=kept");
				browser.logIn("anna");
				assertThat(browser.get("/private/read").body()).isEqualTo("kept null");
				browser.logOut();
				assertThat(browser.get("/read").body()).isEqualTo("none");
			}));
		}
		users.forEach(CompletableFuture::join);
	}

}
