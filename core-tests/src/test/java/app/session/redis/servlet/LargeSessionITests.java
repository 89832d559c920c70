package app.session.redis.servlet;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

import app.session.redis.client.CallSender;
import app.session.redis.observation.SessionCounter;
import app.session.redis.servlet.TestRepositories.Node;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.EventDelivery;
import app.session.redis.settings.SessionSettingsBuilder;
import app.session.redis.store.SessionStore;
import app.session.redis.test.RedisServer;
import app.session.redis.test.TcpProxy;
import app.session.redis.test.TcpProxy.Direction;
import io.lettuce.core.Range;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.events.SessionExpiredEvent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Sessions that are large alone or together. The server closes a connection on which more
 * than 16 MB wait to be read.
 */
class LargeSessionITests {

	private static final String PRINCIPAL = FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

	private static final int MEGABYTE = 1024 * 1024;

	private static final Duration LONG = Duration.ofSeconds(60);

	private static RedisServer server() {
		return RedisServer.builder().option("client-output-buffer-limit", "normal", "16mb", "0", "0").start();
	}

	@Test
	void theExpiryOfManyLargeSessionsIsPublishedAndFailsNoRequest() throws Exception {
		try (RedisServer server = server(); TestRepositories repositories = TestRepositories.on(server)) {
			Node writer = repositories.unstarted(patient());
			StoredSession used = create(writer, Duration.ofMinutes(30), 10);
			List<String> handles = new ArrayList<>();
			for (int i = 0; i < 60; i++) {
				handles.add(create(writer, Duration.ofMillis(500), MEGABYTE).getHandle());
			}
			awaitDue(server, 60);
			Node node = repositories.unstarted(patient());
			try (Requests requests = new Requests(node, used.getId())) {
				node.engine().start();
				awaitExpired(node, handles);
				await().atMost(LONG).until(() -> sessionKeys(server) == 1);
				assertThat(requests.failures).isEmpty();
			}
			assertThat(attributes(node)).allSatisfy((value) -> assertThat(value).hasSize(MEGABYTE));
		}
	}

	@Test
	void aSessionThatCanNotBeReadIsPublishedWithoutAttributesAndHoldsUpNoOther() throws Exception {
		try (RedisServer server = server(); TestRepositories repositories = TestRepositories.on(server)) {
			Node writer = repositories.unstarted(patient());
			StoredSession used = create(writer, Duration.ofMinutes(30), 10);
			StoredSession large = create(writer, Duration.ofSeconds(1), 20 * MEGABYTE);
			List<String> handles = new ArrayList<>();
			handles.add(large.getHandle());
			for (int i = 0; i < 20; i++) {
				handles.add(create(writer, Duration.ofSeconds(1), 10).getHandle());
			}
			awaitDue(server, 21);
			Node node = repositories.unstarted(patient());
			try (Requests requests = new Requests(node, used.getId())) {
				node.engine().start();
				awaitExpired(node, handles);
				await().atMost(LONG).until(() -> sessionKeys(server) == 1);
				assertThat(requests.failures).isEmpty();
			}
			for (SessionExpiredEvent event : node.events(SessionExpiredEvent.class)) {
				StoredSession session = event.getSession();
				boolean isLarge = session.getHandle().equals(large.getHandle());
				assertThat(session.<String>getAttribute("value")).isEqualTo(isLarge ? null : "x".repeat(10));
				assertThat(session.getCreationTime()).isNotNull();
			}
			assertThat(server.keys()).noneMatch((key) -> key.contains(":index:") && server.commands().zcard(key) != 1);
		}
	}

	@Test
	void noContentIsReadWhereNoListenerNeedsIt() {
		try (RedisServer server = server();
				TcpProxy proxy = TcpProxy.to(server);
				TestRepositories direct = TestRepositories.on(server);
				TestRepositories repositories = TestRepositories.on(proxy.host(), proxy.port())) {
			Node writer = direct.unstarted(patient());
			for (int i = 0; i < 5; i++) {
				create(writer, Duration.ofMillis(500), MEGABYTE);
			}
			Node node = repositories.node(patient().andThen((settings) -> settings.events(EventDelivery.NONE)));
			await().atMost(LONG).until(() -> sessionKeys(server) == 0);
			assertThat(node.repository().getStatistics().get(SessionCounter.EXPIRED)).isEqualTo(5);
			assertThat(proxy.bytes(Direction.TO_CLIENT)).isLessThan(MEGABYTE);
		}
	}

	@Test
	void manyLargeSessionsAreFoundByTheirPrincipalAndFailNoRequest() throws Exception {
		try (RedisServer server = server(); TestRepositories repositories = TestRepositories.on(server)) {
			Node node = repositories.unstarted(patient());
			StoredSession used = create(node, Duration.ofMinutes(30), 10);
			List<String> ids = new ArrayList<>();
			for (int i = 0; i < 32; i++) {
				StoredSession session = create(node, Duration.ofMinutes(30).plusSeconds(i),
						(i % 4 != 1) ? MEGABYTE : 10);
				session.setAttribute(PRINCIPAL, "bob");
				node.repository().save(session);
				ids.add(session.getId());
			}
			try (Requests requests = new Requests(node, used.getId())) {
				Map<String, StoredSession> found = node.repository().findByPrincipalName("bob");
				assertThat(found.values()).extracting(StoredSession::getHandle)
					.containsExactlyElementsOf(ids.stream().map((id) -> id.substring(0, 16)).toList());
				assertThat(found.get(ids.get(0)).<String>getAttribute("value")).hasSize(MEGABYTE);
				assertThat(found.get(ids.get(1)).<String>getAttribute("value")).hasSize(10);
				assertThat(node.repository().deleteByPrincipalName("bob")).isEqualTo(32);
				assertThat(requests.failures).isEmpty();
			}
		}
	}

	@Test
	void whichSessionsHaveEndedIsToldWithoutReadingThem() {
		try (RedisServer server = server(); TestRepositories repositories = TestRepositories.on(server)) {
			Node node = repositories.unstarted(patient());
			StoredSession large = create(node, Duration.ofMinutes(30), 20 * MEGABYTE);
			StoredSession ended = create(node, Duration.ofMinutes(30), 10);
			node.repository().deleteById(ended.getId());
			SessionStore store = new SessionStore(new CallSender(node.connectionFactory(), Duration.ofSeconds(5), null),
					"app:session");
			assertThat(store.await(store.bulk().gone(List.of(large.getHandle(), ended.getHandle()))))
				.containsExactly(ended.getHandle());
		}
	}

	@ParameterizedTest
	@EnumSource
	void twoNodesPublishEachExpiryOnce(Topology topology) {
		topology.flushAll();
		try (TestRepositories repositories = topology.repositories()) {
			Node writer = repositories.unstarted(patient());
			List<String> handles = new ArrayList<>();
			for (int i = 0; i < 100; i++) {
				handles.add(create(writer, Duration.ofSeconds(1), 50_000).getHandle());
			}
			Queue<String> published = new ConcurrentLinkedQueue<>();
			for (int i = 0; i < 2; i++) {
				repositories.node(patient().andThen((settings) -> settings.collectorLease(Duration.ofSeconds(2))),
						(engine) -> engine.setApplicationEventPublisher((event) -> {
							if (event instanceof SessionExpiredEvent expired) {
								StoredSession session = expired.getSession();
								assertThat(session.<String>getAttribute("value")).hasSize(50_000);
								published.add(session.getHandle());
							}
						}));
			}
			await().atMost(LONG).until(() -> topology.keys().stream().allMatch((key) -> key.endsWith(":collector")));
			assertThat(published).containsExactlyInAnyOrderElementsOf(handles);
		}
	}

	@Test
	void theSeparateConnectionsAreClosedAndOpenedAgainWithTheRepository() {
		try (RedisServer server = server(); TestRepositories repositories = TestRepositories.on(server)) {
			Node node = repositories.unstarted(patient());
			for (int i = 1; i <= 3; i++) {
				create(node, Duration.ofMinutes(30), 5 * MEGABYTE);
				node.engine().start();
				int count = i;
				create(node, Duration.ofMillis(300), 10);
				await().atMost(LONG).until(() -> node.events(SessionExpiredEvent.class).size() == count);
				assertThat(node.repository().findByPrincipalName("alice")).hasSize(i);
				assertThat(connections(server)).isEqualTo(3);
				node.engine().stop();
				await().until(() -> connections(server) == 1);
			}
		}
	}

	/** The connections of nodes: those of tests don't send these commands last. */
	private static long connections(RedisServer server) {
		return server.commands()
			.clientList()
			.lines()
			.filter((client) -> client.contains("cmd=eval") || client.contains("cmd=zrem")
					|| client.contains("cmd=zrange") || client.contains("cmd=hgetall"))
			.count();
	}

	private static Consumer<SessionSettingsBuilder> patient() {
		return (settings) -> settings.commandTimeout(Duration.ofSeconds(5));
	}

	private static StoredSession create(Node node, Duration interval, int bytes) {
		StoredSession session = node.repository().createSession();
		session.setMaxInactiveInterval(interval);
		session.setAttribute(PRINCIPAL, "alice");
		session.setAttribute("value", "x".repeat(bytes));
		node.repository().save(session);
		return session;
	}

	private static long sessionKeys(RedisServer server) {
		return server.keys().stream().filter((key) -> key.contains(":session:{")).count();
	}

	/** Waits until that many have expired, so that they are collected together. */
	private static void awaitDue(RedisServer server, int count) {
		await().atMost(LONG)
			.until(() -> server.keys()
				.stream()
				.filter((key) -> key.contains(":expiry:"))
				.mapToLong((key) -> server.commands().zcount(key, Range.create(0, System.currentTimeMillis())))
				.sum() == count);
	}

	private static void awaitExpired(Node node, List<String> handles) {
		await().atMost(LONG)
			.untilAsserted(() -> assertThat(node.events(SessionExpiredEvent.class))
				.extracting((event) -> event.<StoredSession>getSession().getHandle())
				.containsExactlyInAnyOrderElementsOf(handles));
	}

	private static List<String> attributes(Node node) {
		return node.events(SessionExpiredEvent.class)
			.stream()
			.map((event) -> event.<StoredSession>getSession().<String>getRequiredAttribute("value"))
			.toList();
	}

	/** Reads a session again and again. */
	private static final class Requests implements AutoCloseable {

		private final Queue<RuntimeException> failures = new ConcurrentLinkedQueue<>();

		private final AtomicBoolean running = new AtomicBoolean(true);

		private final Thread thread;

		Requests(Node node, String id) {
			// The first connection of a client may take long while the machine is busy
			await().atMost(LONG)
				.ignoreExceptions()
				.until(() -> node.repository().clientSessions().findById(id) != null);
			this.thread = new Thread(() -> {
				while (this.running.get()) {
					try {
						assertThat(node.repository().clientSessions().findById(id)).isNotNull();
					}
					catch (RuntimeException ex) {
						this.failures.add(ex);
					}
				}
			});
			this.thread.start();
		}

		@Override
		public void close() throws InterruptedException {
			this.running.set(false);
			this.thread.join();
		}

	}

}
