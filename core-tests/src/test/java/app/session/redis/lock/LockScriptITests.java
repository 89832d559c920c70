package app.session.redis.lock;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import app.session.redis.client.LuaScript;
import app.session.redis.store.SessionHeader;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests each script for locks.
 */
class LockScriptITests {

	private static final RedisServer server = SharedRedis.standalone();

	private static final byte[] DIGEST = SessionHeader.digest("secret");

	private static final byte[] OTHER_DIGEST = SessionHeader.digest("another secret");

	private final StatefulRedisConnection<byte[], byte[]> redis = server.client().connect(ByteArrayCodec.INSTANCE);

	@BeforeEach
	void createSession() {
		server.flushAll();
		byte[] header = new SessionHeader(DIGEST, Instant.now(), Duration.ofMinutes(1), Duration.ofMinutes(1), null,
				null)
			.encode(new byte[0]);
		assertThat(run(LuaScript.CREATE, List.of("session"), header, 0, "", "attribute", "1")).containsExactly(1L);
	}

	@AfterEach
	void close() {
		this.redis.close();
	}

	private List<Object> run(LuaScript script, List<String> keys, Object... args) {
		byte[][] bytes = new byte[args.length][];
		for (int i = 0; i < args.length; i++) {
			bytes[i] = (args[i] instanceof byte[] given) ? given : args[i].toString().getBytes(StandardCharsets.UTF_8);
		}
		Object reply = this.redis.sync()
			.eval(script.source(), ScriptOutputType.MULTI,
					keys.stream().map((key) -> key.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new), bytes);
		List<Object> items = new ArrayList<>();
		((List<?>) reply).forEach((item) -> items
			.add((item instanceof byte[] value) ? new String(value, StandardCharsets.ISO_8859_1) : item));
		return items;
	}

	private List<Object> lock(String token, boolean again) {
		return lock(token, DIGEST, 0, again);
	}

	private List<Object> lock(String token, byte[] digest, int maxWaiters, boolean again) {
		return run(LuaScript.LOCK, List.of("lock", "waiters", "session"), token, digest, -1, 30_000, maxWaiters, 40_000,
				again ? 1 : 0);
	}

	private static void assertHeld(List<Object> reply) {
		assertThat(reply).hasSize(5).contains("attribute", "1");
	}

	private List<Object> unlock(String token) {
		return run(LuaScript.UNLOCK, List.of("lock", "waiters"), token, "wake:", 2000);
	}

	private List<Object> abandon(String token, boolean force) {
		return run(LuaScript.ABANDON, List.of("lock", "waiters"), token, 30_000, force ? 1 : 0);
	}

	private List<Object> save(String token) {
		return run(LuaScript.SAVE, List.of("session", "lock"), DIGEST, "", "", "", "", "", "", "", "", "", "", "", 1,
				token, "attribute", "added", "2");
	}

	private static String holder() {
		return server.commands().get("lock");
	}

	private static List<String> waiters() {
		return server.commands().lrange("waiters", 0, -1);
	}

	@Test
	void aFreeLockIsTakenForTheLease() {
		assertHeld(lock("a:1", false));
		assertThat(holder()).isEqualTo("a:1");
		assertThat(server.commands().pttl("lock")).isBetween(29_000L, 30_000L);
		assertThat(waiters()).isEmpty();
	}

	@Test
	void aHeldLockIsWaitedForInTheOrderOfAsking() {
		lock("a:1", false);
		List<Object> reply = lock("b:1", false);
		assertThat(reply).hasSize(2).startsWith(2L);
		assertThat((long) reply.get(1)).isBetween(29_000L, 30_000L);
		lock("c:1", false);
		lock("b:1", true);
		assertThat(waiters()).as("who asks again keeps its place").containsExactly("b:1", "c:1");
		assertThat(server.commands().pttl("waiters")).isBetween(39_000L, 40_000L);
		server.commands().lrem("waiters", 1, "b:1");
		lock("b:1", true);
		assertThat(waiters()).as("who lost its place waits again").containsExactly("c:1", "b:1");
	}

	@Test
	void whereThereIsNoSessionThereIsNoLock() {
		assertThat(lock("a:1", OTHER_DIGEST, 0, false)).containsExactly(0L);
		assertThat(server.keys()).containsExactly("session");
		assertHeld(lock("a:1", new byte[0], 0, false));
		lock("b:1", false);
		server.commands().del("session");
		assertThat(lock("b:1", true)).containsExactly(0L);
		assertThat(waiters()).isEmpty();
		unlock("a:1");
		assertThat(lock("a:2", false)).containsExactly(0L);
		assertThat(server.keys()).isEmpty();
	}

	@Test
	void anExpiredSessionHasNoLockAndIsDistinguishedFromNoneForClientsWithItsSecret() {
		server.commands().pexpire("session", 60_000);
		assertThat(lock("a:1", false)).containsExactly(-3L);
		assertThat(lock("a:1", OTHER_DIGEST, 0, false)).containsExactly(0L);
		assertThat(server.keys()).containsExactly("session");
		server.commands().persist("session");
		server.commands().pexpire("session", 120_000);
		assertHeld(lock("a:1", false));
		lock("b:1", false);
		server.commands().pexpire("session", 60_000);
		assertThat(lock("b:1", true)).as("while another has it").containsExactly(-3L);
		assertThat(waiters()).isEmpty();
		assertThat(lock("b:1", OTHER_DIGEST, 0, true)).containsExactly(0L);
		assertThat(lock("a:1", false)).as("handed over").containsExactly(1L);
	}

	@Test
	void theLockOfASessionThatHasGoneMeanwhileIsHandedOverAllTheSame() {
		lock("a:1", false);
		lock("b:1", false);
		server.commands().del("session");
		unlock("a:1");
		assertThat(lock("b:1", true)).containsExactly(1L);
		assertThat(unlock("b:1")).containsExactly(1L);
		assertThat(server.keys()).isEmpty();
	}

	@Test
	void takingALockIsAnAccessWhenItIsSaid() {
		server.commands().pexpire("session", 100_000);
		assertHeld(lock("a:1", false));
		assertThat(server.commands().pttl("session")).isLessThanOrEqualTo(100_000);
		assertHeld(run(LuaScript.LOCK, List.of("lock", "waiters", "session"), "a:1", DIGEST, 0, 30_000, 0, 40_000, 0));
		assertThat(server.commands().pttl("session")).isGreaterThan(119_000);
	}

	@Test
	void theSecondRequestUnderALockGivesASessionItsLastingIdleTimeout() {
		server.flushAll();
		byte[] header = new SessionHeader(DIGEST, Instant.now(), Duration.ofMinutes(1), Duration.ofMinutes(1), null,
				null)
			.encode(new byte[0]);
		run(LuaScript.CREATE, List.of("session"), header, 0, 3_600_000, "attribute", "1");
		assertHeld(run(LuaScript.LOCK, List.of("lock", "waiters", "session"), "a:1", DIGEST, 0, 30_000, 0, 40_000, 0));
		assertThat(server.commands().pttl("session")).isGreaterThan(3_600_000);
	}

	@Test
	void aSessionOfANewerFormatIsLeftAlone() {
		server.commands().hset("session", "m", String.valueOf((char) 32));
		assertThat(lock("a:1", false)).containsExactly(-1L);
		assertThat(server.keys()).containsExactly("session");
	}

	@Test
	void moreThanMayWaitAreRefused() {
		lock("a:1", false);
		assertThat(lock("b:1", DIGEST, 1, false)).startsWith(2L);
		assertThat(lock("c:1", DIGEST, 1, false)).containsExactly(-2L);
		assertThat(lock("b:1", DIGEST, 1, true)).startsWith(2L);
		assertThat(waiters()).containsExactly("b:1");
	}

	@Test
	void aReleaseHandsItToTheFirstWaiterAndNotifiesItsNode() throws Exception {
		BlockingQueue<String> told = new LinkedBlockingQueue<>();
		try (StatefulRedisPubSubConnection<String, String> listening = server.client().connectPubSub()) {
			listening.addListener(new RedisPubSubAdapter<>() {

				@Override
				public void message(String channel, String message) {
					told.add(channel + " " + message);
				}

			});
			listening.sync().subscribe("wake:b", "wake:c");
			lock("a:1", false);
			lock("b:7:handle", false);
			lock("c:1", false);
			assertThat(unlock("a:1")).containsExactly(2L);
			assertThat(told.poll(10, TimeUnit.SECONDS)).isEqualTo("wake:b b:7:handle");
			assertThat(holder()).isEqualTo("b:7:handle");
			assertThat(server.commands().pttl("lock")).as("for a moment").isBetween(1L, 2000L);
			assertHeld(lock("b:7:handle", true));
			assertThat(server.commands().pttl("lock")).as("for the lease").isGreaterThan(29_000);
			assertThat(unlock("b:7:handle")).containsExactly(2L);
			assertThat(told.poll(10, TimeUnit.SECONDS)).isEqualTo("wake:c c:1");
			assertThat(unlock("c:1")).containsExactly(1L);
			assertThat(server.keys()).containsExactly("session");
		}
	}

	@Test
	void theLockOfAnotherRequestCanNotBeReleasedButThePlaceInTheQueueCan() {
		lock("a:1", false);
		lock("b:1", false);
		assertThat(unlock("b:1")).containsExactly(0L);
		assertThat(holder()).isEqualTo("a:1");
		assertThat(waiters()).isEmpty();
	}

	@Test
	void onlyTheHolderRenewsIt() {
		lock("a:1", false);
		assertThat(run(LuaScript.EXTEND, List.of("lock"), "b:1", 90_000)).containsExactly(0L);
		assertThat(run(LuaScript.EXTEND, List.of("lock"), "a:1", 90_000)).containsExactly(1L);
		assertThat(server.commands().pttl("lock")).isGreaterThan(80_000);
		server.commands().del("lock");
		assertThat(run(LuaScript.EXTEND, List.of("lock"), "a:1", 90_000)).containsExactly(0L);
		assertThat(holder()).isNull();
	}

	@Test
	void whoWaitsNoLongerLeavesTheLineUnlessItHasTheLockByThen() {
		lock("a:1", false);
		lock("b:1", false);
		assertThat(abandon("b:1", false)).containsExactly(0L);
		assertThat(waiters()).isEmpty();
		lock("b:2", false);
		unlock("a:1");
		assertThat(abandon("b:2", false)).containsExactly(1L);
		assertThat(server.commands().pttl("lock")).isGreaterThan(29_000);
		lock("c:1", false);
		assertThat(abandon("c:1", true)).containsExactly(2L);
		assertThat(holder()).isEqualTo("c:1");
		assertThat(waiters()).isEmpty();
		server.commands().del("lock");
		assertThat(abandon("d:1", false)).as("nobody has it").containsExactly(1L);
	}

	@Test
	void anExpiredLockIsAcquiredByTheFirstRequest() {
		lock("a:1", false);
		lock("b:1", false);
		server.commands().pexpire("lock", 50);
		await().until(() -> lock("b:1", true).size() == 5);
		assertThat(holder()).isEqualTo("b:1");
		assertThat(waiters()).isEmpty();
	}

	@Test
	void aSaveShowsTheLockAndIsRefusedWithoutIt() {
		lock("a:1", false);
		assertThat(save("b:1")).containsExactly(-3L, "");
		assertThat(server.commands().hgetall("session")).containsEntry("attribute", "1").doesNotContainKey("added");
		assertThat(save("a:1")).containsExactly(1L);
		assertThat(server.commands().hgetall("session")).containsEntry("added", "2").doesNotContainKey("attribute");
		server.commands().del("lock");
		assertThat(save("a:1")).containsExactly(-3L, "");
		server.commands().del("session");
		assertThat(save("a:1")).as("gone").containsExactly(0L, "");
	}

}
