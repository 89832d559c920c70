package app.session.redis.servlet;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

import app.session.redis.codec.EncryptionKeys;
import app.session.redis.servlet.TestRepositories.Node;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.EventDelivery;
import app.session.redis.settings.SessionSettingsBuilder;
import app.session.redis.test.Monitor;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.session.MapSession;
import org.springframework.session.events.SessionDeletedEvent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What listeners see of sessions that end on other nodes, and how it gets there.
 */
class BroadcastEventsITests {

	private static final RedisServer server = SharedRedis.standalone();

	@BeforeEach
	void flush() {
		server.flushAll();
	}

	private static Node node(TestRepositories repositories, Consumer<SessionSettingsBuilder> customizer) {
		return repositories.node((settings) -> {
			settings.events(EventDelivery.BROADCAST);
			settings.collectorEnabled(false);
			customizer.accept(settings);
		});
	}

	private static Node node(TestRepositories repositories) {
		return node(repositories, (settings) -> {
		});
	}

	private static StoredSession create(Node node) {
		StoredSession session = node.repository().createSession();
		session.setAttribute("a", "b");
		node.repository().save(session);
		return session;
	}

	/** Ends a session on one node, and returns what a listener on the other is given. */
	private static StoredSession end(Node node, Node other, StoredSession session) {
		node.repository().deleteById(session.getId());
		return await().until(() -> other.events(SessionDeletedEvent.class)
			.stream()
			.map((event) -> event.<StoredSession>getSession())
			.filter(session::equals)
			.findAny()
			.orElse(null), Objects::nonNull);
	}

	private static void awaitSubscribers(RedisServer server, long count) {
		await().until(() -> server.commands().pubsubNumsub("app:session:events").get("app:session:events") == count);
	}

	private static List<Monitor.Command> reads(Monitor monitor) {
		return monitor.commands()
			.stream()
			.filter((command) -> command.args().size() == 4 && command.args().get(3).contains(":ended:{"))
			.toList();
	}

	@Test
	void contentIsReadOnceAndOnlyIfAListenerAsksForItOverAnotherConnectionThanRequestsUse() {
		try (TestRepositories repositories = TestRepositories.on(server); Monitor monitor = Monitor.of(server)) {
			Node first = node(repositories);
			Node second = node(repositories);
			awaitSubscribers(server, 2);
			StoredSession told = end(first, second, create(first));
			assertThat(told.getId()).isNotNull();
			assertThat(told.getHandle()).isNotNull();
			assertThat(reads(monitor)).isEmpty();
			assertThat(told.<String>getAttribute("a")).isEqualTo("b");
			assertThat(told.getCreationTime()).isNotNull();
			assertThat(told.getMaxInactiveInterval()).isNotNull();
			second.repository().save(create(second));
			assertThat(reads(monitor)).hasSize(1);
			String reader = reads(monitor).get(0).client();
			assertThat(monitor.commands()).filteredOn((command) -> command.args().size() != 4)
				.filteredOn((command) -> command.name().startsWith("EVAL"))
				.noneMatch((command) -> command.client().equals(reader));
		}
	}

	@Test
	void whereRedisIsGoneAListenerSeesNoAttributesAndDoesNotFail() {
		try (RedisServer own = RedisServer.start(); TestRepositories repositories = TestRepositories.on(own)) {
			Node first = node(repositories);
			Node second = node(repositories);
			awaitSubscribers(own, 2);
			StoredSession told = end(first, second, create(first));
			own.kill();
			assertThat(told.getAttributeNames()).isEmpty();
			assertThat(told.<String>getAttribute("a")).isNull();
			assertThat(told.getMaxInactiveInterval()).isEqualTo(MapSession.DEFAULT_MAX_INACTIVE_INTERVAL);
			assertThat(told.isExpired()).isFalse();
		}
	}

	@Test
	void whatSomebodyElseWroteIntoAnEndedSessionIsRefused() {
		EncryptionKeys keys = new EncryptionKeys(Map.of("k", new byte[32]), "k");
		try (TestRepositories repositories = TestRepositories.on(server)) {
			Node first = node(repositories, (settings) -> settings.encryptionKeys(keys));
			Node second = node(repositories, (settings) -> settings.encryptionKeys(keys));
			awaitSubscribers(server, 2);
			StoredSession value = create(first);
			StoredSession told = end(first, second, value);
			write(value, "a", "forged");
			write(value, "other", "forged");
			assertThat(told.<String>getAttribute("a")).isNull();
			assertThat(told.<String>getAttribute("other")).isNull();
			StoredSession seal = create(first);
			told = end(first, second, seal);
			server.commands().hdel("app:session:ended:{" + seal.getHandle() + "}", "a");
			assertThat(told.getAttributeNames()).isEmpty();
			StoredSession intact = create(first);
			assertThat(end(first, second, intact).<String>getAttribute("a")).isEqualTo("b");
		}
	}

	/** The name of an attribute of one character is preceded by a colon. */
	private static void write(StoredSession session, String attribute, String value) {
		String field = (attribute.length() == 1) ? ":" + attribute : attribute;
		server.commands().hset("app:session:ended:{" + session.getHandle() + "}", field, value);
	}

}
