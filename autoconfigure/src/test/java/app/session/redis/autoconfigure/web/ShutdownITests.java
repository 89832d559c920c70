package app.session.redis.autoconfigure.web;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

import app.session.redis.autoconfigure.web.Hooks.Gate;
import app.session.redis.test.Background;
import app.session.redis.test.RedisServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests the shutdown of a node while others continue.
 */
class ShutdownITests {

	private static final String[] EVERYTHING = { "server.shutdown=graceful", "app.session.redis.lock.enabled=true",
			"app.session.redis.events=broadcast", "app.session.redis.limits.per-principal=5",
			"app.session.redis.command-timeout=500ms", "test.csrf=false" };

	private static RedisServer server;

	@BeforeAll
	static void start() {
		server = RedisServer.start();
		// the threads of the tests themselves exist before the threads that a node leaves
		// are checked
		server.commands().ping();
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@Test
	void aRequestThatIsUnderWayIsServedToItsEnd() {
		try (WebNode other = WebNode.start(server, EVERYTHING); WebNode node = WebNode.start(server, EVERYTHING)) {
			Browser user = node.browser();
			assertThat(user.post("/lock/count").body()).isEqualTo("1");
			Gate gate = node.hooks().gate();
			CompletableFuture<HttpResponse<String>> answer = user.postAsync("/lock/count");
			gate.awaitReached();
			CompletableFuture<Void> closed = Background.run(node::close);
			await("no request is accepted").until(() -> node.port() < 0);
			gate.open();
			assertThat(answer.join().body()).isEqualTo("2");
			closed.join();
			assertThat(user.at(other.port()).post("/lock/count").body()).isEqualTo("3");
		}
	}

	@Test
	void nothingIsLeftOfANodeThatIsClosed() {
		Set<Thread> before = threads();
		Set<String> connected = connections();
		WebNode node = WebNode.start(server, EVERYTHING);
		await().untilAsserted(() -> assertThat(server.commands().exists("app:session:collector")).isOne());
		Browser user = node.browser();
		user.get("/write?value=a");
		user.post("/login", Map.of("username", "anna", "password", "secret"));
		assertThat(user.post("/lock/count").body()).isEqualTo("1");
		assertThat(connections()).hasSizeGreaterThan(connected.size());
		node.close();
		await().untilAsserted(() -> {
			assertThat(connections()).isEqualTo(connected);
			assertThat(ofSessions(before)).isEmpty();
		});
		assertThat(server.commands().exists("app:session:collector")).as("the collector's lease").isZero();
	}

	@Test
	void aNodeIsClosedInTimeThoughRedisHangs() {
		Set<Thread> before = threads();
		WebNode node = WebNode.start(server, EVERYTHING);
		Browser user = node.browser();
		user.get("/write?value=a");
		server.pause();
		try {
			assertThat(user.get("/read").statusCode()).isEqualTo(503);
			long start = System.nanoTime();
			node.close();
			assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
			await().untilAsserted(() -> assertThat(ofSessions(before)).isEmpty());
		}
		finally {
			server.resume();
		}
	}

	private static Set<String> connections() {
		return server.commands().clientList().lines().map((line) -> line.split(" ")[0]).collect(Collectors.toSet());
	}

	private static Set<Thread> threads() {
		return new HashSet<>(Thread.getAllStackTraces().keySet());
	}

	/**
	 * Returns the threads of the session store and of its client that were started since
	 * then.
	 */
	private static List<String> ofSessions(Set<Thread> before) {
		return threads().stream()
			.filter((thread) -> !before.contains(thread))
			.map(Thread::getName)
			.filter((name) -> name.startsWith("redis-session") || name.startsWith("lettuce"))
			.toList();
	}

}
