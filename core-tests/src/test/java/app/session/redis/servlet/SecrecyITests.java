package app.session.redis.servlet;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.servlet.TestRepositories.Node;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.EventDelivery;
import app.session.redis.test.Monitor;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.AppenderBase;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.events.AbstractSessionEvent;
import org.springframework.session.events.SessionDeletedEvent;
import org.springframework.session.events.SessionExpiredEvent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * What a client may send, and where an id must not turn up.
 */
class SecrecyITests {

	private static final String PRINCIPAL = FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

	private static final RedisServer server = SharedRedis.standalone();

	@BeforeEach
	void empty() {
		server.flushAll();
	}

	@Test
	void whatCanBeNoIdFindsNothingAndIsNotSent() {
		try (TestRepositories repositories = TestRepositories.on(server)) {
			Node node = repositories.unstarted((settings) -> {
			});
			StoredSession session = create(node, Duration.ofMinutes(30));
			String id = session.getId();
			String handle = session.getHandle();
			List<String> before = server.keys();
			List<String> impossible = List.of("", " ", "a", "*", "../../etc/passwd", "..", "\u0000", "\r\n",
					id + "\r\n", id + "\r\nFLUSHALL\r\n", id + " ", " " + id, id + "\u0000", id + "=", id + "ü",
					id + "\ud800", "x".repeat(10_240), id + "x".repeat(10_240), "app:session:session:{" + handle + "}",
					"app:session:expiry:0", "app:session:collector", "{" + handle + "}", handle + "}",
					handle.substring(1), handle + "A", id.substring(0, 31),
					id.replace(handle, "{" + handle.substring(2) + "}"), "\u0430" + id.substring(1), "%2e%2e%2f" + id);
			try (Monitor monitor = Monitor.of(server)) {
				for (String text : impossible) {
					assertThat(node.repository().clientSessions().findById(text)).as(text).isNull();
					assertThat(node.repository().findById(text)).as(text).isNull();
					assertThat(node.repository().operations().describe(text)).as(text).isNull();
					node.repository().clientSessions().deleteById(text);
					node.repository().deleteById(text);
				}
				assertThat(node.repository().clientSessions().findById(handle)).isNull();
				node.repository().clientSessions().deleteById(handle);
				assertThat(monitor.commands()).isEmpty();
			}
			for (String text : List.of(id + "A", id.substring(0, id.length() - 1), handle + handle,
					handle + "~".repeat(256), "A".repeat(59), "-".repeat(32))) {
				assertThat(node.repository().clientSessions().findById(text)).as(text).isNull();
				assertThat(node.repository().findById(text)).as(text).isNull();
				node.repository().clientSessions().deleteById(text);
				node.repository().deleteById(text);
			}
			assertThat(server.keys()).isEqualTo(before);
			assertThat(node.repository().clientSessions().findById(id)).isNotNull();
			assertThat(node.events(SessionDeletedEvent.class)).isEmpty();
		}
	}

	@Test
	void neitherIdNorSecretIsInRedisInLogsOrInEventsOfOtherNodes() {
		List<String> log = new ArrayList<>();
		Recorder recorder = new Recorder(log);
		Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
		Level level = root.getLevel();
		Set<String> secrets = new LinkedHashSet<>();
		recorder.start();
		List<Appender<ILoggingEvent>> printing = new ArrayList<>();
		root.iteratorForAppenders().forEachRemaining(printing::add);
		printing.forEach(root::detachAppender);
		root.addAppender(recorder);
		root.setLevel(Level.DEBUG);
		try (TestRepositories repositories = TestRepositories.on(server); Monitor monitor = Monitor.of(server)) {
			Node node = repositories.unstarted((settings) -> settings.events(EventDelivery.BROADCAST));
			Node other = repositories.node((settings) -> settings.events(EventDelivery.BROADCAST));
			await().until(() -> server.commands()
				.pubsubNumsub("app:session:events")
				.values()
				.stream()
				.anyMatch((subscribers) -> subscribers == 1));
			List<StoredSession> sessions = new ArrayList<>();
			for (int i = 0; i < 10; i++) {
				StoredSession session = create(node, Duration.ofMillis((i < 5) ? 600_000 : 1000));
				secrets.add(session.getId().substring(16));
				StoredSession slow = node.repository().clientSessions().findById(session.getId());
				secrets.add(session.changeSessionId().substring(16));
				node.repository().save(session);
				slow.setAttribute("late", "x");
				secrets.add(slow.changeSessionId().substring(16));
				node.repository().save(slow);
				sessions.add(session);
			}
			assertThat(other.repository().findByPrincipalName("alice").keySet()).allMatch((id) -> id.startsWith("!"));
			scan(secrets);
			other.repository().deleteById(sessions.get(0).getHandle());
			node.repository().deleteById(sessions.get(1).getId());
			node.repository().deleteByPrincipalName("nobody");
			await().until(() -> other.events(SessionExpiredEvent.class).size() == 5);
			await().until(() -> other.events(SessionDeletedEvent.class).size() == 2);
			assertThat(other.events()).isNotEmpty().allSatisfy((event) -> {
				assertThat(secrets).noneMatch(event.toString()::contains);
				if (event instanceof AbstractSessionEvent told) {
					assertThat(told.getSessionId()).startsWith("!");
					assertThat(told.getSession().getId()).startsWith("!");
				}
			});
			failToSave(node, sessions.get(2), secrets);
			scan(secrets);
			assertThat(monitor.commands().stream().map(Monitor.Command::raw)).isNotEmpty()
				.allSatisfy((line) -> assertThat(secrets).noneMatch(line::contains));
		}
		finally {
			root.setLevel(level);
			root.detachAppender(recorder);
			printing.forEach(root::addAppender);
		}
		List<String> lines;
		synchronized (log) {
			lines = List.copyOf(log);
		}
		assertThat(lines).anyMatch((line) -> line.startsWith("io.lettuce"));
		assertThat(lines).anyMatch((line) -> line.startsWith("app.session.redis"));
		assertThat(lines).allSatisfy((line) -> assertThat(secrets).noneMatch(line::contains));
	}

	/** A save that fails, with all that the failure says. */
	private static void failToSave(Node node, StoredSession session, Set<String> secrets) {
		server.commands().configSet("maxmemory", "1");
		try {
			secrets.add(session.changeSessionId().substring(16));
			assertThatExceptionOfType(SessionStoreUnavailableException.class)
				.isThrownBy(() -> node.repository().save(session))
				.satisfies((ex) -> assertThat(secrets)
					.noneMatch(ThrowableProxyUtil.asString(new ThrowableProxy(ex))::contains));
		}
		finally {
			server.commands().configSet("maxmemory", "0");
		}
	}

	/** Looks at every byte that Redis holds. */
	private static void scan(Set<String> secrets) {
		StringBuilder all = new StringBuilder();
		try (StatefulRedisConnection<byte[], byte[]> connection = server.client().connect(ByteArrayCodec.INSTANCE)) {
			for (String name : server.keys()) {
				byte[] key = name.getBytes(StandardCharsets.UTF_8);
				all.append(text(key)).append('\n');
				switch (connection.sync().type(key)) {
					case "hash" -> connection.sync()
						.hgetall(key)
						.forEach((field,
								value) -> all.append(text(field)).append('\n').append(text(value)).append('\n'));
					case "zset" ->
						connection.sync().zrange(key, 0, -1).forEach((member) -> all.append(text(member)).append('\n'));
					case "string" -> all.append(text(connection.sync().get(key))).append('\n');
					default -> throw new AssertionError("Unexpected type of " + text(key));
				}
			}
		}
		String content = all.toString();
		assertThat(content).contains("alice");
		for (String secret : secrets) {
			assertThat(content).doesNotContain(secret).doesNotContain(text(Base64.getUrlDecoder().decode(secret)));
		}
	}

	private static String text(byte[] bytes) {
		return new String(bytes, StandardCharsets.ISO_8859_1);
	}

	private static StoredSession create(Node node, Duration interval) {
		StoredSession session = node.repository().createSession();
		session.setMaxInactiveInterval(interval);
		session.setAttribute(PRINCIPAL, "alice");
		node.repository().save(session);
		return session;
	}

	/** Keeps every event of the log as text, the stack traces included. */
	private static final class Recorder extends AppenderBase<ILoggingEvent> {

		private final List<String> lines;

		Recorder(List<String> lines) {
			this.lines = lines;
		}

		@Override
		protected void append(ILoggingEvent event) {
			String trace = (event.getThrowableProxy() != null) ? ThrowableProxyUtil.asString(event.getThrowableProxy())
					: "";
			synchronized (this.lines) {
				this.lines.add(event.getLoggerName() + " " + event.getFormattedMessage() + " " + trace);
			}
		}

	}

}
