package app.session.redis.servlet;

import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import app.session.redis.SessionId;
import app.session.redis.SessionLimitExceededException;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.client.BlockingCaller;
import app.session.redis.client.CallSender;
import app.session.redis.lock.SessionLocks;
import app.session.redis.observation.SessionCounter;
import app.session.redis.observation.SessionCounts;
import app.session.redis.observation.SessionStatistics;
import app.session.redis.servlet.TestRepositories.Node;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.LockSettings;
import app.session.redis.settings.OnExceeded;
import app.session.redis.settings.OnLockTimeout;
import app.session.redis.settings.OnUnreadable;
import app.session.redis.store.SessionHeader;
import app.session.redis.store.SessionStore;
import app.session.redis.test.Monitor;
import io.micrometer.observation.Observation;
import org.junit.jupiter.api.Test;

import org.springframework.session.events.SessionExpiredEvent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

/**
 * What a node counts, and what those see who observe it.
 */
interface SessionStatisticsContract extends TopologyContract {

	private Node node() {
		return repositories().unstarted((settings) -> {
		});
	}

	private static StoredSession create(Node node, String principal) {
		StoredSession session = node.repository().createSession();
		session.setAttribute(PRINCIPAL, principal);
		node.repository().save(session);
		return session;
	}

	private static Map<SessionCounter, Long> lookups(Node node) {
		SessionStatistics statistics = node.repository().getStatistics();
		return Map.of(SessionCounter.LOOKUP_HIT, statistics.get(SessionCounter.LOOKUP_HIT), SessionCounter.LOOKUP_MISS,
				statistics.get(SessionCounter.LOOKUP_MISS), SessionCounter.LOOKUP_EXPIRED,
				statistics.get(SessionCounter.LOOKUP_EXPIRED), SessionCounter.LOOKUP_UNREADABLE,
				statistics.get(SessionCounter.LOOKUP_UNREADABLE));
	}

	private static Map<SessionCounter, Long> lookups(long hits, long misses, long expired, long unreadable) {
		return Map.of(SessionCounter.LOOKUP_HIT, hits, SessionCounter.LOOKUP_MISS, misses,
				SessionCounter.LOOKUP_EXPIRED, expired, SessionCounter.LOOKUP_UNREADABLE, unreadable);
	}

	@Test
	default void looksAreCountedByWhatTheyCameTo() {
		Node node = node();
		AtomicRedisSessionRepository repository = node.repository();
		StoredSession session = create(node, "alice");
		assertThat(repository.clientSessions().findById(session.getId())).isNotNull();
		assertThat(repository.findById(session.getId())).isNotNull();
		assertThat(repository.findById(session.getHandle())).isNotNull();
		assertThat(lookups(node)).isEqualTo(lookups(3, 0, 0, 0));
		assertThat(repository.clientSessions().findById(SessionId.newHandle() + "A".repeat(43))).isNull();
		assertThat(repository.clientSessions().findById(session.getHandle() + "A".repeat(43))).isNull();
		assertThat(repository.clientSessions().findById("that is no id")).isNull();
		assertThat(lookups(node)).as("a wrong secret is a miss").isEqualTo(lookups(3, 2, 0, 0));
		assertThat(repository.findByPrincipalName("alice")).hasSize(1);
		assertThat(lookups(node)).as("listing is no look").isEqualTo(lookups(3, 2, 0, 0));
		topology().damage("app:session:session:{" + session.getHandle() + "}", "newer");
		assertThatExceptionOfType(SessionStoreUnavailableException.class)
			.isThrownBy(() -> repository.clientSessions().findById(session.getId()));
		assertThat(lookups(node)).isEqualTo(lookups(3, 2, 0, 1));
	}

	@Test
	default void aLookForAnExpiredSessionIsToldFromAMissToWhoKnowsItsSecret() {
		Node node = node();
		StoredSession session = node.repository().createSession();
		session.setMaxInactiveInterval(Duration.ofMillis(1));
		node.repository().save(session);
		String wrong = session.getHandle() + "A".repeat(43);
		await().untilAsserted(() -> {
			assertThat(node.repository().clientSessions().findById(session.getId())).isNull();
			assertThat(lookups(node)).containsEntry(SessionCounter.LOOKUP_EXPIRED, 1L);
		});
		assertThat(node.repository().findById(session.getHandle())).isNull();
		assertThat(node.repository().clientSessions().findById(wrong)).isNull();
		assertThat(lookups(node)).containsEntry(SessionCounter.LOOKUP_EXPIRED, 2L)
			.containsEntry(SessionCounter.LOOKUP_MISS, 1L);
	}

	@Test
	default void looksUnderALockAreCountedToo() {
		Node node = node();
		StoredSession session = create(node, "alice");
		StoredSession past = create(node, "bob");
		past.setMaxInactiveInterval(Duration.ofMillis(1));
		node.repository().save(past);
		SessionCounts counts = new SessionCounts();
		SessionStore store = new SessionStore(
				new CallSender(node.connectionFactory(), Duration.ofSeconds(2), null, counts), "app:session");
		SessionLocks locks = new SessionLocks(new BlockingCaller(Duration.ofSeconds(2)), store, "node",
				new LockSettings(Duration.ZERO, Duration.ofSeconds(30), OnLockTimeout.REJECT, 0), new SessionCounts());
		try {
			assertThat(BlockingCaller
				.result(locks.acquire(session.getHandle(), SessionHeader.digest("wrong"), null, null, null))).isNull();
			assertThat(counts.get(SessionCounter.LOOKUP_MISS)).isEqualTo(1);
			await().untilAsserted(() -> {
				assertThat(BlockingCaller.result(locks.acquire(past.getHandle(), null, null, null, null))).isNull();
				assertThat(counts.get(SessionCounter.LOOKUP_EXPIRED)).isEqualTo(1);
			});
			topology().damage("app:session:session:{" + session.getHandle() + "}", "newer");
			assertThatExceptionOfType(SessionStoreUnavailableException.class)
				.isThrownBy(() -> BlockingCaller.result(locks.acquire(session.getHandle(), null, null, null, null)));
			assertThat(counts.get(SessionCounter.LOOKUP_UNREADABLE)).isEqualTo(1);
		}
		finally {
			locks.stop();
		}
	}

	@Test
	default void aSessionThatIsDroppedBecauseItCanNotBeReadIsNoHit() {
		Node writer = node();
		Node reader = repositories().unstarted((settings) -> {
			settings.onUnreadable(OnUnreadable.DROP_SESSION);
			settings.allowedTypes(List.of());
		});
		StoredSession session = writer.repository().createSession();
		session.setAttribute("type", new Thing());
		writer.repository().save(session);
		assertThat(reader.repository().clientSessions().findById(session.getId())).isNull();
		assertThat(lookups(reader)).isEqualTo(lookups(0, 0, 0, 1));
		assertThat(reader.repository().getStatistics().get(SessionCounter.DELETED_UNREADABLE)).isEqualTo(1);
		assertThat(reader.repository().getStatistics().get(SessionCounter.ATTRIBUTES_DROPPED)).isEqualTo(1);
	}

	@Test
	default void deletedSessionsAreCountedByReason() {
		Node node = repositories().unstarted((settings) -> settings.limitPerPrincipal(2, OnExceeded.EVICT_OLDEST));
		AtomicRedisSessionRepository repository = node.repository();
		SessionStatistics statistics = repository.getStatistics();
		repository.deleteById(create(node, "alice").getId());
		repository.deleteById(create(node, "alice").getHandle());
		repository.deleteById(SessionId.newHandle());
		assertThat(statistics.get(SessionCounter.DELETED_APPLICATION)).isEqualTo(2);
		create(node, "alice");
		create(node, "alice");
		create(node, "alice");
		assertThat(statistics.get(SessionCounter.DELETED_LIMIT)).isEqualTo(1);
		assertThat(statistics.get(SessionCounter.DELETED_LIMIT)).isEqualTo(1);
		assertThat(repository.deleteByPrincipalName("alice")).isEqualTo(2);
		assertThat(statistics.get(SessionCounter.DELETED_INDEX)).isEqualTo(2);
		assertThat(repository.operations().end(create(node, "bob").getHandle())).isTrue();
		create(node, "bob");
		assertThat(repository.operations().end(PRINCIPAL, "bob")).isEqualTo(1);
		assertThat(statistics.get(SessionCounter.DELETED_OPERATOR)).isEqualTo(2);
		assertThat(statistics.getDeleted()).isEqualTo(7);
	}

	@Test
	default void whatRedisSeesIsCounted() {
		Node node = node();
		AtomicRedisSessionRepository repository = node.repository();
		StoredSession warm = create(node, "alice");
		assertThat(repository.findById(warm.getId())).isNotNull();
		SessionStatistics statistics = repository.getStatistics();
		try (Monitor monitor = topology().monitor()) {
			long commands = statistics.get(SessionCounter.COMMANDS);
			long roundTrips = statistics.get(SessionCounter.ROUND_TRIPS);
			StoredSession session = create(node, "bob");
			StoredSession found = repository.findById(session.getId());
			assertThat(found).isNotNull();
			found.setAttribute("a", "1");
			repository.save(found);
			assertThat(statistics.get(SessionCounter.COMMANDS) - commands).isEqualTo(5);
			assertThat(statistics.get(SessionCounter.ROUND_TRIPS) - roundTrips)
				.as("one to create, which is two on a cluster, one to read, one to save")
				.isEqualTo(topology().isCluster() ? 4 : 3);
			assertThat(monitor.commands()).hasSize(5);
		}
	}

	@Test
	default void sizesOfSavesAreTold() {
		Node node = node();
		List<Long> sizes = new CopyOnWriteArrayList<>();
		node.repository().getStatistics().onSave(sizes::add);
		StoredSession session = create(node, "alice");
		session.setAttribute("large", "x".repeat(5000));
		node.repository().save(session);
		node.repository().save(session);
		StoredSession ended = node.repository().findById(session.getId());
		assertThat(ended).isNotNull();
		node.repository().deleteById(session.getId());
		ended.setAttribute("a", "1");
		node.repository().save(ended);
		assertThat(sizes).as("nothing of what was not written").hasSize(2);
		assertThat(sizes.get(0)).isBetween(32L, 200L);
		assertThat(sizes.get(1)).isBetween(5000L, 5100L);
	}

	@Test
	default void batchesOfTheCollectorAreToldAndNotObserved() {
		RecordedObservations observations = new RecordedObservations();
		List<Integer> batches = new CopyOnWriteArrayList<>();
		Node node = repositories().unstarted((settings) -> settings.observationRegistry(observations.registry()));
		node.repository().getStatistics().onBatch(batches::add);
		for (int i = 0; i < 20; i++) {
			StoredSession session = node.repository().createSession();
			session.setMaxInactiveInterval(Duration.ofMillis(1));
			node.repository().save(session);
		}
		observations.clear();
		node.engine().start();
		await().until(() -> node.events(SessionExpiredEvent.class).size() == 20);
		assertThat(batches.stream().mapToInt(Integer::intValue).sum()).isGreaterThanOrEqualTo(20);
		assertThat(observations.outcomes()).isEmpty();
	}

	@Test
	default void eachOperationIsObservedOnceWithinWhatItsThreadDoes() {
		assumeThat(topology()).as("the parent belongs to the exchange").isNotEqualTo(Topology.REACTIVE);
		RecordedObservations observations = new RecordedObservations();
		Node node = repositories().unstarted((settings) -> {
			settings.observationRegistry(observations.registry());
			settings.limitPerPrincipal(10, OnExceeded.REJECT);
			settings.limitTotal(1000);
			settings.migrateFrom("spring:session");
		});
		AtomicRedisSessionRepository repository = node.repository();
		Observation parent = Observation.start("request", observations.registry());
		parent.scoped(() -> {
			StoredSession session = create(node, "alice-the-principal");
			StoredSession found = repository.clientSessions().findById(session.getId());
			assertThat(found).isNotNull();
			found.setAttribute("secret-attribute", "secret-value");
			repository.save(found);
			repository.save(found);
			assertThat(repository.findById(session.getHandle())).isNotNull();
			assertThat(repository.findByPrincipalName("alice-the-principal")).hasSize(1);
			assertThat(repository.operations().count()).isEqualTo(1);
			assertThat(repository.operations().count(PRINCIPAL, "alice-the-principal")).isEqualTo(1);
			assertThat(repository.operations().page(null, 10).sessions()).hasSize(1);
			assertThat(repository.operations().describe(session.getHandle())).isNotNull();
			repository.deleteById(session.getId());
			assertThat(repository.clientSessions().findById("6e8bc430-9c3a-11d9-9669-0800200c9a66")).isNull();
			create(node, "bob");
			assertThat(repository.deleteByPrincipalName("bob")).isEqualTo(1);
			assertThat(repository.operations().state().live()).as("not observed").isZero();
		});
		List<Observation.Context> seen = List.copyOf(observations.stopped());
		parent.stop();
		assertThat(observations.outcomes()).containsExactly("reserve success", "admit success", "create success",
				"load success", "save success", "load success", "find success", "count success", "count success",
				"page success", "describe success", "delete success", "take-over success", "reserve success",
				"admit success", "create success", "find success", "delete success", "null null");
		assertThat(seen).allSatisfy((context) -> {
			assertThat(context.getName()).isEqualTo("redis.session.operations");
			assertThat(context.getParentObservation()).isSameAs(parent);
			assertThat(RecordedObservations.tags(context)).containsOnlyKeys("operation", "outcome");
			assertThat(context.getContextualName())
				.isEqualTo("redis session " + RecordedObservations.tags(context).get("operation"));
		});
	}

	@Test
	default void whatFailsIsObservedWithTheReason() {
		RecordedObservations observations = new RecordedObservations();
		Node node = repositories().unstarted((settings) -> settings.observationRegistry(observations.registry()));
		StoredSession session = create(node, "alice");
		topology().damage("app:session:session:{" + session.getHandle() + "}", "newer");
		observations.clear();
		assertThatExceptionOfType(SessionStoreUnavailableException.class)
			.isThrownBy(() -> node.repository().findById(session.getId()));
		assertThat(observations.outcomes()).containsExactly("load newer-format");
		assertThat(observations.stopped()).singleElement()
			.satisfies(
					(context) -> assertThat(context.getError()).isInstanceOf(SessionStoreUnavailableException.class));
	}

	@Test
	default void whatALimitRefusesOrWasAskedForWronglyIsNoFailure() {
		RecordedObservations observations = new RecordedObservations();
		Node node = repositories().unstarted((settings) -> {
			settings.observationRegistry(observations.registry());
			settings.limitPerPrincipal(1, OnExceeded.REJECT);
		});
		create(node, "alice");
		observations.clear();
		assertThatExceptionOfType(SessionLimitExceededException.class).isThrownBy(() -> create(node, "alice"));
		assertThatIllegalArgumentException().isThrownBy(() -> node.repository().operations().page("no cursor", 10));
		assertThat(observations.outcomes()).containsExactly("reserve rejected", "page rejected");
		assertThat(observations.stopped()).allSatisfy((context) -> assertThat(context.getError()).isNull());
	}

	@Test
	default void aWaitForReplicasThatAreNotThereIsObservedAsUnconfirmed() {
		RecordedObservations observations = new RecordedObservations();
		Node node = repositories().unstarted((settings) -> {
			settings.observationRegistry(observations.registry());
			settings.confirmReplicas(1, Duration.ofMillis(50));
		});
		create(node, "alice");
		assertThat(observations.outcomes()).containsExactly("create success", "confirm unconfirmed");
		assertThat(node.repository().getStatistics().get(SessionCounter.UNCONFIRMED)).isEqualTo(1);
	}

	/** A type that one node may read and another may not. */
	final class Thing implements Serializable {

		private static final long serialVersionUID = 1L;

	}

}
