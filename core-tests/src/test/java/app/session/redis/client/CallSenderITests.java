package app.session.redis.client;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import app.session.redis.test.TcpProxy;
import io.lettuce.core.protocol.CommandType;
import io.netty.util.concurrent.FastThreadLocalThread;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests how calls are sent: without blocking, in order, in flushes of bounded size, and
 * with an outcome for each.
 */
@Timeout(30)
class CallSenderITests {

	private static final byte[] LIST = "list".getBytes(StandardCharsets.UTF_8);

	private final CallSenders engines = new CallSenders();

	/** The first connection of a JVM takes longer than these tests allow. */
	@BeforeAll
	static void connectOnce() throws Exception {
		try (CallSenders engines = new CallSenders().timeout(Duration.ofSeconds(30))) {
			engines.on(SharedRedis.standalone()).send(ping()).get(30, TimeUnit.SECONDS);
		}
	}

	@AfterEach
	void close() {
		this.engines.close();
	}

	private static Call ping() {
		return Call.of(CommandType.PING);
	}

	private static Call push(int number) {
		return Call.of(CommandType.RPUSH, LIST).arg(number);
	}

	private static Reason reason(CompletableFuture<?> reply) throws Exception {
		try {
			reply.get(10, TimeUnit.SECONDS);
			throw new AssertionError("It did not fail");
		}
		catch (ExecutionException ex) {
			return ((SessionStoreUnavailableException) ex.getCause()).getReason();
		}
	}

	@Test
	void withoutAConnectionCallsWaitForOneInTheirOrderAndSendingNeverBlocks() throws Exception {
		try (RedisServer server = RedisServer.start()) {
			CallSender engine = this.engines.on(server);
			server.pause();
			List<Call> calls = new ArrayList<>();
			long start = System.nanoTime();
			for (int i = 0; i < 300;) {
				List<Call> flush = List.of(push(i++), push(i++));
				engine.send(flush);
				Call single = push(i++);
				engine.send(single);
				calls.addAll(flush);
				calls.add(single);
			}
			assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(500));
			assertThat(calls).noneMatch((call) -> call.reply().isDone());
			server.resume();
			// Some of these are sent while the waiting calls are being dispatched
			for (int i = 300; i < 5000; i++) {
				Call call = push(i);
				engine.send(call);
				calls.add(call);
			}
			Call.all(calls).get(5, TimeUnit.SECONDS);
			assertThat(server.commands().lrange("list", 0, -1))
				.containsExactlyElementsOf(IntStream.range(0, 5000).mapToObj(Integer::toString).toList());
		}
	}

	@Test
	void withoutAConnectionCallsFailWithinTheCommandTimeout() throws Exception {
		try (RedisServer server = RedisServer.start()) {
			CallSender engine = this.engines.timeout(Duration.ofMillis(300)).on(server);
			server.pause();
			long start = System.nanoTime();
			CompletableFuture<Reply> first = engine.send(push(1));
			List<Call> flush = List.of(push(2), push(3));
			engine.send(flush);
			assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(100));
			assertThat(reason(first)).isEqualTo(Reason.TIMEOUT);
			assertThat(reason(flush.get(1).reply())).isEqualTo(Reason.TIMEOUT);
			assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(Duration.ofMillis(250),
					Duration.ofMillis(700));
			server.resume();
			await().ignoreExceptions().until(() -> engine.send(ping()).get(1, TimeUnit.SECONDS) != null);
			assertThat(server.commands().lrange("list", 0, -1)).as("those that were given up").isEmpty();
		}
	}

	@Test
	void ifNoServerListensCallsFailLikeTheConnection() throws Exception {
		try (RedisServer server = RedisServer.start()) {
			server.kill();
			CallSender engine = this.engines.on(server);
			for (int i = 0; i < 3; i++) {
				assertThat(reason(engine.send(ping()))).isEqualTo(Reason.DISCONNECTED);
			}
		}
	}

	@Test
	void aThreadOfTheClientIsNotBlockedByReconnecting() throws Exception {
		try (TcpProxy proxy = TcpProxy.to(SharedRedis.standalone())) {
			CallSender engine = this.engines.timeout(Duration.ofSeconds(5)).on(proxy.host(), proxy.port()).separate();
			engine.send(ping()).get(5, TimeUnit.SECONDS);
			proxy.delay(Duration.ofMillis(100));
			AtomicReference<Duration> blocked = new AtomicReference<>();
			engine.send(ping()).thenCompose((reply) -> {
				engine.drop();
				long start = System.nanoTime();
				CompletableFuture<Reply> next = engine.send(ping());
				blocked.set(Duration.ofNanos(System.nanoTime() - start));
				return next;
			}).get(5, TimeUnit.SECONDS);
			engine.close();
			assertThat(blocked.get()).isLessThan(Duration.ofMillis(200));
		}
	}

	@Test
	void aClientThatDoesNotTimeOutIsTimedOutByTheEngine() throws Exception {
		try (RedisServer server = RedisServer.start()) {
			CallSender engine = this.engines.timeout(Duration.ofMillis(300)).clientDoesNotTimeOut().on(server);
			engine.send(ping()).get(5, TimeUnit.SECONDS);
			server.pause();
			assertThat(reason(engine.send(ping()))).isEqualTo(Reason.TIMEOUT);
			server.resume();
		}
	}

	@Test
	void aBatchOfAnySizeIsSentInFlushesThatTheQueueTakesAndInOrder() throws Exception {
		SharedRedis.standalone().flushAll();
		CallSender engine = this.engines.requestQueueSize(1000).on(SharedRedis.standalone());
		List<Call> calls = IntStream.range(0, 20_000).mapToObj(CallSenderITests::push).toList();
		engine.send(calls);
		Call.all(calls).get(10, TimeUnit.SECONDS);
		assertThat(SharedRedis.standalone().commands().lrange("list", 0, -1))
			.containsExactlyElementsOf(IntStream.range(0, 20_000).mapToObj(Integer::toString).toList());
	}

	@Test
	void theRestOfABatchIsNotSentWhenTheStoreFailsButWhenOneKeyDoes() throws Exception {
		try (RedisServer server = RedisServer.start()) {
			CallSender engine = this.engines.on(server);
			server.commands().set("other", "no list");
			List<Call> calls = new ArrayList<>();
			calls.add(Call.of(CommandType.RPUSH, "other".getBytes(StandardCharsets.UTF_8)).arg(1));
			IntStream.range(0, 1200).mapToObj(CallSenderITests::push).forEach(calls::add);
			engine.send(calls);
			assertThat(reason(calls.get(0).reply())).isEqualTo(Reason.DAMAGED);
			calls.get(1200).reply().get(5, TimeUnit.SECONDS);
			assertThat(server.commands().llen("list")).isEqualTo(1200);
			server.commands().replicaof(server.host(), 1);
			List<Call> refused = IntStream.range(0, 1200).mapToObj(CallSenderITests::push).toList();
			engine.send(refused);
			assertThat(reason(refused.get(0).reply())).isEqualTo(Reason.READ_ONLY);
			assertThat(reason(refused.get(1199).reply())).isEqualTo(Reason.READ_ONLY);
			assertThat(server.commands().info("errorstats")).contains("errorstat_READONLY:count=500\r");
		}
	}

	@Test
	void overAPoolAThreadOfTheClientLeavesBorrowingToAFewThreadsThatEnd() throws Exception {
		CallSender engine = this.engines.pool((pool) -> {
			pool.setMaxTotal(2);
			pool.setMaxWait(Duration.ofSeconds(2));
		}).on(SharedRedis.standalone());
		Set<Thread> threads = ConcurrentHashMap.newKeySet();
		List<CompletableFuture<?>> sent = Collections.synchronizedList(new ArrayList<>());
		for (int i = 0; i < 300; i++) {
			sent.add(engine.send(ping()).thenCompose((reply) -> engine.send(ping())).thenAccept((reply) -> {
			}));
			if (i % 10 == 0) {
				Thread.getAllStackTraces()
					.keySet()
					.stream()
					.filter((thread) -> thread.getName().startsWith("redis-session-pool"))
					.forEach(threads::add);
			}
		}
		CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new)).get(10, TimeUnit.SECONDS);
		assertThat(threads).hasSizeBetween(1, 8);
		engine.drain();
		await().until(() -> Thread.getAllStackTraces()
			.keySet()
			.stream()
			.noneMatch((thread) -> thread.getName().startsWith("redis-session-pool")));
		assertThat(engine.send(ping()).thenCompose((reply) -> engine.send(ping())).get(5, TimeUnit.SECONDS))
			.as("after it was drained")
			.isNotNull();
	}

	@Test
	void aPoolThatKeepsNoConnectionsOpensThemOnNoThreadOfTheClient() throws Exception {
		CallSender engine = this.engines.timeout(Duration.ofSeconds(20)).pool((pool) -> {
			pool.setMaxTotal(1);
			pool.setMaxIdle(0);
			pool.setMaxWait(Duration.ofSeconds(20));
		}).on(SharedRedis.standalone());
		ExecutorService executor = Executors.newFixedThreadPool(4);
		try {
			List<Future<Reply>> replies = new ArrayList<>();
			for (int i = 0; i < 12; i++) {
				replies.add(executor.submit(() -> engine.send(ping()).get(20, TimeUnit.SECONDS)));
			}
			for (Future<Reply> reply : replies) {
				assertThat(reply.get(20, TimeUnit.SECONDS)).isNotNull();
			}
		}
		finally {
			executor.shutdownNow();
		}
	}

	@Test
	void overAnExhaustedPoolAThreadOfTheClientIsNotBlockedAndTheCallFailsInTime() throws Exception {
		CallSender engine = this.engines.timeout(Duration.ofMillis(300)).clientDoesNotTimeOut().pool((pool) -> {
			pool.setMaxTotal(1);
			pool.setMaxWait(Duration.ofSeconds(20));
		}).on(SharedRedis.standalone());
		CallSender patient = new CallSender(engine.connectionFactory(), Duration.ofSeconds(5), null);
		patient.send(ping()).get(5, TimeUnit.SECONDS);
		CompletableFuture<Reply> blocking = patient
			.send(Call.of(CommandType.BLPOP, "nothing".getBytes(StandardCharsets.UTF_8)).arg(1));
		AtomicReference<Duration> blocked = new AtomicReference<>();
		CompletableFuture<Reply> waiting = new CompletableFuture<>();
		Thread thread = new FastThreadLocalThread(() -> {
			long start = System.nanoTime();
			engine.send(ping()).whenComplete((reply, failure) -> waiting.completeExceptionally(failure));
			blocked.set(Duration.ofNanos(System.nanoTime() - start));
		});
		thread.start();
		thread.join(5000);
		assertThat(blocked.get()).isLessThan(Duration.ofMillis(200));
		assertThat(blocking.isDone()).isFalse();
		assertThat(reason(waiting)).isEqualTo(Reason.TIMEOUT);
		assertThat(blocking.isDone()).isFalse();
		blocking.get(5, TimeUnit.SECONDS);
		await().ignoreExceptions().until(() -> engine.send(ping()).get(1, TimeUnit.SECONDS) != null);
		patient.drain();
	}

	@Test
	void overAnExhaustedPoolACallerThatMayNotBlockSendsAtOnce() throws Exception {
		CallSender engine = this.engines.pool((pool) -> {
			pool.setMaxTotal(1);
			pool.setMaxWait(Duration.ofSeconds(20));
		}).timeout(Duration.ofSeconds(5)).on(SharedRedis.standalone());
		engine.setCallersMayBlock(false);
		engine.send(ping()).get(5, TimeUnit.SECONDS);
		CompletableFuture<Reply> blocking = engine
			.send(Call.of(CommandType.BLPOP, "nothing".getBytes(StandardCharsets.UTF_8)).arg(1));
		await().until(() -> SharedRedis.standalone().commands().info("clients").contains("blocked_clients:1\r"));
		long start = System.nanoTime();
		CompletableFuture<Reply> waiting = engine.send(ping());
		CompletableFuture<Reply> separate = engine.separate().send(ping());
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(200));
		assertThat(waiting).isNotDone();
		assertThat(separate).isNotDone();
		assertThat(blocking).isNotDone();
		blocking.get(5, TimeUnit.SECONDS);
		assertThat(waiting.get(5, TimeUnit.SECONDS)).isNotNull();
		assertThat(separate.get(5, TimeUnit.SECONDS)).isNotNull();
	}

}
