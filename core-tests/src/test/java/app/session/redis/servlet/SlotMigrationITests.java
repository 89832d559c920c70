package app.session.redis.servlet;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import app.session.redis.client.BlockingCaller;
import app.session.redis.client.CallSender;
import app.session.redis.limit.LimitStore;
import app.session.redis.lock.HeldLock;
import app.session.redis.lock.SessionLocks;
import app.session.redis.lock.SessionLocks.Acquisition;
import app.session.redis.observation.SessionCounts;
import app.session.redis.servlet.TestRepositories.Node;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.EventDelivery;
import app.session.redis.settings.LockSettings;
import app.session.redis.settings.OnLockTimeout;
import app.session.redis.store.IndexEntry;
import app.session.redis.store.SessionStore;
import app.session.redis.test.RedisCluster;
import app.session.redis.test.RedisServer;
import io.lettuce.core.cluster.SlotHash;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.events.SessionDeletedEvent;
import org.springframework.session.events.SessionExpiredEvent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * A cluster whose slots are moved while they are used.
 */
@Timeout(60)
class SlotMigrationITests {

	private static final String PRINCIPAL = FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

	private static final RedisCluster cluster = RedisCluster.builder().primaries(2).start();

	private final TestRepositories repositories = TestRepositories.on(cluster);

	private final AtomicRedisSessionRepository repository = this.repositories.unstarted((settings) -> {
	}).repository();

	private final ExecutorService executor = Executors.newCachedThreadPool();

	private final SessionLocks locks = locks("a", Duration.ofSeconds(10), Duration.ofSeconds(2));

	private final SessionLocks otherLocks = locks("b", Duration.ofSeconds(10), Duration.ofSeconds(2));

	@AfterAll
	static void closeCluster() {
		cluster.close();
	}

	@BeforeEach
	void start() {
		cluster.flushAll();
		this.locks.start();
		this.otherLocks.start();
	}

	@AfterEach
	void close() throws InterruptedException {
		this.locks.stop();
		this.otherLocks.stop();
		this.repositories.close();
		this.executor.shutdownNow();
		assertThat(this.executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
	}

	private SessionLocks locks(String node, Duration wait, Duration commandTimeout) {
		SessionStore store = new SessionStore(new CallSender(this.repositories.unstarted((settings) -> {
		}).connectionFactory(), commandTimeout, null), "app:session");
		return new SessionLocks(new BlockingCaller(commandTimeout), store, node,
				new LockSettings(wait, Duration.ofSeconds(30), OnLockTimeout.REJECT, 0), new SessionCounts());
	}

	private StoredSession create() {
		StoredSession session = this.repository.createSession();
		session.setAttribute("count", 0);
		this.repository.save(session);
		return session;
	}

	private void login(StoredSession session, String principal) {
		session.setAttribute(PRINCIPAL, principal);
		this.repository.save(session);
	}

	private static String key(StoredSession session) {
		return "app:session:session:{" + session.getHandle() + "}";
	}

	private static RedisServer other(RedisServer node) {
		return cluster.nodes().get(cluster.nodes().get(0).equals(node) ? 1 : 0);
	}

	/** A request that locks its session and counts in it. */
	private void count(SessionLocks by, StoredSession session) {
		Acquisition acquisition = BlockingCaller
			.result(by.acquire(session.getHandle(), null, Duration.ZERO, null, null));
		assertThat(acquisition).isNotNull();
		HeldLock lock = acquisition.lock();
		try {
			StoredSession found = this.repository.findById(session.getId());
			found.saving().lock(lock);
			found.setAttribute("count", found.<Integer>getRequiredAttribute("count") + 1);
			this.repository.save(found);
		}
		finally {
			lock.release();
		}
	}

	private void awaitNoLocks() {
		await().untilAsserted(
				() -> assertThat(keys()).noneMatch((key) -> key.contains(":lock:") || key.contains(":waiters:")));
	}

	private static List<String> keys() {
		return cluster.nodes().stream().flatMap((node) -> node.keys().stream()).toList();
	}

	enum Placement {

		ALL_AT_SOURCE, ALL_AT_TARGET, SPLIT

	}

	/**
	 * Every operation while the slots of all keys are being moved. Those on several keys
	 * are executed when the slot has moved at the latest.
	 */
	@ParameterizedTest
	@EnumSource
	void whileSlotsAreMovedEveryOperationSucceeds(Placement placement) throws Exception {
		List<StoredSession> sessions = new ArrayList<>();
		for (int i = 0; i < 6; i++) {
			StoredSession session = create();
			login(session, "alice" + i % 2);
			sessions.add(session);
		}
		HeldLock held = BlockingCaller
			.result(this.otherLocks.acquire(sessions.get(0).getHandle(), null, null, null, null))
			.lock();
		Map<Integer, RedisServer> slots = beginMoves();
		int number = 0;
		for (Map.Entry<Integer, RedisServer> slot : slots.entrySet()) {
			for (String key : slot.getValue().commands().clusterGetKeysInSlot(slot.getKey(), 100)) {
				if (placement == Placement.ALL_AT_TARGET || (placement == Placement.SPLIT && number++ % 2 == 0)) {
					cluster.moveKey(key, slot.getValue(), other(slot.getValue()));
				}
			}
		}
		if (placement == Placement.SPLIT) {
			String lock = "app:session:lock:{" + sessions.get(0).getHandle() + "}";
			long halves = cluster.nodes().stream().filter((node) -> node.keys().contains(lock)).count();
			assertThat(halves).isOne();
		}
		List<Future<?>> operations = new ArrayList<>();
		operations.add(run(() -> {
			held.release();
			count(this.locks, sessions.get(0));
		}));
		operations.add(run(() -> count(this.locks, sessions.get(1))));
		operations.add(run(() -> count(this.otherLocks, sessions.get(1))));
		operations.add(run(() -> {
			StoredSession found = this.repository.clientSessions().findById(sessions.get(2).getId());
			found.setAttribute("a", "1");
			found.changeSessionId();
			found.setMaxInactiveInterval(Duration.ofMinutes(5));
			login(found, "bob");
			assertThat(this.repository.findByPrincipalName("bob")).hasSize(1);
			assertThat(this.repository.operations().describe(found.getHandle())).isNotNull();
			this.repository.deleteById(found.getId());
			assertThat(this.repository.findById(found.getId())).isNull();
		}));
		operations.add(run(() -> {
			StoredSession created = create();
			login(created, "carol");
			assertThat(this.repository.deleteByPrincipalName("carol")).isOne();
		}));
		operations.add(run(() -> assertThat(this.repository.findByPrincipalName("alice1")).hasSize(3)));
		operations.add(run(() -> assertThat(this.repository.operations().page(null, 100).sessions()).isNotEmpty()));
		Thread.sleep(300);
		slots.forEach((slot, source) -> cluster.endMove(slot, source, other(source)));
		for (Future<?> operation : operations) {
			operation.get(10, TimeUnit.SECONDS);
		}
		assertThat(this.repository.findById(sessions.get(0).getId()).<Integer>getAttribute("count")).isEqualTo(1);
		assertThat(this.repository.findById(sessions.get(1).getId()).<Integer>getAttribute("count")).isEqualTo(2);
		assertThat(this.repository.findByPrincipalName("bob")).isEmpty();
		awaitNoLocks();
	}

	private Future<?> run(Runnable operation) {
		Callable<Object> task = () -> {
			operation.run();
			return true;
		};
		return this.executor.submit(task);
	}

	private static Map<Integer, RedisServer> beginMoves() {
		Map<Integer, RedisServer> slots = new LinkedHashMap<>();
		for (RedisServer node : cluster.nodes()) {
			node.keys().forEach((key) -> slots.put(SlotHash.getSlot(key), node));
		}
		slots.forEach((slot, source) -> cluster.beginMove(slot, source, other(source)));
		return slots;
	}

	@Test
	void aMoveThatDoesNotEndFailsInTimeAndLeavesNoLock() throws Exception {
		SessionLocks impatient = locks("c", Duration.ofMillis(400), Duration.ofMillis(200));
		impatient.start();
		StoredSession session = create();
		int slot = SlotHash.getSlot(key(session));
		RedisServer source = cluster.nodeOf(key(session));
		cluster.beginMove(slot, source, other(source));
		long start = System.nanoTime();
		assertThatExceptionOfType(SessionStoreUnavailableException.class)
			.isThrownBy(() -> BlockingCaller.result(impatient.acquire(session.getHandle(), null, null, null, null)))
			.satisfies((ex) -> assertThat(ex.getReason()).isEqualTo(Reason.SLOT_MOVING));
		assertThat(Duration.ofNanos(System.nanoTime() - start)).as("as long as it may wait for the lock")
			.isBetween(Duration.ofMillis(250), Duration.ofMillis(800));
		assertThat(this.repository.findById(session.getId())).as("what needs no other key").isNotNull();
		cluster.endMove(slot, source, other(source));
		count(this.locks, session);
		awaitNoLocks();
		impatient.stop();
	}

	/** What is kept for listeners on other nodes needs a second key. */
	@Test
	void sessionsOfANodeThatBroadcastsEndOnceThoughTheirSlotsAreBeingMoved() {
		Node node = this.repositories.node((settings) -> settings.events(EventDelivery.BROADCAST));
		StoredSession deleted = node.repository().createSession();
		node.repository().save(deleted);
		StoredSession expiring = node.repository().createSession();
		expiring.setMaxInactiveInterval(Duration.ofMillis(300));
		node.repository().save(expiring);
		Map<Integer, RedisServer> slots = beginMoves();
		node.repository().deleteById(deleted.getId());
		await().untilAsserted(() -> assertThat(node.events(SessionExpiredEvent.class)).hasSize(1));
		await().during(Duration.ofSeconds(1))
			.untilAsserted(() -> assertThat(node.events(SessionExpiredEvent.class)).hasSize(1));
		assertThat(node.events(SessionDeletedEvent.class)).hasSize(1);
		assertThat(keys()).noneMatch((key) -> key.contains(":session:{"));
		slots.forEach((slot, source) -> cluster.endMove(slot, source, other(source)));
	}

	@Test
	void scriptsThatTheTargetLacksAreSentThereAndNotAgain() {
		StoredSession session = create();
		int slot = SlotHash.getSlot(key(session));
		RedisServer source = cluster.nodeOf(key(session));
		RedisServer target = other(source);
		cluster.beginMove(slot, source, target);
		cluster.moveKey(key(session), source, target);
		target.commands().scriptFlush();
		StoredSession found = this.repository.findById(session.getId());
		found.setAttribute("a", "1");
		this.repository.save(found);
		target.commands().configResetstat();
		source.commands().configResetstat();
		for (int i = 0; i < 10; i++) {
			found = this.repository.findById(session.getId());
			found.setAttribute("a", "value " + i);
			this.repository.save(found);
		}
		for (RedisServer node : cluster.nodes()) {
			assertThat(node.commands().info("commandstats")).doesNotContain("cmdstat_eval:");
		}
		cluster.endMove(slot, source, target);
		assertThat(this.repository.findById(session.getId()).<String>getAttribute("a")).isEqualTo("value 9");
	}

	/**
	 * What a script empties on the node that gives its slot away is no longer its own.
	 */
	@Test
	void aPlaceChangesHandsWhileItsIndexIsBeingMoved() throws Exception {
		LimitStore limits = new LimitStore(new SessionStore(new CallSender(this.repositories.unstarted((settings) -> {
		}).connectionFactory(), Duration.ofSeconds(2), null), "app:session"));
		IndexEntry entry = IndexEntry.principal("dave");
		String key = "app:session:index:principal:dave";
		assertThat(reserve(limits, entry, "A".repeat(16), null)).isTrue();
		int slot = SlotHash.getSlot(key);
		RedisServer source = cluster.nodeOf(key);
		cluster.beginMove(slot, source, other(source));
		assertThat(reserve(limits, entry, "B".repeat(16), "A".repeat(16))).isTrue();
		assertThat(source.commands().zcard(key)).isOne();
		cluster.endMove(slot, source, other(source));
		assertThat(reserve(limits, entry, "C".repeat(16), null)).isFalse();
	}

	private static boolean reserve(LimitStore limits, IndexEntry entry, String handle, @Nullable String replaced)
			throws Exception {
		return limits.reserve(entry, handle, 1, replaced).toCompletableFuture().get(10, TimeUnit.SECONDS).granted();
	}

	/** Each slot is moved once: nodes need some time to agree before it can move back. */
	@Test
	void underLoadSlotsMoveWithoutAFailedRequestOrALostWrite() throws Exception {
		Map<StoredSession, AtomicInteger> counted = new LinkedHashMap<>();
		for (int i = 0; i < 6; i++) {
			counted.put(create(), new AtomicInteger());
		}
		AtomicBoolean done = new AtomicBoolean();
		List<Future<?>> workers = new ArrayList<>();
		for (SessionLocks by : List.of(this.locks, this.otherLocks, this.locks, this.otherLocks)) {
			workers.add(run(() -> {
				while (!done.get()) {
					counted.forEach((session, count) -> {
						count(by, session);
						count.incrementAndGet();
					});
				}
			}));
		}
		try {
			for (StoredSession session : counted.keySet()) {
				int before = counted.get(session).get();
				await().pollInterval(Duration.ofMillis(5)).until(() -> counted.get(session).get() > before + 1);
				int slot = SlotHash.getSlot(key(session));
				RedisServer source = cluster.nodeOf(key(session));
				cluster.beginMove(slot, source, other(source));
				Thread.sleep(30);
				cluster.endMove(slot, source, other(source));
			}
		}
		finally {
			done.set(true);
		}
		for (Future<?> worker : workers) {
			worker.get(10, TimeUnit.SECONDS);
		}
		counted.forEach(
				(session, count) -> assertThat(this.repository.findById(session.getId()).<Integer>getAttribute("count"))
					.isEqualTo(count.get()));
		awaitNoLocks();
	}

}
