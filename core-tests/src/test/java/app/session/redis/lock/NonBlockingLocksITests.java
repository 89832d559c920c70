package app.session.redis.lock;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import app.session.redis.SessionId;
import app.session.redis.client.SlowRedis;
import app.session.redis.lock.SessionLocks.Acquisition;
import app.session.redis.observation.SessionCounts;
import app.session.redis.settings.LockSettings;
import app.session.redis.settings.OnLockTimeout;
import app.session.redis.store.NewSession;
import app.session.redis.store.SessionHeader;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests session locks for callers that must not block, while replies are delayed.
 */
@Timeout(60)
class NonBlockingLocksITests {

	private final RedisServer server = SharedRedis.standalone();

	private final SessionCounts counts = new SessionCounts();

	private SlowRedis redis;

	private SessionLocks locks;

	private SessionLocks otherLocks;

	@BeforeEach
	void connect() throws Exception {
		this.server.flushAll();
		this.redis = new SlowRedis(this.server);
		this.locks = locks("one");
		this.otherLocks = locks("two");
	}

	private SessionLocks locks(String node) {
		SessionLocks locks = new SessionLocks(this.redis.caller(), this.redis.store(), node,
				new LockSettings(Duration.ofSeconds(30), Duration.ofSeconds(30), OnLockTimeout.REJECT, 0), this.counts);
		locks.start();
		await().until(() -> !this.server.commands().pubsubChannels("app:session:wake:" + node).isEmpty());
		return locks;
	}

	@AfterEach
	void close() {
		this.redis.stopDelay();
		this.locks.stop();
		this.otherLocks.stop();
		this.redis.close();
	}

	private String session() {
		String handle = SessionId.newHandle();
		SessionHeader header = new SessionHeader(SessionHeader.digest("secret"), Instant.now(), Duration.ofMinutes(30),
				Duration.ofMinutes(5), null, null);
		this.redis.store().create(new NewSession(handle, header, Duration.ZERO, Set.of(), null));
		await().until(() -> this.server.commands().exists("app:session:session:{" + handle + "}") == 1);
		return handle;
	}

	private CompletableFuture<Acquisition> acquire(SessionLocks locks, String handle) {
		return this.redis.start(() -> locks.acquire(handle, null, null, null, null));
	}

	@Test
	void aLockIsHandedOverWhileTheThreadServesOthers() throws Exception {
		String handle = session();
		Acquisition first = acquire(this.locks, handle).get(10, TimeUnit.SECONDS);
		assertThat(first.session()).isNotNull();
		CompletableFuture<Acquisition> second = acquire(this.otherLocks, handle);
		await().until(() -> this.server.commands().llen("app:session:waiters:{" + handle + "}") == 1);
		CompletableFuture<Acquisition> third = acquire(this.locks, handle);
		await().until(() -> this.server.commands().llen("app:session:waiters:{" + handle + "}") == 2);
		acquire(this.locks, session()).get(10, TimeUnit.SECONDS).lock().release();
		assertThat(second).isNotDone();
		assertThat(third).isNotDone();
		first.lock().release();
		HeldLock next = second.get(10, TimeUnit.SECONDS).lock();
		assertThat(third).isNotDone();
		next.release();
		third.get(10, TimeUnit.SECONDS).lock().release();
		await().until(() -> this.server.commands().exists("app:session:lock:{" + handle + "}") == 0);
		assertThat(this.counts.getLockWaits()).isEqualTo(2);
		this.redis.assertNothingBlocked();
	}

	@Test
	void anUnknownSessionHasNoLock() throws Exception {
		assertThat(acquire(this.locks, SessionId.newHandle()).get(10, TimeUnit.SECONDS)).isNull();
		this.redis.assertNothingBlocked();
	}

}
