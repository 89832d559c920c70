package app.session.redis.servlet;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import app.session.redis.servlet.TestRepositories.Node;
import app.session.redis.session.StoredSession;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.events.SessionDeletedEvent;
import org.springframework.session.events.SessionExpiredEvent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * A session that a newer version of the library wrote.
 */
class NewerFormatITests {

	private static final String PRINCIPAL = FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

	private static final RedisServer server = SharedRedis.standalone();

	private static final byte[] HEADER = { 'm' };

	private final StatefulRedisConnection<byte[], byte[]> redis = server.client().connect(ByteArrayCodec.INSTANCE);

	private final TestRepositories repositories = TestRepositories.on(server);

	@BeforeEach
	void empty() {
		server.flushAll();
	}

	@AfterEach
	void close() {
		this.repositories.close();
		this.redis.close();
	}

	@Test
	void itIsUnavailableAndUntouchedAndUsableAgainAfterTheRollForward() {
		Node node = this.repositories.node((settings) -> {
		});
		AtomicRedisSessionRepository repository = node.repository();
		StoredSession session = create(repository, Duration.ofMinutes(30));
		StoredSession other = create(repository, Duration.ofMinutes(30));
		StoredSession loaded = repository.findById(session.getId());
		version(session, 2);
		Map<String, String> content = content(session);
		long ttl = server.commands().pttl(key(session));
		unavailable(() -> repository.clientSessions().findById(session.getId()));
		unavailable(() -> repository.findById(session.getId()));
		unavailable(() -> repository.findById(session.getHandle()));
		unavailable(() -> repository.operations().describe(session.getHandle()));
		unavailable(() -> repository.operations().describe(session.getHandle()));
		loaded.setAttribute("a", "2");
		loaded.setAttribute(PRINCIPAL, "bob");
		loaded.setMaxInactiveInterval(Duration.ofMinutes(1));
		unavailable(() -> repository.save(loaded));
		unavailable(() -> repository.deleteById(session.getId()));
		unavailable(() -> repository.deleteById(session.getHandle()));
		assertThat(repository.findByPrincipalName("alice").values()).containsExactly(other);
		assertThat(repository.operations().page(null, 100).sessions()).singleElement()
			.satisfies((description) -> assertThat(description.handle()).isEqualTo(other.getHandle()));
		assertThat(repository.deleteByPrincipalName("alice")).isEqualTo(1);
		assertThat(content(session)).isEqualTo(content);
		assertThat(server.commands().pttl(key(session))).isBetween(ttl - 5000, ttl);
		version(session, 1);
		StoredSession found = repository.clientSessions().findById(session.getId());
		assertThat(found.<String>getAttribute("a")).isEqualTo("1");
		assertThat(repository.findByPrincipalName("alice").values()).containsExactly(session);
		found.setAttribute("a", "3");
		repository.save(found);
		assertThat(repository.findById(session.getId()).<String>getAttribute("a")).isEqualTo("3");
		repository.deleteById(session.getId());
		assertThat(node.events(SessionDeletedEvent.class)).hasSize(2);
	}

	@Test
	void theCollectorLeavesIt() {
		Node node = this.repositories.unstarted((settings) -> {
		});
		StoredSession session = create(node.repository(), Duration.ofMillis(300));
		version(session, 2);
		Map<String, String> content = content(session);
		node.engine().start();
		// The hint is put off
		await().until(() -> hint(session) > System.currentTimeMillis() + 30_000);
		assertThat(content(session)).isEqualTo(content);
		assertThat(node.events(SessionExpiredEvent.class)).isEmpty();
	}

	@Test
	void itStaysInItsIndexThoughItsTimeThereHasPassed() {
		Node node = this.repositories.unstarted((settings) -> {
		});
		StoredSession session = create(node.repository(), Duration.ofMillis(300));
		version(session, 2);
		// As newer nodes do while it is in use
		server.commands().pexpire(key(session), Duration.ofMinutes(10).toMillis());
		await().until(() -> server.commands().zscore("app:session:index:principal:alice", session.getHandle()) < System
			.currentTimeMillis());
		assertThat(node.repository().findByPrincipalName("alice")).isEmpty();
		node.engine().stop();
		assertThat(server.commands().zrange("app:session:index:principal:alice", 0, -1))
			.containsExactly(session.getHandle());
	}

	private static StoredSession create(AtomicRedisSessionRepository repository, Duration interval) {
		StoredSession session = repository.createSession();
		session.setMaxInactiveInterval(interval);
		session.setAttribute(PRINCIPAL, "alice");
		session.setAttribute("a", "1");
		repository.save(session);
		return session;
	}

	private static String key(StoredSession session) {
		return "app:session:session:{" + session.getHandle() + "}";
	}

	private static double hint(StoredSession session) {
		return server.keys()
			.stream()
			.filter((key) -> key.contains(":expiry:"))
			.map((key) -> server.commands().zscore(key, session.getHandle()))
			.mapToDouble((score) -> (score != null) ? score : 0)
			.sum();
	}

	private void version(StoredSession session, int version) {
		byte[] key = key(session).getBytes(StandardCharsets.US_ASCII);
		byte[] header = this.redis.sync().hget(key, HEADER);
		header[0] = (byte) (16 * version);
		this.redis.sync().hset(key, HEADER, header);
	}

	private Map<String, String> content(StoredSession session) {
		Map<String, String> content = new TreeMap<>();
		this.redis.sync()
			.hgetall(key(session).getBytes(StandardCharsets.US_ASCII))
			.forEach((field, value) -> content.put(new String(field, StandardCharsets.ISO_8859_1),
					new String(value, StandardCharsets.ISO_8859_1)));
		return content;
	}

	private static void unavailable(ThrowingCallable operation) {
		assertThatExceptionOfType(SessionStoreUnavailableException.class).isThrownBy(operation)
			.satisfies((ex) -> assertThat(ex.getReason()).isEqualTo(Reason.NEWER_FORMAT));
	}

}
