package app.session.redis.servlet;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import app.session.redis.codec.EncryptionKeys;
import app.session.redis.codec.HostileValues;
import app.session.redis.codec.UnreadableValueException;
import app.session.redis.codec.ValueForm;
import app.session.redis.observation.SessionCounter;
import app.session.redis.servlet.TestRepositories.Node;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.OnUnreadable;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

import org.springframework.session.FindByIndexNameSessionRepository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * What someone writes straight into Redis does nothing but count and be logged.
 */
class HostileValuesITests {

	private static final String PRINCIPAL = FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

	private static final RedisServer server = SharedRedis.standalone();

	private final TestRepositories repositories = TestRepositories.on(server);

	@BeforeEach
	void empty() {
		server.flushAll();
	}

	@AfterEach
	void close() {
		this.repositories.close();
	}

	private static void write(StoredSession session, String attribute, byte[] value) {
		try (StatefulRedisConnection<byte[], byte[]> connection = server.client().connect(ByteArrayCodec.INSTANCE)) {
			connection.sync().hset(key(session), attribute.getBytes(StandardCharsets.UTF_8), value);
		}
	}

	private static byte[] read(StoredSession session, String attribute) {
		try (StatefulRedisConnection<byte[], byte[]> connection = server.client().connect(ByteArrayCodec.INSTANCE)) {
			return connection.sync().hget(key(session), attribute.getBytes(StandardCharsets.UTF_8));
		}
	}

	private static byte[] key(StoredSession session) {
		return ("app:session:session:{" + session.getHandle() + "}").getBytes(StandardCharsets.US_ASCII);
	}

	private static StoredSession create(AtomicRedisSessionRepository repository) {
		StoredSession session = repository.createSession();
		session.setAttribute(PRINCIPAL, "alice");
		session.setAttribute("good", new ArrayList<>(List.of("good")));
		repository.save(session);
		return session;
	}

	@ParameterizedTest
	@EnumSource
	void itIsCountedAndLoggedAndRunsNothing(ValueForm form) {
		Node node = this.repositories.unstarted((settings) -> {
			settings.allowedTypes(List.of("com.acme.shop"));
			settings.valueForm(form);
		});
		AtomicRedisSessionRepository repository = node.repository();
		StoredSession session = create(repository);
		Map<String, byte[]> hostile = HostileValues.all();
		hostile.forEach((name, value) -> write(session, name, value));
		int runs = HostileValues.RUNS.get();
		ListAppender<ILoggingEvent> log = new ListAppender<>();
		log.start();
		Logger logger = (Logger) LoggerFactory.getLogger(StoredSession.class);
		logger.addAppender(log);
		try {
			StoredSession found = repository.clientSessions().findById(session.getId());
			for (String name : hostile.keySet()) {
				assertThat(found.<Object>getAttribute(name)).as(name).isNull();
			}
			assertThat(found.<List<String>>getRequiredAttribute("good")).containsExactly("good");
			found.setAttribute("new", "x");
			repository.save(found);
		}
		finally {
			logger.detachAppender(log);
		}
		assertThat(HostileValues.RUNS).hasValue(runs);
		assertThat(repository.getStatistics().get(SessionCounter.ATTRIBUTES_DROPPED)).isEqualTo(hostile.size());
		assertThat(log.list).hasSize(hostile.size())
			.allSatisfy((event) -> assertThat(event.getFormattedMessage()).contains("can't be read"))
			.anySatisfy((event) -> assertThat(event.getFormattedMessage()).contains("HostileValues$Gadget",
					"SessionSettingsBuilder.allowedTypes"));
		assertThat(repository.findByPrincipalName("alice").values()).containsExactly(session);
		repository.deleteById(session.getId());
		assertThat(repository.findById(session.getId())).isNull();
	}

	@Test
	void whereReadingFailsItSaysWhichType() {
		Node node = this.repositories.unstarted((settings) -> {
			settings.allowedTypes(List.of());
			settings.onUnreadable(OnUnreadable.FAIL);
		});
		StoredSession session = create(node.repository());
		write(session, "gadget", HostileValues.all().get("gadget"));
		StoredSession found = node.repository().clientSessions().findById(session.getId());
		assertThatExceptionOfType(UnreadableValueException.class).isThrownBy(() -> found.getAttribute("gadget"))
			.withMessageContaining("'gadget'")
			.withMessageContaining("HostileValues$Gadget");
	}

	@Test
	void anEncryptedValueThatIsMovedIsUnreadable() {
		Node node = this.repositories
			.unstarted((settings) -> settings.encryptionKeys(new EncryptionKeys(Map.of("k1", new byte[32]), "k1")));
		AtomicRedisSessionRepository repository = node.repository();
		StoredSession mine = create(repository);
		StoredSession others = create(repository);
		mine.setAttribute("role", "admin");
		repository.save(mine);
		write(mine, "good", read(mine, "role"));
		write(others, "role", read(mine, "role"));
		assertThat(repository.findById(mine.getId()).<String>getAttribute("role")).isEqualTo("admin");
		assertThat(repository.findById(mine.getId()).<Object>getAttribute("good")).isNull();
		assertThat(repository.findById(others.getId()).<Object>getAttribute("role")).isNull();
		assertThat(repository.getStatistics().get(SessionCounter.ATTRIBUTES_DROPPED)).isEqualTo(2);
	}

	@Test
	void whatIsNotAllowedFailsTheSaveAndLeavesTheSessionAsItWas() {
		Node node = this.repositories.unstarted((settings) -> settings.allowedTypes(List.of()));
		AtomicRedisSessionRepository repository = node.repository();
		StoredSession session = create(repository);
		session.setAttribute("a", "1");
		session.setAttribute("gadget", List.of(new HostileValues.Gadget()));
		assertThatIllegalArgumentException().isThrownBy(() -> repository.save(session))
			.withMessageContaining("HostileValues$Gadget")
			.withMessageContaining("SessionSettingsBuilder.allowedTypes");
		assertThat(repository.findById(session.getId()).getAttributeNames()).containsExactlyInAnyOrder(PRINCIPAL,
				"good");
		session.removeAttribute("gadget");
		repository.save(session);
		assertThat(repository.findById(session.getId()).<String>getAttribute("a")).isEqualTo("1");
	}

}
