package app.session.redis.servlet;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import app.session.redis.servlet.TestRepositories.Node;
import app.session.redis.session.StoredSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.session.events.SessionExpiredEvent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Sessions that are used on two nodes at the moment when they expire.
 */
class ExpiryRacesITests {

	private final ScheduledExecutorService executor = Executors.newScheduledThreadPool(4);

	@AfterEach
	void shutDown() throws InterruptedException {
		this.executor.shutdownNow();
		assertThat(this.executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
	}

	@ParameterizedTest
	@EnumSource
	void aSessionTouchedInItsLastMomentIsAliveForAllOrExpiredForAll(Topology topology) throws Exception {
		topology.flushAll();
		Map<String, Dying> sessions = new ConcurrentHashMap<>();
		Queue<String> violations = new ConcurrentLinkedQueue<>();
		try (TestRepositories repositories = topology.repositories()) {
			List<Node> nodes = new ArrayList<>();
			for (int i = 0; i < 2; i++) {
				nodes.add(repositories.node((settings) -> {
					settings.collectorInterval(Duration.ofMillis(5));
					settings.commandTimeout(Duration.ofSeconds(10));
				}, (engine) -> engine.setApplicationEventPublisher((event) -> {
					if (event instanceof SessionExpiredEvent expired) {
						Dying dying = sessions.get(expired.<StoredSession>getSession().getHandle());
						dying.expired.set(true);
						dying.events.incrementAndGet();
					}
				})));
			}
			// Finds the last moment, however late a busy machine is.
			int delay = 240;
			for (int round = 0; round < 20; round++) {
				List<Dying> together = new ArrayList<>();
				List<Future<?>> touches = new ArrayList<>();
				for (int i = 0; i < 50; i++) {
					StoredSession session = nodes.get(0).repository().createSession();
					session.setMaxInactiveInterval(Duration.ofMillis(250));
					Dying dying = new Dying(session.getId());
					together.add(dying);
					sessions.put(session.getHandle(), dying);
					nodes.get(0).repository().save(session);
					for (Node node : nodes) {
						touches.add(this.executor.schedule(() -> dying.touch(node, violations), delay + i % 25,
								TimeUnit.MILLISECONDS));
					}
				}
				for (Future<?> touch : touches) {
					touch.get();
				}
				long inTime = together.stream().filter((dying) -> dying.touched.get()).count();
				delay += (inTime > 40) ? 10 : (inTime < 10) ? -10 : 0;
			}
			await().untilAsserted(() -> assertThat(sessions.values()).allMatch((dying) -> dying.events.get() == 1));
			assertThat(sessions.values()).allSatisfy((dying) -> {
				dying.touch(nodes.get(0), violations);
				dying.touch(nodes.get(1), violations);
			});
			assertThat(violations).isEmpty();
			assertThat(sessions.values()).as("the touches met the last moment")
				.anyMatch((dying) -> dying.touched.get())
				.anyMatch((dying) -> !dying.touched.get());
			await().untilAsserted(
					() -> assertThat(topology.keys()).allMatch((key) -> key.equals("app:session:collector")));
			assertThat(sessions.values()).allMatch((dying) -> dying.events.get() == 1);
		}
	}

	/** A session in its last moment, and what was seen of it. */
	private static final class Dying {

		private final String id;

		private final AtomicBoolean expired = new AtomicBoolean();

		private final AtomicBoolean touched = new AtomicBoolean();

		private final AtomicInteger events = new AtomicInteger();

		Dying(String id) {
			this.id = id;
		}

		void touch(Node node, Queue<String> violations) {
			for (int i = 0; i < 3; i++) {
				boolean before = this.expired.get();
				if (node.repository().clientSessions().findById(this.id) == null) {
					this.expired.set(true);
				}
				else {
					this.touched.set(true);
					if (before) {
						violations.add("expired and then alive: " + this.id);
					}
				}
			}
		}

	}

}
