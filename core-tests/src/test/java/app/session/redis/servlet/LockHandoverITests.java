package app.session.redis.servlet;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import app.session.redis.client.BlockingCaller;
import app.session.redis.client.CallSender;
import app.session.redis.lock.HeldLock;
import app.session.redis.lock.SessionLocks;
import app.session.redis.observation.SessionCounts;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.LockSettings;
import app.session.redis.settings.OnLockTimeout;
import app.session.redis.store.SessionStore;
import app.session.redis.test.JavaProcess;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import app.session.redis.test.TcpProxy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * How long it takes until a lock that is given up is the next one's, over a network that
 * is much slower than anything else: what is counted are its round trips.
 */
class LockHandoverITests {

	private static final Duration ROUND_TRIP = Duration.ofMillis(150);

	private static final int HANDOVERS = 9;

	private static final RedisServer server = SharedRedis.standalone();

	@Test
	void theMedianOfAHandOverStaysWithinThreeRoundTrips() throws Exception {
		server.flushAll();
		ExecutorService executor = Executors.newSingleThreadExecutor();
		try (TcpProxy proxy = TcpProxy.to(server);
				TestRepositories repositories = TestRepositories.on(proxy.host(), proxy.port())) {
			AtomicRedisSessionRepository repository = repositories.unstarted((settings) -> {
			}).repository();
			StoredSession session = repository.createSession();
			repository.save(session);
			List<SessionLocks> nodes = List.of(locks(repositories, "one"), locks(repositories, "two"));
			String waiters = "app:session:waiters:{" + session.getHandle() + "}";
			await().until(() -> server.commands().pubsubChannels().size() == 2);
			HeldLock lock = BlockingCaller.result(nodes.get(0).acquire(session.getHandle(), null, null, null, null))
				.lock();
			proxy.delay(ROUND_TRIP);
			List<Duration> handovers = new ArrayList<>();
			for (int i = 1; i <= HANDOVERS; i++) {
				SessionLocks next = nodes.get(i % 2);
				Future<Handed> handed = executor.submit(() -> {
					HeldLock taken = BlockingCaller.result(next.acquire(session.getHandle(), null, null, null, null))
						.lock();
					return new Handed(taken, System.nanoTime());
				});
				await().pollInterval(Duration.ofMillis(5)).until(() -> server.commands().llen(waiters) == 1);
				long start = System.nanoTime();
				lock.release();
				Handed result = handed.get(10, TimeUnit.SECONDS);
				handovers.add(Duration.ofNanos(result.at() - start));
				lock = result.lock();
			}
			lock.release();
			proxy.delay(Duration.ZERO);
			nodes.forEach(SessionLocks::stop);
			handovers.sort(null);
			Duration median = handovers.get(HANDOVERS / 2);
			assertThat(median).as("of %s", handovers)
				.isBetween(ROUND_TRIP.multipliedBy(2).minusMillis(5), ROUND_TRIP.multipliedBy(3));
		}
		finally {
			executor.shutdownNow();
		}
	}

	@ParameterizedTest(name = "over a pool: {0}")
	@ValueSource(booleans = { false, true })
	void theLockOfAProcessThatIsKilledEndsWithItsLease(boolean pooled) throws Exception {
		server.flushAll();
		try (TestRepositories repositories = pooled ? TestRepositories.pooled(server.host(), server.port())
				: TestRepositories.on(server)) {
			AtomicRedisSessionRepository repository = repositories.unstarted((settings) -> {
			}).repository();
			StoredSession session = repository.createSession();
			repository.save(session);
			SessionLocks locks = locks(repositories, "survivor");
			try (JavaProcess process = JavaProcess.of(LockNode.class)
				.args(server.host(), Integer.toString(server.port()), session.getHandle(), Boolean.toString(pooled))
				.start()) {
				process.awaitLine((line) -> line.equals("locked"), Duration.ofSeconds(30));
				long locked = System.nanoTime();
				await().until(() -> System.nanoTime() - locked > LockNode.LEASE.multipliedBy(2).toNanos());
				assertThat(server.commands().get("app:session:lock:{" + session.getHandle() + "}"))
					.as("it renews its lease")
					.startsWith("killed:");
				process.kill();
				long killed = System.nanoTime();
				HeldLock lock = BlockingCaller.result(locks.acquire(session.getHandle(), null, null, null, null))
					.lock();
				assertThat(Duration.ofNanos(System.nanoTime() - killed)).isLessThan(LockNode.LEASE.plusSeconds(1));
				lock.release();
			}
			locks.stop();
		}
	}

	private static SessionLocks locks(TestRepositories repositories, String node) {
		var factory = repositories.unstarted((settings) -> {
		}).connectionFactory();
		SessionStore store = new SessionStore(new CallSender(factory, Duration.ofSeconds(2), null), "app:session");
		SessionLocks locks = new SessionLocks(new BlockingCaller(Duration.ofSeconds(2)), store, node,
				new LockSettings(Duration.ofSeconds(10), Duration.ofSeconds(30), OnLockTimeout.REJECT, 0),
				new SessionCounts());
		locks.start();
		return locks;
	}

	private record Handed(HeldLock lock, long at) {
	}

}
