package app.session.redis.servlet;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import app.session.redis.codec.EncryptionKeys;
import app.session.redis.servlet.TestRepositories.Node;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.EventDelivery;
import app.session.redis.settings.OnExceeded;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.netty.util.concurrent.FastThreadLocalThread;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.data.redis.serializer.JdkSerializationRedisSerializer;
import org.springframework.data.redis.serializer.RedisSerializer;
import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.events.SessionCreatedEvent;
import org.springframework.session.events.SessionDeletedEvent;
import org.springframework.session.events.SessionExpiredEvent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Code of the application may block, and so never runs on a thread of the Redis client.
 */
@Timeout(60)
class ApplicationCodeThreadsITests {

	private static final String PRINCIPAL = FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

	private final RedisServer server = SharedRedis.standalone();

	/** What ran, and on which threads. */
	private final Map<String, Set<Thread>> threads = new ConcurrentHashMap<>();

	@BeforeEach
	void empty() {
		this.server.flushAll();
	}

	private void ran(String code) {
		this.threads.computeIfAbsent(code, (name) -> ConcurrentHashMap.newKeySet()).add(Thread.currentThread());
	}

	private Node node(TestRepositories repositories) {
		return repositories.node((settings) -> {
			settings.encryptionKeys(new EncryptionKeys(Map.of("k", new byte[32]), "k"));
			settings.events(EventDelivery.BROADCAST);
			settings.limitPerPrincipal(2, OnExceeded.EVICT_OLDEST);
			settings.serializer(new Serializer());
			settings.observationRegistry(observed());
			settings.indexResolver((session) -> {
				ran("resolver");
				String email = session.getAttribute("email");
				return (email != null) ? Map.of("email", email) : Map.of();
			});
		}, (engine) -> {
			engine.setSessionEndListener((event) -> ran("end listener"));
			engine.setApplicationEventPublisher((event) -> {
				ran(event.getClass().getSimpleName());
				if (event instanceof SessionCreatedEvent created
						&& created.getSession() instanceof StoredSession session) {
					session.setAttribute("told", true);
				}
			});
		});
	}

	private ObservationRegistry observed() {
		ObservationRegistry registry = ObservationRegistry.create();
		registry.observationConfig().observationHandler(new ObservationHandler<>() {

			@Override
			public void onStart(Observation.Context context) {
				ran("observation start");
			}

			@Override
			public void onStop(Observation.Context context) {
				ran("observation stop");
			}

			@Override
			public boolean supportsContext(Observation.Context context) {
				return true;
			}

		});
		return registry;
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void codeOfTheApplicationRunsOnNoThreadOfTheClient(boolean mayBlock) {
		try (TestRepositories repositories = mayBlock ? TestRepositories.on(this.server)
				: TestRepositories.nonBlocking(this.server)) {
			Node node = node(repositories);
			Node other = node(repositories);
			await()
				.until(() -> this.server.commands().pubsubNumsub("app:session:events").get("app:session:events") == 2);
			for (int i = 0; i < 4; i++) {
				logIn(node);
			}
			assertThat(other.repository().findByPrincipalName("alice")).hasSize(2)
				.allSatisfy((id, session) -> assertThat(session.<Boolean>getAttribute("told")).isTrue());
			assertThat(other.repository().findByIndexNameAndIndexValue("email", "a@example.org")).hasSize(2);
			StoredSession changed = other.repository().findById(logIn(node).getId());
			changed.changeSessionId();
			changed.setAttribute("email", "b@example.org");
			other.repository().save(changed);
			other.repository().deleteById(changed.getId());
			assertThat(node.repository().deleteByPrincipalName("alice")).isEqualTo(1);
			StoredSession expiring = node.repository().createSession();
			expiring.setMaxInactiveInterval(Duration.ofMillis(50));
			node.repository().save(expiring);
			await().until(() -> this.threads.containsKey(SessionExpiredEvent.class.getSimpleName()));
		}
		assertThat(this.threads).containsKeys("resolver", "write", "read", "observation start", "observation stop",
				SessionCreatedEvent.class.getSimpleName(), SessionDeletedEvent.class.getSimpleName());
		this.threads.forEach((code, ran) -> assertThat(ran).as(code)
			.noneMatch((thread) -> thread instanceof FastThreadLocalThread || thread.getName().startsWith("lettuce-")));
	}

	private StoredSession logIn(Node node) {
		StoredSession session = node.repository().createSession();
		session.setAttribute(PRINCIPAL, "alice");
		session.setAttribute("email", "a@example.org");
		node.repository().save(session);
		return session;
	}

	/** Notes where values are written and read. */
	private final class Serializer implements RedisSerializer<Object> {

		private final RedisSerializer<Object> serializer = new JdkSerializationRedisSerializer();

		@Override
		public byte[] serialize(Object value) {
			ran("write");
			return this.serializer.serialize(value);
		}

		@Override
		public Object deserialize(byte[] bytes) {
			ran("read");
			return this.serializer.deserialize(bytes);
		}

	}

}
