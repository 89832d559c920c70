package app.session.redis.servlet;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import app.session.redis.servlet.TestRepositories.Node;
import app.session.redis.session.StoredSession;
import app.session.redis.test.JavaProcess;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.events.SessionExpiredEvent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * That each expiry is told, whatever becomes of nodes and of Redis.
 */
class ExpiryITests {

	private static final String PRINCIPAL = FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

	private static final Duration LONG = Duration.ofSeconds(30);

	private final Queue<String> told = new ConcurrentLinkedQueue<>();

	@BeforeEach
	void empty() {
		SharedRedis.standalone().flushAll();
	}

	@Test
	void everyExpiryIsToldThoughTheNodeThatHoldsTheLeaseIsKilled() {
		int count = 5000;
		RedisServer server = SharedRedis.standalone();
		try (RedisServer recorder = RedisServer.start();
				JavaProcess first = process("first", server, recorder);
				JavaProcess second = process("second", server, recorder);
				TestRepositories repositories = TestRepositories.on(server)) {
			first.awaitLine("started", LONG);
			second.awaitLine("started", LONG);
			Map<String, String> values = createAll(repositories, count, Instant.now().plusSeconds(4));
			await().atMost(LONG)
				.pollInterval(Duration.ofMillis(2))
				.until(() -> recorder.commands().llen(ExpiryNode.RECORDS) > 700);
			JavaProcess leader = recorder.commands().lindex(ExpiryNode.RECORDS, -1).startsWith("first") ? first
					: second;
			leader.kill();
			assertThat(server.commands().pttl("app:session:collector")).as("lease of the killed node").isPositive();
			int atKill = records(recorder).size();
			assertThat(atKill).isLessThan(count);
			await().atMost(LONG).until(() -> handles(records(recorder)).size() == count);
			await().atMost(LONG)
				.untilAsserted(() -> assertThat(server.keys()).allMatch((key) -> key.equals("app:session:collector")));
			List<String[]> records = records(recorder);
			assertThat(records).allSatisfy((line) -> assertThat(line[2]).isEqualTo(values.get(line[1])));
			assertThat(handles(records)).isEqualTo(values.keySet());
			Set<String> lastBatch = handles(records.subList(Math.max(0, atKill - 500), atKill));
			Set<String> seen = new HashSet<>();
			assertThat(records.stream().map((line) -> line[1]).filter((handle) -> !seen.add(handle))).as("told twice")
				.doesNotHaveDuplicates()
				.allMatch(lastBatch::contains);
		}
	}

	private static JavaProcess process(String name, RedisServer server, RedisServer recorder) {
		return JavaProcess.of(ExpiryNode.class)
			.args(name, server.host(), Integer.toString(server.port()), Integer.toString(recorder.port()))
			.start();
	}

	private static Map<String, String> createAll(TestRepositories repositories, int count, Instant end) {
		Map<String, String> values = new ConcurrentHashMap<>();
		Node node = repositories.unstarted((settings) -> settings.commandTimeout(Duration.ofSeconds(5)));
		IntStream.range(0, count).parallel().forEach((i) -> {
			StoredSession session = node.repository().createSession();
			Duration left = Duration.between(Instant.now(), end);
			// Connecting may take longer, and without a positive interval it lives for
			// ever
			session.setMaxInactiveInterval((left.toMillis() > 0) ? left : Duration.ofMillis(1));
			session.setAttribute(PRINCIPAL, "user" + i % 50);
			session.setAttribute("value", "value" + i);
			node.repository().save(session);
			values.put(session.getHandle(), "value" + i);
		});
		return values;
	}

	private static List<String[]> records(RedisServer recorder) {
		return recorder.commands()
			.lrange(ExpiryNode.RECORDS, 0, -1)
			.stream()
			.map((line) -> line.split(" ", -1))
			.toList();
	}

	private static Set<String> handles(List<String[]> records) {
		Set<String> handles = new HashSet<>();
		records.forEach((line) -> handles.add(line[1]));
		return handles;
	}

	@ParameterizedTest
	@EnumSource
	void whatExpiresWhileAllNodesAreDownIsToldWhenOneStarts(Topology topology) {
		topology.flushAll();
		Map<String, String> values;
		try (TestRepositories repositories = topology.repositories()) {
			values = createAll(repositories, 60, Instant.now().plusMillis(1500));
		}
		await().until(() -> topology.keys()
			.stream()
			.filter((key) -> key.contains(":session:{"))
			.allMatch((key) -> topology.pttl(key) < Duration.ofMinutes(5).toMillis()));
		assertThat(topology.keys().stream().filter((key) -> key.contains(":session:{"))).hasSize(60);
		try (TestRepositories repositories = topology.repositories()) {
			List<Node> nodes = List.of(repositories.node((settings) -> {
			}), repositories.node((settings) -> {
			}));
			await().untilAsserted(
					() -> assertThat(topology.keys()).allMatch((key) -> key.equals("app:session:collector")));
			Map<String, String> told = new HashMap<>();
			for (Node node : nodes) {
				for (SessionExpiredEvent event : node.events(SessionExpiredEvent.class)) {
					StoredSession session = event.getSession();
					assertThat(told.put(session.getHandle(), session.getRequiredAttribute("value"))).isNull();
				}
			}
			assertThat(told).isEqualTo(values);
		}
	}

	@Test
	void aLateSaveThatShortensTheTimeoutDelaysNoExpiry() {
		try (TestRepositories repositories = TestRepositories.on(SharedRedis.standalone())) {
			Node node = repositories.unstarted((settings) -> {
			});
			StoredSession session = node.repository().createSession();
			session.setMaxInactiveInterval(Duration.ofMinutes(30));
			node.repository().save(session);
			StoredSession slow = node.repository().findById(session.getId());
			session.setMaxInactiveInterval(Duration.ofMillis(200));
			node.repository().save(session);
			await().until(() -> node.repository().findById(session.getId()) == null);
			slow.setMaxInactiveInterval(Duration.ofMinutes(20));
			node.repository().save(slow);
			node.engine().start();
			await().until(() -> node.events(SessionExpiredEvent.class).size() == 1);
		}
	}

	@Test
	void nodesWithOtherGraceAndTimeoutLogNobodyOut() {
		try (TestRepositories repositories = TestRepositories.on(SharedRedis.standalone())) {
			Node patient = repositories.node((settings) -> {
				settings.grace(Duration.ofHours(1));
				settings.idleTimeout(Duration.ofSeconds(2));
			});
			Node hasty = repositories.node((settings) -> {
				settings.grace(Duration.ofSeconds(2));
				settings.collectorLease(Duration.ofSeconds(1));
				settings.idleTimeout(Duration.ofHours(1));
			});
			StoredSession brief = create(patient);
			StoredSession lasting = create(hasty);
			Instant end = Instant.now().plusSeconds(4);
			await().until(() -> {
				for (Node node : List.of(patient, hasty)) {
					for (StoredSession session : List.of(brief, lasting)) {
						StoredSession found = node.repository().clientSessions().findById(session.getId());
						assertThat(found).isNotNull();
						found.setAttribute("seen", Instant.now());
						node.repository().save(found);
					}
				}
				return Instant.now().isAfter(end);
			});
			assertThat(ttl(brief)).isBetween(Duration.ofHours(1), Duration.ofHours(1).plusSeconds(2));
			assertThat(ttl(lasting)).isBetween(Duration.ofHours(1), Duration.ofHours(1).plusSeconds(2));
			assertThat(hasty.repository().operations().describe(brief.getHandle()).idleTimeout())
				.isEqualTo(Duration.ofSeconds(2));
			assertThat(patient.events(SessionExpiredEvent.class)).isEmpty();
			assertThat(hasty.events(SessionExpiredEvent.class)).isEmpty();
			await().until(() -> patient.events(SessionExpiredEvent.class).size()
					+ hasty.events(SessionExpiredEvent.class).size() == 1);
			assertThat(patient.repository().findById(lasting.getId())).isNotNull();
		}
	}

	private static Duration ttl(StoredSession session) {
		return Duration
			.ofMillis(SharedRedis.standalone().commands().pttl("app:session:session:{" + session.getHandle() + "}"));
	}

	private static StoredSession create(Node node) {
		StoredSession session = node.repository().createSession();
		node.repository().save(session);
		return session;
	}

	@Test
	void aSlowListenerIsToldNothingTwice() {
		try (TestRepositories repositories = TestRepositories.on(SharedRedis.standalone())) {
			Set<String> handles = createAll(repositories, 8, Instant.now().plusMillis(300)).keySet();
			for (int i = 0; i < 2; i++) {
				repositories.node((settings) -> settings.collectorLease(Duration.ofSeconds(1)),
						(engine) -> engine.setApplicationEventPublisher(slow(Duration.ofMillis(500))));
			}
			await().atMost(LONG)
				.untilAsserted(() -> assertThat(SharedRedis.standalone().keys())
					.allMatch((key) -> key.equals("app:session:collector")));
			assertThat(this.told).containsExactlyInAnyOrderElementsOf(handles);
		}
	}

	/** Records, and takes as long as a listener that does real work. */
	private ApplicationEventPublisher slow(Duration delay) {
		CountDownLatch never = new CountDownLatch(1);
		return (event) -> {
			if (event instanceof SessionExpiredEvent expired) {
				this.told.add(expired.<StoredSession>getSession().getHandle());
				try {
					assertThat(never.await(delay.toMillis(), TimeUnit.MILLISECONDS)).isFalse();
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
				}
			}
		};
	}

	@Test
	void aNodeThatIsStoppedAmidABatchLeavesTheRestToAnotherWhichTellsNothingTwice() {
		try (TestRepositories repositories = TestRepositories.on(SharedRedis.standalone())) {
			Set<String> handles = createAll(repositories, 16, Instant.now().plusMillis(300)).keySet();
			Node first = repositories.node((settings) -> settings.collectorLease(Duration.ofSeconds(1)),
					(engine) -> engine.setApplicationEventPublisher(slow(Duration.ofMillis(250))));
			await().until(() -> !this.told.isEmpty());
			repositories.node((settings) -> settings.collectorLease(Duration.ofSeconds(1)),
					(engine) -> engine.setApplicationEventPublisher(slow(Duration.ZERO)));
			first.engine().stop();
			await().atMost(LONG)
				.untilAsserted(() -> assertThat(SharedRedis.standalone().keys())
					.allMatch((key) -> key.equals("app:session:collector")));
			assertThat(this.told).containsExactlyInAnyOrderElementsOf(handles);
		}
	}

	@Test
	void aListenerThatFailsWithAnErrorStopsNothing() {
		try (TestRepositories repositories = TestRepositories.on(SharedRedis.standalone())) {
			Set<String> handles = createAll(repositories, 10, Instant.now().plusMillis(300)).keySet();
			repositories.node((settings) -> {
			}, (engine) -> engine.setApplicationEventPublisher((event) -> {
				if (event instanceof SessionExpiredEvent expired) {
					this.told.add(expired.<StoredSession>getSession().getHandle());
					throw new NoClassDefFoundError("a class of the application");
				}
			}));
			await().untilAsserted(() -> assertThat(this.told).containsExactlyInAnyOrderElementsOf(handles));
			Set<String> later = createAll(repositories, 10, Instant.now().plusMillis(300)).keySet();
			await().untilAsserted(() -> assertThat(this.told).containsAll(later).hasSize(20));
		}
	}

	@Test
	void aPausedRedisDelaysEventsButLosesNone() {
		try (RedisServer server = RedisServer.start(); TestRepositories repositories = TestRepositories.on(server)) {
			Node node = repositories.node((settings) -> settings.commandTimeout(Duration.ofMillis(300)));
			List<String> handles = new ArrayList<>(
					createAll(repositories, 50, Instant.now().plusMillis(1000)).keySet());
			server.pause();
			Instant end = Instant.now().plusSeconds(3);
			await().until(() -> Instant.now().isAfter(end));
			server.resume();
			await().untilAsserted(() -> assertThat(handles(node)).containsExactlyInAnyOrderElementsOf(handles));
		}
	}

	@Test
	void aRedisThatIsKilledAndStartedAgainDelaysEventsButLosesNone() {
		try (RedisServer server = RedisServer.builder()
			.option("appendonly", "yes")
			.option("appendfsync", "always")
			.start(); TestRepositories repositories = TestRepositories.on(server)) {
			Node node = repositories.node((settings) -> settings.commandTimeout(Duration.ofMillis(300)));
			List<String> handles = new ArrayList<>(
					createAll(repositories, 50, Instant.now().plusMillis(1000)).keySet());
			server.kill();
			Instant end = Instant.now().plusSeconds(2);
			await().until(() -> Instant.now().isAfter(end));
			server.restart();
			await().atMost(LONG)
				.untilAsserted(() -> assertThat(handles(node)).containsExactlyInAnyOrderElementsOf(handles));
		}
	}

	private static List<String> handles(Node node) {
		return node.events(SessionExpiredEvent.class)
			.stream()
			.map((event) -> event.<StoredSession>getSession().getHandle())
			.toList();
	}

}
