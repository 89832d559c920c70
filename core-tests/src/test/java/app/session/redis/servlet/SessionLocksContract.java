package app.session.redis.servlet;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;

import app.session.redis.SessionId;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import app.session.redis.client.BlockingCaller;
import app.session.redis.client.CallSender;
import app.session.redis.client.Caller;
import app.session.redis.client.NonBlockingCaller;
import app.session.redis.client.NonBlockingThread;
import app.session.redis.lock.HeldLock;
import app.session.redis.lock.SessionLocks;
import app.session.redis.lock.SessionLocks.Acquisition;
import app.session.redis.observation.SessionCounter;
import app.session.redis.observation.SessionCounts;
import app.session.redis.servlet.TestRepositories.Node;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.LockSettings;
import app.session.redis.settings.OnLockTimeout;
import app.session.redis.store.SessionHeader;
import app.session.redis.store.SessionStore;
import app.session.redis.test.Monitor;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

/**
 * How the locks of sessions behave, wherever Redis runs.
 */
interface SessionLocksContract extends TopologyContract {

	Duration LONG = Duration.ofSeconds(30);

	/** The threads of one test. */
	ExecutorService executor();

	/** Receives the replies for requests. */
	private Caller caller(Duration commandTimeout) {
		NonBlockingThread thread = repositories().thread();
		return (thread != null) ? new NonBlockingCaller(thread.executor(), commandTimeout)
				: new BlockingCaller(commandTimeout);
	}

	/** The locks as requests are given them. */
	private SessionLocks facing(SessionLocks locks) {
		NonBlockingThread thread = repositories().thread();
		return (thread != null) ? NonBlockingEngine.starting(locks, thread) : locks;
	}

	/** What is to be stopped after one test. */
	List<SessionLocks> started();

	@AfterEach
	default void stopLocks() throws InterruptedException {
		executor().shutdownNow();
		assertThat(executor().awaitTermination(10, TimeUnit.SECONDS)).isTrue();
		started().forEach(SessionLocks::stop);
	}

	private static LockSettings settings(Duration wait, Duration lease) {
		return new LockSettings(wait, lease, OnLockTimeout.REJECT, 0);
	}

	private LockNode node(LockSettings settings) {
		LockNode node = deadNode(settings);
		String name = "node" + (started().size() - 1);
		node.locks().start();
		await().until(() -> topology().isSubscribed("app:session:wake:" + name));
		return node;
	}

	/** A node that neither renews its locks nor hears anything. */
	private LockNode deadNode(LockSettings settings) {
		Node node = repositories().unstarted((each) -> {
		});
		SessionCounts counts = new SessionCounts();
		SessionStore store = new SessionStore(new CallSender(node.connectionFactory(), Duration.ofSeconds(2), null),
				"app:session");
		SessionLocks locks = new SessionLocks(caller(Duration.ofSeconds(2)), store, "node" + started().size(), settings,
				counts);
		started().add(locks);
		return new LockNode(node.repository(), facing(locks), counts);
	}

	private static StoredSession create(LockNode node) {
		StoredSession session = node.repository().createSession();
		session.setAttribute("count", 0);
		node.repository().save(session);
		return session;
	}

	/** Has a request wait, and returns when it does. */
	private Future<HeldLock> waitFor(LockNode node, StoredSession session) {
		int before = topology().waiters(session.getHandle()).size();
		Future<HeldLock> waiting = executor().submit(() -> node.acquire(session));
		await().until(() -> topology().waiters(session.getHandle()).size() > before);
		return waiting;
	}

	private static void refused(Reason reason, ThrowingCallable operation) {
		assertThatExceptionOfType(SessionStoreUnavailableException.class).isThrownBy(operation)
			.satisfies((ex) -> assertThat(ex.getReason()).isEqualTo(reason));
	}

	private void assertNoTraces() {
		await().untilAsserted(() -> assertThat(topology().keys())
			.noneMatch((key) -> key.contains(":lock:") || key.contains(":waiters:")));
	}

	@Test
	default void oneRequestAtATimeHasTheLockAndLosesNoChange() throws Exception {
		List<LockNode> nodes = List.of(node(settings(LONG, LONG)), node(settings(LONG, LONG)));
		StoredSession session = create(nodes.get(0));
		AtomicInteger inside = new AtomicInteger();
		LongAdder together = new LongAdder();
		List<Future<?>> workers = new ArrayList<>();
		for (int i = 0; i < 8; i++) {
			LockNode node = nodes.get(i % 2);
			workers.add(executor().submit(() -> {
				for (int k = 0; k < 40; k++) {
					HeldLock lock = node.acquire(session);
					if (inside.incrementAndGet() != 1) {
						together.increment();
					}
					StoredSession found = node.repository().findById(session.getId());
					found.saving().lock(lock);
					found.setAttribute("count", found.<Integer>getRequiredAttribute("count") + 1);
					node.repository().save(found);
					inside.decrementAndGet();
					lock.release();
				}
			}));
		}
		for (Future<?> worker : workers) {
			worker.get(30, TimeUnit.SECONDS);
		}
		assertThat(together.sum()).isZero();
		assertThat(nodes.get(0).repository().findById(session.getId()).<Integer>getAttribute("count")).isEqualTo(320);
		assertThat(nodes).allSatisfy((node) -> {
			assertThat(node.counts().getLockWaits()).isPositive();
			assertThat(node.counts().getLockWaitTime()).isGreaterThanOrEqualTo(node.counts().getLongestLockWait());
			assertThat(node.counts().getLongestLockWait()).isPositive();
			assertThat(node.counts().get(SessionCounter.LOCK_LOST)).isZero();
			assertThat(node.counts().get(SessionCounter.LOCK_TIMEOUTS)).isZero();
		});
		assertNoTraces();
	}

	@Test
	default void whoWaitsLongestIsNextOnWhateverNode() throws Exception {
		List<LockNode> nodes = List.of(node(settings(LONG, LONG)), node(settings(LONG, LONG)));
		StoredSession session = create(nodes.get(0));
		HeldLock first = nodes.get(0).acquire(session);
		ConcurrentLinkedQueue<Integer> order = new ConcurrentLinkedQueue<>();
		List<Future<?>> workers = new ArrayList<>();
		for (int i = 0; i < 6; i++) {
			int number = i;
			workers.add(executor().submit(() -> {
				HeldLock lock = nodes.get(number % 2).acquire(session);
				order.add(number);
				lock.release();
			}));
			await().until(() -> topology().waiters(session.getHandle()).size() == number + 1);
		}
		first.release();
		for (Future<?> worker : workers) {
			worker.get(10, TimeUnit.SECONDS);
		}
		assertThat(order).containsExactlyElementsOf(IntStream.range(0, 6).boxed().toList());
		assertNoTraces();
	}

	@Test
	default void sessionsDoNotWaitForEachOther() {
		LockNode node = node(settings(Duration.ZERO, LONG));
		StoredSession one = create(node);
		StoredSession two = create(node);
		HeldLock first = node.acquire(one);
		HeldLock second = node.acquire(two);
		refused(Reason.LOCK_TIMEOUT, () -> node.acquire(one));
		first.release();
		second.release();
		assertNoTraces();
	}

	@Test
	default void theLockOfANodeThatDiedEndsWithItsLease() throws Exception {
		LockNode dead = deadNode(settings(LONG, Duration.ofSeconds(1)));
		LockNode node = node(settings(LONG, LONG));
		StoredSession session = create(node);
		assertThat(dead.acquire(session)).isNotNull();
		long start = System.nanoTime();
		HeldLock lock = waitFor(node, session).get(10, TimeUnit.SECONDS);
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(Duration.ofMillis(500),
				Duration.ofMillis(3500));
		lock.release();
		assertNoTraces();
	}

	@Test
	default void aLockIsRenewedWhileItsRequestRuns() throws Exception {
		LockNode node = node(settings(LONG, Duration.ofMillis(1500)));
		LockNode other = node(settings(Duration.ofMillis(3500), LONG));
		StoredSession session = create(node);
		HeldLock lock = node.acquire(session);
		refused(Reason.LOCK_TIMEOUT, () -> other.acquire(session));
		assertThat(lock.isLost()).isFalse();
		assertThat(topology().lock(session.getHandle())).isEqualTo(lock.fence());
		assertThat(other.counts().get(SessionCounter.LOCK_TIMEOUTS)).isEqualTo(1);
		assertThat(other.counts().getLongestLockWait()).isGreaterThan(Duration.ofSeconds(3));
		Future<HeldLock> next = waitFor(other, session);
		lock.release();
		next.get(10, TimeUnit.SECONDS).release();
		assertNoTraces();
	}

	@Test
	default void aRequestWhoseLockWasTakenOverHearsOfItAndSavesNothing() {
		LockNode node = node(settings(LONG, Duration.ofMillis(600)));
		LockNode breaker = node(new LockSettings(Duration.ofMillis(100), LONG, OnLockTimeout.BREAK, 0));
		StoredSession session = create(node);
		HeldLock lost = node.acquire(session);
		session.saving().lock(lost);
		session.setAttribute("count", 7);
		session.changeSessionId();
		HeldLock taken = breaker.acquire(session);
		assertThat(breaker.counts().get(SessionCounter.LOCK_TIMEOUTS)).isEqualTo(1);
		refused(Reason.LOCK_LOST, () -> node.repository().save(session));
		assertThat(lost.isLost()).isTrue();
		refused(Reason.LOCK_LOST, () -> node.repository().save(session));
		assertThat(node.counts().get(SessionCounter.LOCK_LOST)).isEqualTo(1);
		assertThat(node.counts().get(SessionCounter.CONFLICT_LOCKED)).isEqualTo(1);
		StoredSession found = breaker.repository().findById(session.getId());
		assertThat(found).as("no client is sent an id that opens nothing").isNotNull();
		assertThat(found.<Integer>getAttribute("count")).isZero();
		found.saving().lock(taken);
		found.setAttribute("count", 1);
		breaker.repository().save(found);
		lost.release();
		assertThat(topology().lock(session.getHandle())).isEqualTo(taken.fence());
		HeldLock again = breaker.acquire(session);
		await().untilAsserted(() -> assertThat(topology().lock(session.getHandle())).isEqualTo(again.fence()));
		taken.release();
		again.release();
		assertNoTraces();
	}

	@Test
	default void renewalFindsThatALockWasLost() {
		LockNode node = node(settings(LONG, Duration.ofMillis(600)));
		LockNode breaker = node(new LockSettings(Duration.ZERO, LONG, OnLockTimeout.BREAK, 0));
		StoredSession session = create(node);
		HeldLock lost = node.acquire(session);
		HeldLock taken = breaker.acquire(session);
		await().until(lost::isLost);
		assertThat(node.counts().get(SessionCounter.LOCK_LOST)).isEqualTo(1);
		taken.release();
		assertNoTraces();
	}

	@Test
	default void aRequestMayGoOnWithoutTheLockAndSavesNothing() {
		LockNode node = node(settings(LONG, LONG));
		LockNode reader = node(new LockSettings(Duration.ofMillis(50), LONG, OnLockTimeout.READ_ONLY, 0));
		StoredSession session = create(node);
		HeldLock lock = node.acquire(session);
		StoredSession found = reader.repository().findById(session.getId());
		found.saving().lock(reader.acquire(found));
		assertThat(found.saving().lock().isReadOnly()).isTrue();
		found.setAttribute("count", 9);
		reader.repository().save(found);
		reader.repository().save(found);
		assertThat(reader.counts().get(SessionCounter.CONFLICT_LOCKED)).isEqualTo(1);
		assertThat(node.repository().findById(session.getId()).<Integer>getAttribute("count")).isZero();
		String id = found.getId();
		found.changeSessionId();
		refused(Reason.LOCK_TIMEOUT, () -> reader.repository().save(found));
		assertThat(found.getId()).isEqualTo(id);
		found.saving().lock().release();
		assertThat(topology().lock(session.getHandle())).isEqualTo(lock.fence());
		lock.release();
		assertNoTraces();
	}

	@Test
	default void moreThanMayWaitAreRefusedAtOnce() throws Exception {
		LockNode node = node(new LockSettings(LONG, LONG, OnLockTimeout.REJECT, 2));
		StoredSession session = create(node);
		HeldLock lock = node.acquire(session);
		List<Future<HeldLock>> waiting = List.of(waitFor(node, session), waitFor(node, session));
		refused(Reason.TOO_MANY_WAITERS, () -> node.acquire(session));
		assertThat(node.counts().get(SessionCounter.LOCK_REFUSALS)).isEqualTo(1);
		lock.release();
		waiting.get(0).get(10, TimeUnit.SECONDS).release();
		waiting.get(1).get(10, TimeUnit.SECONDS).release();
		assertNoTraces();
	}

	@Test
	default void whoHasGivenUpWaitingIsHandedNothing() throws Exception {
		LockNode node = node(settings(LONG, LONG));
		LockNode impatient = node(settings(Duration.ofMillis(200), LONG));
		StoredSession session = create(node);
		HeldLock lock = node.acquire(session);
		refused(Reason.LOCK_TIMEOUT, () -> impatient.acquire(session));
		assertThat(topology().waiters(session.getHandle())).isEmpty();
		Future<HeldLock> next = waitFor(node, session);
		lock.release();
		next.get(10, TimeUnit.SECONDS).release();
		assertNoTraces();
	}

	@Test
	default void aLockThatIsHandedToARequestThatHasGoneGoesToTheNext() throws Exception {
		LockNode node = node(settings(LONG, LONG));
		StoredSession session = create(node);
		HeldLock lock = node.acquire(session);
		topology().addWaiter(session.getHandle(), "node0:0:" + session.getHandle());
		Future<HeldLock> next = waitFor(node, session);
		long start = System.nanoTime();
		lock.release();
		next.get(10, TimeUnit.SECONDS).release();
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(1500));
		assertNoTraces();
	}

	@Test
	default void aLockThatIsHandedToANodeThatHasDiedIsSoonFree() throws Exception {
		LockNode node = node(settings(LONG, LONG));
		StoredSession session = create(node);
		HeldLock lock = node.acquire(session);
		topology().addWaiter(session.getHandle(), "dead:1:" + session.getHandle());
		Future<HeldLock> next = waitFor(node, session);
		long start = System.nanoTime();
		lock.release();
		next.get(10, TimeUnit.SECONDS).release();
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
		assertNoTraces();
	}

	@Test
	default void aNodeThatHearsNothingGetsTheLockAllTheSame() throws Exception {
		LockNode node = node(settings(LONG, LONG));
		LockNode deaf = deadNode(settings(LONG, LONG));
		StoredSession session = create(node);
		HeldLock lock = node.acquire(session);
		Future<HeldLock> next = waitFor(deaf, session);
		lock.release();
		next.get(5, TimeUnit.SECONDS).release();
		assertNoTraces();
	}

	@Test
	default void aLockWithoutAnEndIsNotAskedForAllTheTime() throws Exception {
		LockNode node = node(settings(Duration.ofMillis(500), LONG));
		StoredSession session = create(node);
		topology().lock(session.getHandle(), "a person");
		try (Monitor monitor = topology().monitor()) {
			refused(Reason.LOCK_TIMEOUT, () -> node.acquire(session));
			assertThat(scripts(monitor)).as("and once more when the subscription begins").isBetween(2L, 3L);
		}
	}

	@Test
	default void whatIsNoSessionHasNoLock() {
		LockNode node = node(settings(LONG, LONG));
		StoredSession session = create(node);
		assertThat(BlockingCaller
			.result(node.locks().acquire(SessionId.newHandle(), SessionHeader.digest("secret"), null, null, null)))
			.isNull();
		assertThat(BlockingCaller
			.result(node.locks().acquire(session.getHandle(), SessionHeader.digest("another"), null, null, null)))
			.isNull();
		assertThat(topology().keys()).noneMatch((key) -> key.contains(":lock:") || key.contains(":waiters:"));
		node.repository().deleteById(session.getId());
		assertThat(node.acquire(session)).isNull();
		await().untilAsserted(() -> assertThat(topology().keys()).isEmpty());
	}

	@Test
	default void aSessionThatEndsWhileItIsWaitedForLeavesNothing() throws Exception {
		LockNode node = node(settings(LONG, LONG));
		StoredSession session = create(node);
		HeldLock lock = node.acquire(session);
		Future<HeldLock> first = waitFor(node, session);
		Future<HeldLock> second = waitFor(node, session);
		node.repository().deleteById(session.getId());
		lock.release();
		for (Future<HeldLock> next : List.of(first, second)) {
			HeldLock held = next.get(10, TimeUnit.SECONDS);
			if (held != null) {
				held.release();
			}
		}
		await().untilAsserted(() -> assertThat(topology().keys()).isEmpty());
	}

	@Test
	default void aNodeThatStopsGivesItsLocksUp() throws Exception {
		LockNode stopping = node(settings(LONG, LONG));
		LockNode node = node(settings(LONG, LONG));
		StoredSession session = create(node);
		HeldLock lost = stopping.acquire(session);
		Future<HeldLock> next = waitFor(node, session);
		stopping.locks().stop();
		next.get(10, TimeUnit.SECONDS).release();
		assertThat(lost.isLost()).isTrue();
		assertNoTraces();
	}

	@Test
	default void aThreadThatIsInterruptedWaitsNoLonger() throws Exception {
		assumeThat(repositories().thread()).as("where no thread may block, none can be interrupted").isNull();
		LockNode node = node(settings(LONG, LONG));
		StoredSession session = create(node);
		HeldLock lock = node.acquire(session);
		ExecutorService interrupted = Executors.newSingleThreadExecutor();
		Future<HeldLock> waiting = interrupted.submit(() -> node.acquire(session));
		await().until(() -> !topology().waiters(session.getHandle()).isEmpty());
		interrupted.shutdownNow();
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> waiting.get(10, TimeUnit.SECONDS))
			.withCauseInstanceOf(SessionStoreUnavailableException.class);
		await().untilAsserted(() -> assertThat(topology().waiters(session.getHandle())).isEmpty());
		lock.release();
		assertNoTraces();
	}

	@Test
	default void lockingCostsTwoCommandsAndAHandOverOneMore() throws Exception {
		LockNode node = node(settings(LONG, LONG));
		StoredSession session = create(node);
		node.acquire(session).release();
		assertNoTraces();
		try (Monitor monitor = topology().monitor()) {
			node.acquire(session).release();
			await().until(() -> scripts(monitor) == 2);
			monitor.reset();
			HeldLock lock = node.acquire(session);
			Future<HeldLock> next = executor().submit(() -> node.acquire(session));
			await().until(() -> scripts(monitor) == 2);
			lock.release();
			next.get(10, TimeUnit.SECONDS).release();
			await().until(() -> scripts(monitor) == 5);
			assertNoTraces();
			assertThat(scripts(monitor)).isEqualTo(5);
		}
	}

	private static long scripts(Monitor monitor) {
		return monitor.commands().stream().filter((command) -> command.name().startsWith("EVAL")).count();
	}

	/**
	 * A node and its locks.
	 */
	record LockNode(AtomicRedisSessionRepository repository, SessionLocks locks, SessionCounts counts) {

		/** The lock of a session, for a request that knows its id. */
		HeldLock acquire(StoredSession session) {
			Acquisition acquired = BlockingCaller
				.result(this.locks.acquire(session.getHandle(), session.loadedDigest(), null, null, null));
			return (acquired != null) ? acquired.lock() : null;
		}

	}

}
