package app.session.redis.servlet;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.client.BlockingCaller;
import app.session.redis.client.CallSender;
import app.session.redis.lock.SessionLocks;
import app.session.redis.observation.SessionCounts;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.LockSettings;
import app.session.redis.settings.OnLockTimeout;
import app.session.redis.store.SessionStore;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import app.session.redis.test.TcpProxy;
import app.session.redis.test.TcpProxy.Direction;
import org.junit.jupiter.api.Test;

import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The locks of sessions over pools of connections, where what is sent later may arrive
 * sooner.
 */
class PooledSessionLocksITests extends OnTopology implements SessionLocksContract {

	private final RedisServer server = SharedRedis.standalone();

	private final ExecutorService executor = Executors.newCachedThreadPool();

	private final List<SessionLocks> started = new CopyOnWriteArrayList<>();

	PooledSessionLocksITests() {
		super(Topology.POOLED);
	}

	@Override
	public ExecutorService executor() {
		return this.executor;
	}

	@Override
	public List<SessionLocks> started() {
		return this.started;
	}

	@Test
	void aLockThatIsTakenWhenItsRequestHasGivenUpIsGivenUpToo() {
		try (TcpProxy proxy = TcpProxy.to(this.server);
				TestRepositories slow = TestRepositories.pooled(proxy.host(), proxy.port())) {
			AtomicRedisSessionRepository repository = repositories().unstarted((settings) -> {
			}).repository();
			StoredSession session = repository.createSession();
			repository.save(session);
			LettuceConnectionFactory factory = slow.unstarted((settings) -> {
			}).connectionFactory();
			SessionLocks locks = new SessionLocks(new BlockingCaller(Duration.ofMillis(300)),
					new SessionStore(new CallSender(factory, Duration.ofMillis(300), null), "app:session"), "slow",
					new LockSettings(Duration.ZERO, Duration.ofMinutes(5), OnLockTimeout.REJECT, 0),
					new SessionCounts());
			started().add(locks);
			locks.start();
			await().until(() -> !this.server.commands().pubsubChannels("app:session:wake:slow").isEmpty());
			fill(factory);
			proxy.delay(Duration.ofMillis(700));
			Future<Boolean> refused = this.executor.submit(() -> isRefused(locks, session));
			await().pollInterval(Duration.ofMillis(5)).until(() -> proxy.onTheWay(Direction.TO_SERVER) == 1);
			// So that giving it up overtakes the question
			proxy.delay(Duration.ZERO);
			assertThat(refused).succeedsWithin(Duration.ofSeconds(10)).isEqualTo(true);
			await().pollInterval(Duration.ofMillis(5)).until(() -> topology().lock(session.getHandle()) != null);
			await().until(() -> topology().lock(session.getHandle()) == null);
		}
	}

	private static boolean isRefused(SessionLocks locks, StoredSession session) {
		try {
			BlockingCaller.result(locks.acquire(session.getHandle(), null, null, null, null));
			return false;
		}
		catch (SessionStoreUnavailableException ex) {
			return ex.getReason() == SessionStoreUnavailableException.Reason.TIMEOUT;
		}
	}

	/** Has the pool connect, so that what follows finds connections that are idle. */
	private static void fill(LettuceConnectionFactory factory) {
		try (RedisConnection one = factory.getConnection(); RedisConnection two = factory.getConnection()) {
			assertThat(one.ping()).isEqualTo(two.ping());
		}
	}

}
