package app.session.redis.servlet;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import app.session.redis.codec.UnreadableValueException;
import app.session.redis.observation.SessionCounter;
import app.session.redis.servlet.TestRepositories.Node;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.OnUnreadable;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.events.SessionDeletedEvent;
import org.springframework.session.events.SessionExpiredEvent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Attributes whose class is gone or whose bytes are damaged.
 */
class UnreadableAttributeITests {

	private static final String PRINCIPAL = FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

	private static final RedisServer server = SharedRedis.standalone();

	private static final Map<String, byte[]> BROKEN = broken();

	private final TestRepositories repositories = TestRepositories.on(server);

	@BeforeEach
	void empty() {
		server.flushAll();
	}

	@AfterEach
	void close() {
		this.repositories.close();
	}

	private static Map<String, byte[]> broken() {
		byte[] list = serialized(new ArrayList<>(List.of("one", "two")));
		byte[] gone = serialized(new Gone());
		byte[] name = Gone.class.getName().getBytes(StandardCharsets.UTF_8);
		for (int i = 0; i < gone.length - name.length; i++) {
			if (Arrays.equals(gone, i, i + name.length, name, 0, name.length)) {
				gone[i + name.length - 1] = 'f';
			}
		}
		byte[] garbage = list.clone();
		Arrays.fill(garbage, 5, garbage.length, (byte) 0x5a);
		Map<String, byte[]> broken = new LinkedHashMap<>();
		broken.put("class is gone", gone);
		broken.put("cut", Arrays.copyOf(list, list.length / 2));
		broken.put("header only", Arrays.copyOf(list, 3));
		broken.put("garbage", garbage);
		broken.put("empty", new byte[0]);
		broken.put("form only", new byte[] { 2 });
		broken.put("unknown form", new byte[] { 0x7f, 1, 2, 3 });
		broken.put("serializer that is no longer configured", new byte[] { 3, 1, 2, 3 });
		return broken;
	}

	private static byte[] serialized(Object object) {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		bytes.write(2);
		try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
			out.writeObject(object);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return bytes.toByteArray();
	}

	private static void write(StoredSession session, String attribute, byte[] value) {
		try (StatefulRedisConnection<byte[], byte[]> connection = server.client().connect(ByteArrayCodec.INSTANCE)) {
			connection.sync()
				.hset(("app:session:session:{" + session.getHandle() + "}").getBytes(StandardCharsets.US_ASCII),
						attribute.getBytes(StandardCharsets.UTF_8), value);
		}
	}

	private static StoredSession create(AtomicRedisSessionRepository repository, Duration interval) {
		StoredSession session = repository.createSession();
		session.setMaxInactiveInterval(interval);
		session.setAttribute(PRINCIPAL, "alice");
		session.setAttribute("good", new ArrayList<>(List.of("good")));
		repository.save(session);
		BROKEN.forEach((name, value) -> write(session, name, value));
		return session;
	}

	@Test
	void theyAreDroppedAndTheRestWorks() {
		Node node = this.repositories.unstarted((settings) -> {
		});
		AtomicRedisSessionRepository repository = node.repository();
		StoredSession session = create(repository, Duration.ofMinutes(30));
		StoredSession found = repository.clientSessions().findById(session.getId());
		for (String name : BROKEN.keySet()) {
			assertThat(found.<Object>getAttribute(name)).as(name).isNull();
			assertThat(found.<Object>getAttribute(name)).as(name).isNull();
		}
		assertThat(repository.getStatistics().get(SessionCounter.ATTRIBUTES_DROPPED)).isEqualTo(BROKEN.size());
		assertThat(found.getAttributeNames()).containsExactlyInAnyOrder(PRINCIPAL, "good");
		found.<List<String>>getRequiredAttribute("good").add("better");
		found.setAttribute("cut", "whole again");
		found.removeAttribute("garbage");
		repository.save(found);
		StoredSession again = repository.findByPrincipalName("alice").get(session.getId());
		assertThat(again.<List<String>>getRequiredAttribute("good")).containsExactly("good", "better");
		assertThat(again.<String>getAttribute("cut")).isEqualTo("whole again");
		assertThat(repository.operations().describe(session.getHandle()).attributes())
			.as("stays in Redis for those who can read it")
			.containsKey("class is gone")
			.doesNotContainKey("garbage");
		repository.deleteById(session.getId());
		assertThat(repository.findById(session.getId())).isNull();
		await().untilAsserted(() -> assertThat(server.keys()).isEmpty());
	}

	@Test
	void theyEndTheSessionWhenItsClientComes() {
		Node node = this.repositories.unstarted((settings) -> settings.onUnreadable(OnUnreadable.DROP_SESSION));
		AtomicRedisSessionRepository repository = node.repository();
		StoredSession session = create(repository, Duration.ofMinutes(30));
		assertThat(repository.findById(session.getId()).<Object>getAttribute("good")).isNotNull();
		assertThat(repository.findByPrincipalName("alice").values()).containsExactly(session);
		assertThat(repository.clientSessions().findById(session.getId())).isNull();
		assertThat(repository.findById(session.getId())).isNull();
		assertThat(node.events(SessionDeletedEvent.class)).hasSize(1);
		await().untilAsserted(() -> assertThat(server.keys()).isEmpty());
	}

	@Test
	void readingThemFailsAndTheRestWorks() {
		Node node = this.repositories.unstarted((settings) -> settings.onUnreadable(OnUnreadable.FAIL));
		AtomicRedisSessionRepository repository = node.repository();
		StoredSession session = create(repository, Duration.ofMinutes(30));
		StoredSession found = repository.clientSessions().findById(session.getId());
		for (String name : BROKEN.keySet()) {
			assertThatExceptionOfType(UnreadableValueException.class).isThrownBy(() -> found.getAttribute(name))
				.withMessageContaining("'" + name + "'");
		}
		found.<List<String>>getRequiredAttribute("good").add("better");
		repository.save(found);
		StoredSession again = repository.findByPrincipalName("alice").get(session.getId());
		assertThat(again.<List<String>>getRequiredAttribute("good")).containsExactly("good", "better");
		repository.deleteById(session.getId());
		await().untilAsserted(() -> assertThat(server.keys()).isEmpty());
	}

	@ParameterizedTest
	@EnumSource
	void theExpiryIsToldAllTheSame(OnUnreadable onUnreadable) {
		Node node = this.repositories.node((settings) -> settings.onUnreadable(onUnreadable));
		create(node.repository(), Duration.ofMillis(300));
		await().until(() -> node.events(SessionExpiredEvent.class).size() == 1);
		StoredSession told = node.events(SessionExpiredEvent.class).get(0).getSession();
		assertThat(told.<List<String>>getRequiredAttribute("good")).containsExactly("good");
		await().untilAsserted(() -> assertThat(server.keys()).allMatch((key) -> key.equals("app:session:collector")));
	}

	@Test
	void aPrincipalThatCannotBeReadIsStillFoundAfterASave() {
		Node node = this.repositories.unstarted((settings) -> settings.indexedAttributes(List.of("tenant")));
		AtomicRedisSessionRepository repository = node.repository();
		StoredSession session = create(repository, Duration.ofMinutes(30));
		write(session, PRINCIPAL, BROKEN.get("cut"));
		StoredSession found = repository.clientSessions().findById(session.getId());
		found.setAttribute("tenant", "t1");
		repository.save(found);
		assertThat(repository.findByPrincipalName("alice").values()).containsExactly(session);
		assertThat(repository.findByIndexNameAndIndexValue("tenant", "t1").values()).containsExactly(session);
		repository.deleteById(session.getId());
		await().untilAsserted(() -> assertThat(server.keys()).isEmpty());
	}

	/** Its name is changed in the bytes. */
	private static final class Gone implements Serializable {

		private static final long serialVersionUID = 1L;

	}

}
