package app.session.redis.servlet;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import app.session.redis.SessionLimitExceededException;
import app.session.redis.observation.SessionCounter;
import app.session.redis.servlet.TestRepositories.Node;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.OnExceeded;
import app.session.redis.settings.SaveAfterDelete;
import app.session.redis.settings.SessionSettingsBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.events.SessionDeletedEvent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Fifty log-ins at the same moment, on two nodes.
 */
class SessionLimitRacesITests {

	private static final String PRINCIPAL = FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

	private static final int LOG_INS = 50;

	private static final int ROUNDS = 5;

	private final ExecutorService executor = Executors.newFixedThreadPool(LOG_INS);

	@AfterEach
	void shutDown() throws InterruptedException {
		this.executor.shutdownNow();
		assertThat(this.executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
	}

	static Stream<Arguments> limits() {
		return Stream.of(Topology.values())
			.flatMap((topology) -> Stream.of(1, 3).map((limit) -> Arguments.of(topology, limit)));
	}

	@ParameterizedTest
	@MethodSource("limits")
	void exactlyAsManyLogInAsAreAllowed(Topology topology, int limit) throws Exception {
		topology.flushAll();
		try (TestRepositories repositories = topology.repositories()) {
			List<Node> nodes = nodes(repositories, (settings) -> settings.limitPerPrincipal(limit, OnExceeded.REJECT));
			for (int round = 0; round < ROUNDS; round++) {
				String principal = "alice" + round;
				List<StoredSession> in = logIn(nodes, principal);
				assertThat(in).hasSize(limit);
				assertSessions(nodes, principal, in);
			}
			assertThat(nodes)
				.extracting((node) -> node.repository().getStatistics().get(SessionCounter.REJECTED_LOG_INS))
				.satisfies((rejected) -> assertThat(rejected.stream().mapToLong(Long::longValue).sum())
					.isEqualTo(ROUNDS * (LOG_INS - limit)));
			assertThat(nodes)
				.allMatch((node) -> node.repository().getStatistics().get(SessionCounter.DELETED_LIMIT) == 0);
		}
	}

	@ParameterizedTest
	@MethodSource("limits")
	void exactlyAsManyAreLeftAsAreAllowed(Topology topology, int limit) throws Exception {
		topology.flushAll();
		try (TestRepositories repositories = topology.repositories()) {
			List<Node> nodes = nodes(repositories,
					(settings) -> settings.limitPerPrincipal(limit, OnExceeded.EVICT_OLDEST));
			int in = 0;
			for (int round = 0; round < ROUNDS; round++) {
				String principal = "alice" + round;
				List<StoredSession> loggedIn = logIn(nodes, principal);
				assertThat(loggedIn).hasSizeGreaterThan(limit);
				in += loggedIn.size();
				List<StoredSession> left = loggedIn.stream()
					.filter((session) -> nodes.get(0).repository().findById(session.getHandle()) != null)
					.toList();
				assertThat(left).hasSize(limit);
				assertSessions(nodes, principal, left);
			}
			int evicted = in - ROUNDS * limit;
			assertThat(nodes.stream()
				.mapToLong((node) -> node.repository().getStatistics().get(SessionCounter.DELETED_LIMIT))
				.sum()).isEqualTo(evicted);
			assertThat(nodes.stream().mapToLong((node) -> node.events(SessionDeletedEvent.class).size()).sum())
				.isEqualTo(evicted);
		}
	}

	@ParameterizedTest
	@EnumSource
	void logInsThatFailLeaveTheirPlaces(Topology topology) throws Exception {
		topology.flushAll();
		try (TestRepositories repositories = topology.repositories()) {
			List<Node> nodes = nodes(repositories, (settings) -> {
				settings.limitPerPrincipal(3, OnExceeded.REJECT);
				settings.saveAfterDelete(SaveAfterDelete.FAIL);
			});
			together((i) -> {
				AtomicRedisSessionRepository repository = nodes.get(i % 2).repository();
				StoredSession session = repository.createSession();
				repository.save(session);
				repository.deleteById(session.getHandle());
				session.setAttribute(PRINCIPAL, "alice");
				try {
					repository.save(session);
					return "saved";
				}
				catch (IllegalStateException | SessionLimitExceededException ex) {
					return null;
				}
			});
			await().until(() -> nodes.get(0).repository().operations().count(PRINCIPAL, "alice") == 0);
			assertThat(logIn(nodes, "alice")).hasSize(3);
		}
	}

	@ParameterizedTest
	@EnumSource
	void noMoreAreCreatedThanAreAllowedInAllButForThoseOfTheSameMomentOnACluster(Topology topology) throws Exception {
		try (TestRepositories repositories = topology.repositories()) {
			List<Node> nodes = nodes(repositories, (settings) -> settings.limitTotal(10));
			for (int round = 0; round < ROUNDS; round++) {
				topology.flushAll();
				List<StoredSession> created = together((i) -> {
					AtomicRedisSessionRepository repository = nodes.get(i % 2).repository();
					StoredSession session = repository.createSession();
					try {
						repository.save(session);
						return session;
					}
					catch (SessionLimitExceededException ex) {
						return null;
					}
				});
				if (topology == Topology.STANDALONE) {
					assertThat(created).hasSize(10);
				}
				else {
					assertThat(created).hasSizeBetween(10, LOG_INS);
				}
				assertThat(nodes.get(0).repository().operations().count()).isEqualTo(created.size());
				assertThat(created)
					.allMatch((session) -> nodes.get(0).repository().findById(session.getHandle()) != null);
				assertThat(refusesAnother(nodes.get(1))).isTrue();
			}
		}
	}

	private static boolean refusesAnother(Node node) {
		try {
			node.repository().save(node.repository().createSession());
			return false;
		}
		catch (SessionLimitExceededException ex) {
			return true;
		}
	}

	private static List<Node> nodes(TestRepositories repositories, Consumer<SessionSettingsBuilder> customizer) {
		return IntStream.range(0, 2).mapToObj((i) -> repositories.unstarted((settings) -> {
			settings.commandTimeout(Duration.ofSeconds(10));
			customizer.accept(settings);
		})).toList();
	}

	/** The sessions of those who got in. */
	private List<StoredSession> logIn(List<Node> nodes, String principal) throws Exception {
		return together((i) -> {
			AtomicRedisSessionRepository repository = nodes.get(i % 2).repository();
			StoredSession session = repository.createSession();
			try {
				// As half of them do with Spring Security
				if (i % 4 < 2) {
					repository.reserve(session.getId(), Map.of(PRINCIPAL, principal));
				}
				session.setAttribute(PRINCIPAL, principal);
				repository.save(session);
				return session;
			}
			catch (SessionLimitExceededException ex) {
				return null;
			}
		});
	}

	private <T> List<T> together(LogIn<T> logIn) throws Exception {
		CyclicBarrier barrier = new CyclicBarrier(LOG_INS);
		List<Callable<@Nullable T>> tasks = new ArrayList<>();
		for (int i = 0; i < LOG_INS; i++) {
			int number = i;
			tasks.add(() -> {
				barrier.await();
				return logIn.run(number);
			});
		}
		List<T> results = new ArrayList<>();
		for (Future<@Nullable T> future : this.executor.invokeAll(tasks)) {
			T result = future.get();
			if (result != null) {
				results.add(result);
			}
		}
		return results;
	}

	private static void assertSessions(List<Node> nodes, String principal, List<StoredSession> sessions) {
		for (Node node : nodes) {
			await().untilAsserted(() -> assertThat(node.repository().findByPrincipalName(principal).values())
				.extracting(StoredSession::getHandle)
				.containsExactlyInAnyOrderElementsOf(sessions.stream().map(StoredSession::getHandle).toList()));
			await().until(() -> node.repository().operations().count(PRINCIPAL, principal) == sessions.size());
		}
	}

	/**
	 * What is done by many at once.
	 *
	 * @param <T> what comes of it
	 */
	private interface LogIn<T> {

		@Nullable T run(int number) throws Exception;

	}

}
