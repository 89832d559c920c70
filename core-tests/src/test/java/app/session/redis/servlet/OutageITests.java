package app.session.redis.servlet;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import app.session.redis.servlet.TestRepositories.Node;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.EventDelivery;
import app.session.redis.settings.LockSettings;
import app.session.redis.settings.OnLockTimeout;
import app.session.redis.test.RedisSentinel;
import app.session.redis.test.RedisServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Redis that is down, hangs, or comes back.
 */
class OutageITests {

	private static final int THREADS = 16;

	private static final Duration COMMAND_TIMEOUT = Duration.ofMillis(500);

	private final ExecutorService executor = Executors.newFixedThreadPool(THREADS);

	/**
	 * The first connection of a JVM can take longer than these tests wait for an answer.
	 */
	@BeforeAll
	static void connectOnce() {
		try (RedisServer server = RedisServer.start(); TestRepositories repositories = TestRepositories.on(server)) {
			await().ignoreExceptions().until(() -> works(node(repositories)));
		}
	}

	@AfterEach
	void shutDown() throws InterruptedException {
		this.executor.shutdownNow();
		assertThat(this.executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void whileRedisIsDownTheFirstUsesFailInTimeAndItIsUsedWhenItComes() throws Exception {
		try (RedisServer server = RedisServer.start(); TestRepositories repositories = TestRepositories.on(server)) {
			server.kill();
			Node node = node(repositories);
			for (int i = 0; i < 3; i++) {
				failAll(node, "A".repeat(59));
			}
			server.restart();
			await().atMost(Duration.ofSeconds(5)).ignoreExceptions().until(() -> works(node));
			succeedAll(node);
		}
	}

	@Test
	void aPoolThatCannotConnectSaysSo() {
		try (RedisServer server = RedisServer.start();
				TestRepositories repositories = TestRepositories.pooled(server.host(), server.port())) {
			server.kill();
			AtomicRedisSessionRepository repository = node(repositories).repository();
			assertThatExceptionOfType(SessionStoreUnavailableException.class)
				.isThrownBy(() -> repository.findById("A".repeat(59)))
				.satisfies((ex) -> assertThat(ex.getReason()).isEqualTo(Reason.DISCONNECTED));
		}
	}

	@Test
	void whileRedisHangsTheFirstUsesFailInTimeAndItIsUsedWhenItGoesOn() throws Exception {
		try (RedisServer server = RedisServer.start(); TestRepositories repositories = TestRepositories.on(server)) {
			server.pause();
			Node node = node(repositories);
			failAll(node, "A".repeat(59));
			failAll(node, "A".repeat(59));
			server.resume();
			await().atMost(Duration.ofSeconds(5)).ignoreExceptions().until(() -> works(node));
			succeedAll(node);
		}
	}

	@Test
	void noThreadIsLeftBehindThatWaitsForAConnection() {
		try (RedisServer server = RedisServer.start(); TestRepositories repositories = TestRepositories.on(server)) {
			server.pause();
			Node node = repositories.node((settings) -> {
				settings.commandTimeout(COMMAND_TIMEOUT);
				settings.events(EventDelivery.BROADCAST);
				settings.locks(new LockSettings(COMMAND_TIMEOUT, COMMAND_TIMEOUT, OnLockTimeout.REJECT, 0));
			});
			this.executor.execute(() -> works(node));
			await().until(() -> isAlive("redis-session-connect"));
			node.close();
			await().atMost(Duration.ofMillis(500)).until(() -> !isAlive("redis-session"));
		}
	}

	/** A client that is closed leaves those waiting who wait for it to connect. */
	@Test
	void noThreadIsLeftBehindThatAsksSentinels() {
		try (RedisSentinel sentinels = RedisSentinel.builder().start();
				TestRepositories repositories = TestRepositories.on(sentinels)) {
			for (int i = 0; i < 50; i++) {
				Node node = repositories.unstarted((settings) -> {
				});
				assertThat(works(node)).isTrue();
				node.close();
			}
			await().until(() -> !isAlive("redis-session"));
		}
	}

	private static boolean isAlive(String name) {
		return Thread.getAllStackTraces().keySet().stream().anyMatch((thread) -> thread.getName().startsWith(name));
	}

	@Test
	void whileRedisHangsEachCallFailsInTimeAndAllIsWellSoonAfter() throws Exception {
		try (RedisServer server = RedisServer.start(); TestRepositories repositories = TestRepositories.on(server)) {
			Node node = node(repositories);
			StoredSession session = node.repository().createSession();
			session.setAttribute("a", "1");
			node.repository().save(session);
			server.pause();
			for (int i = 0; i < 2; i++) {
				failAll(node, session.getId());
			}
			server.resume();
			await().atMost(Duration.ofSeconds(2)).ignoreExceptions().until(() -> works(node));
			succeedAll(node);
			StoredSession found = node.repository().clientSessions().findById(session.getId());
			assertThat(found.<String>getAttribute("a")).isEqualTo("1");
		}
	}

	@Test
	void aRedisThatIsKilledAndStartedAgainIsUsedAgain() throws Exception {
		try (RedisServer server = RedisServer.start(); TestRepositories repositories = TestRepositories.on(server)) {
			Node node = node(repositories);
			assertThat(works(node)).isTrue();
			server.kill();
			failAll(node, "A".repeat(59));
			server.restart();
			await().ignoreExceptions().until(() -> works(node));
			succeedAll(node);
		}
	}

	@Test
	void aConnectionFactoryThatWasStoppedAndStartedAgainIsUsedAgain() throws Exception {
		try (RedisServer server = RedisServer.start(); TestRepositories repositories = TestRepositories.on(server)) {
			Node node = node(repositories);
			for (int i = 0; i < 3; i++) {
				assertThat(works(node)).isTrue();
				node.engine().stop();
				node.connectionFactory().stop();
				failAll(node, "A".repeat(59));
				node.connectionFactory().start();
				node.engine().start();
				await().atMost(Duration.ofSeconds(2)).ignoreExceptions().until(() -> works(node));
				succeedAll(node);
			}
		}
	}

	private static Node node(TestRepositories repositories) {
		return repositories.unstarted((settings) -> settings.commandTimeout(COMMAND_TIMEOUT));
	}

	private static boolean works(Node node) {
		StoredSession session = node.repository().createSession();
		session.setAttribute("a", "1");
		node.repository().save(session);
		StoredSession found = node.repository().clientSessions().findById(session.getId());
		node.repository().deleteById(session.getId());
		return found != null && "1".equals(found.getAttribute("a"));
	}

	private void failAll(Node node, String id) throws Exception {
		assertThat(all(() -> {
			long start = System.nanoTime();
			try {
				node.repository().clientSessions().findById(id);
				return "found or not, but answered";
			}
			catch (SessionStoreUnavailableException ex) {
				Duration taken = Duration.ofNanos(System.nanoTime() - start);
				return (taken.compareTo(COMMAND_TIMEOUT.plusMillis(500)) <= 0) ? null : "took " + taken;
			}
		})).containsOnlyNulls();
	}

	private void succeedAll(Node node) throws Exception {
		assertThat(all(() -> works(node) ? null : "wrong")).containsOnlyNulls();
	}

	private List<@Nullable String> all(Callable<@Nullable String> task) throws Exception {
		List<Future<@Nullable String>> futures = new ArrayList<>();
		for (int i = 0; i < THREADS; i++) {
			futures.add(this.executor.submit(task));
		}
		List<@Nullable String> results = new ArrayList<>();
		for (Future<@Nullable String> future : futures) {
			results.add(future.get());
		}
		return results;
	}

}
