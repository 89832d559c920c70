package app.session.redis.servlet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import app.session.redis.observation.SessionCounter;
import app.session.redis.servlet.TestRepositories.Node;
import app.session.redis.session.StoredSession;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.events.SessionExpiredEvent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Redis that answers but refuses to write, and Redis that forgets scripts.
 */
class RefusedWritesITests {

	private static final String PRINCIPAL = FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

	@Test
	void withoutMemoryReadsGoOnAndSavesAreRefusedUntilThereIsSome() {
		try (RedisServer server = RedisServer.builder().option("maxmemory-policy", "noeviction").start()) {
			check(server, Reason.OUT_OF_MEMORY, () -> server.commands().configSet("maxmemory", "1"),
					() -> server.commands().configSet("maxmemory", "0"));
		}
	}

	@Test
	void whileSnapshotsFailReadsGoOnAndSavesAreRefused() {
		try (RedisServer server = RedisServer.builder().option("save", "3600", "1000000").start()) {
			Path obstacle = server.directory().resolve("dump.rdb");
			check(server, Reason.PERSISTENCE_FAILED, () -> {
				create(obstacle.resolve("in-the-way"));
				snapshot(server, "err");
			}, () -> {
				delete(obstacle.resolve("in-the-way"));
				delete(obstacle);
				snapshot(server, "ok");
			});
		}
	}

	private static void snapshot(RedisServer server, String status) {
		server.commands().bgsave();
		await().until(() -> server.commands().info("persistence").contains("rdb_last_bgsave_status:" + status)
				&& server.commands().info("persistence").contains("rdb_bgsave_in_progress:0"));
	}

	private static void create(Path directory) {
		try {
			Files.createDirectories(directory);
		}
		catch (IOException ex) {
			throw new AssertionError(ex);
		}
	}

	private static void delete(Path directory) {
		try {
			Files.delete(directory);
		}
		catch (IOException ex) {
			throw new AssertionError(ex);
		}
	}

	@Test
	void withoutReplicasReadsGoOnAndSavesAreRefusedUntilTheyAreBack() {
		try (RedisServer server = RedisServer.start()) {
			check(server, Reason.NO_REPLICAS, () -> server.commands().configSet("min-replicas-to-write", "1"),
					() -> server.commands().configSet("min-replicas-to-write", "0"));
		}
	}

	@Test
	void aDemotedPrimaryIsReadUntilItIsPromotedAgain() {
		try (RedisServer server = RedisServer.start()) {
			// Nobody listens there, so that it keeps its data
			check(server, Reason.READ_ONLY, () -> server.commands().replicaof(server.host(), 1),
					() -> server.commands().replicaofNoOne());
		}
	}

	private static void check(RedisServer server, Reason reason, Runnable refuse, Runnable allow) {
		try (TestRepositories repositories = TestRepositories.on(server)) {
			Node node = repositories.node((settings) -> settings.collectorLease(Duration.ofSeconds(1)));
			AtomicRedisSessionRepository repository = node.repository();
			StoredSession session = create(repository, Duration.ofMinutes(30));
			StoredSession endless = create(repository, Duration.ZERO);
			StoredSession brief = create(repository, Duration.ofSeconds(2));
			StoredSession unsaved = repository.createSession();
			unsaved.setAttribute(PRINCIPAL, "bob");
			refuse.run();
			for (StoredSession each : List.of(session, endless)) {
				assertThat(repository.clientSessions().findById(each.getId()).<String>getAttribute("a")).isEqualTo("1");
				assertThat(repository.findById(each.getHandle())).isNotNull();
			}
			assertThat(repository.findByPrincipalName("alice")).containsKeys(session.getId(), endless.getId());
			assertThat(repository.operations().describe(session.getHandle())).isNotNull();
			assertThat(repository.getStatistics().get(SessionCounter.TOUCHES_REFUSED))
				.isEqualTo((reason == Reason.OUT_OF_MEMORY) ? 1 : 2);
			session.setAttribute("a", "2");
			endless.setAttribute(PRINCIPAL, "bob");
			String id = endless.getId();
			endless.changeSessionId();
			refused(reason, () -> repository.save(session));
			refused(reason, () -> repository.save(endless));
			refused(reason, () -> repository.save(unsaved));
			refused(reason, () -> repository.save(unsaved));
			if (reason != Reason.OUT_OF_MEMORY) {
				refused(reason, () -> repository.deleteById(session.getId()));
				assertThat(repository.findById(session.getId())).isNotNull();
			}
			await().until(() -> repository.findById(brief.getId()) == null);
			assertThat(node.events(SessionExpiredEvent.class)).isEmpty();
			allow.run();
			assertThat(repository.findById(session.getId()).<String>getAttribute("a")).isEqualTo("1");
			assertThat(repository.findById(id).<String>getAttribute(PRINCIPAL)).isEqualTo("alice");
			assertThat(repository.findById(unsaved.getId())).isNull();
			assertThat(repository.findByPrincipalName("bob")).isEmpty();
			for (StoredSession each : List.of(session, endless, unsaved)) {
				repository.save(each);
				assertThat(repository.clientSessions().findById(each.getId())).isNotNull();
			}
			assertThat(repository.findById(session.getId()).<String>getAttribute("a")).isEqualTo("2");
			assertThat(repository.findByPrincipalName("bob").values()).containsExactlyInAnyOrder(endless, unsaved);
			assertThat(repository.findById(id)).isNull();
			await().until(() -> node.events(SessionExpiredEvent.class).size() == 1);
			List.of(session, endless, unsaved).forEach((each) -> repository.deleteById(each.getId()));
			await()
				.untilAsserted(() -> assertThat(server.keys()).allMatch((key) -> key.equals("app:session:collector")));
		}
	}

	private static StoredSession create(AtomicRedisSessionRepository repository, Duration interval) {
		StoredSession session = repository.createSession();
		session.setMaxInactiveInterval(interval);
		session.setAttribute(PRINCIPAL, "alice");
		session.setAttribute("a", "1");
		repository.save(session);
		return session;
	}

	private static void refused(Reason reason, ThrowingCallable operation) {
		assertThatExceptionOfType(SessionStoreUnavailableException.class).isThrownBy(operation)
			.satisfies((ex) -> assertThat(ex.getReason()).isEqualTo(reason));
	}

	@ParameterizedTest
	@EnumSource
	void scriptsMayBeForgottenAtAnyMoment(Topology topology) throws Exception {
		topology.flushAll();
		ExecutorService executor = Executors.newFixedThreadPool(5);
		AtomicBoolean done = new AtomicBoolean();
		try (TestRepositories repositories = topology.repositories()) {
			Node node = repositories.node((settings) -> settings.commandTimeout(Duration.ofSeconds(10)));
			Future<?> flushing = executor.submit(() -> {
				while (!done.get()) {
					forget(topology);
				}
			});
			List<Future<?>> workers = new ArrayList<>();
			for (int i = 0; i < 4; i++) {
				String principal = "user" + i;
				workers.add(executor.submit(() -> {
					for (int k = 0; k < 100; k++) {
						work(node.repository(), principal);
					}
				}));
			}
			for (Future<?> worker : workers) {
				worker.get();
			}
			done.set(true);
			flushing.get();
			await().untilAsserted(
					() -> assertThat(topology.keys()).allMatch((key) -> key.equals("app:session:collector")));
		}
		finally {
			done.set(true);
			executor.shutdownNow();
			assertThat(executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
		}
	}

	private static void forget(Topology topology) {
		if (topology == Topology.STANDALONE) {
			SharedRedis.standalone().commands().scriptFlush();
		}
		else {
			SharedRedis.cluster().nodes().forEach((server) -> server.commands().scriptFlush());
		}
	}

	private static void work(AtomicRedisSessionRepository repository, String principal) {
		StoredSession session = repository.createSession();
		session.setAttribute(PRINCIPAL, principal);
		repository.save(session);
		StoredSession found = repository.clientSessions().findById(session.getId());
		found.setAttribute("a", "1");
		found.changeSessionId();
		repository.save(found);
		assertThat(repository.findById(session.getId())).isNull();
		assertThat(repository.findByPrincipalName(principal).values()).containsExactly(found);
		assertThat(repository.operations().describe(found.getHandle()).attributes()).containsKey("a");
		assertThat(repository.operations().page(null, 5).sessions()).isNotNull();
		repository.deleteById(found.getId());
		assertThat(repository.findById(found.getId())).isNull();
	}

}
