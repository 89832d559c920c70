package app.session.redis.client;

import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.protocol.CommandType;
import io.netty.util.concurrent.FastThreadLocalThread;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettucePoolingClientConfiguration;

/**
 * Lends connections of the factory's pool, one for each flush. Waiting for one may take a
 * while, which threads of the client must not do, nor callers that may not block: there
 * it is left to a thread of the store.
 */
final class PooledConnections {

	private static final Log logger = LogFactory.getLog(PooledConnections.class);

	/** How soon after a look for another primary the next one is taken. */
	private static final long RENEW_PAUSE_NANOS = Duration.ofSeconds(5).toNanos();

	private final LettuceConnectionFactory connectionFactory;

	private final BlockingTasks tasks;

	private final CallTimer timer;

	private final Duration timeout;

	/** Whether the pool closes connections that are given back. */
	private final boolean closes;

	/**
	 * Whether closing a connection makes the client follow the primary. One with a read
	 * policy consists of connections to each of the servers, at the addresses that the
	 * client found when it was opened.
	 */
	private final boolean renewable;

	/** How often a primary was found after one had become a replica. */
	private final AtomicInteger renewals = new AtomicInteger();

	/** Up to which renewal each connection has been renewed. */
	private final Cache<StatefulConnection<?, ?>, Integer> renewed = Caffeine.newBuilder()
		.weakKeys()
		.executor(Runnable::run)
		.build();

	private final Sentinels sentinels;

	/** Where the sentinels said last that the primary is, which connections lead to. */
	private volatile @Nullable String primary;

	private final AtomicBoolean primaryAsked = new AtomicBoolean();

	private final AtomicLong lookedAt = new AtomicLong(System.nanoTime() - RENEW_PAUSE_NANOS);

	private volatile boolean callersMayBlock = true;

	PooledConnections(LettuceConnectionFactory connectionFactory, BlockingTasks tasks, CallTimer timer,
			Duration timeout) {
		this.connectionFactory = connectionFactory;
		this.tasks = tasks;
		this.timer = timer;
		this.timeout = timeout;
		this.closes = closes(connectionFactory.getClientConfiguration());
		this.renewable = connectionFactory.getClientConfiguration().getReadFrom().isEmpty();
		this.sentinels = new Sentinels(connectionFactory, tasks);
	}

	/** Sets whether threads that are none of the client may wait for a connection. */
	void callersMayBlock(boolean callersMayBlock) {
		this.callersMayBlock = callersMayBlock;
	}

	/**
	 * Sends calls over a connection of the pool, which has it back when all are answered.
	 * @param calls the calls
	 * @param dispatcher sends calls over a connection, and throws nothing
	 * @param failing fails a call
	 */
	void lend(List<Call> calls, BiConsumer<StatefulConnection<byte[], byte[]>, List<Call>> dispatcher,
			BiConsumer<Call, Throwable> failing) {
		if (!this.primaryAsked.get() && this.primaryAsked.compareAndSet(false, true)) {
			this.sentinels.ask((now) -> this.primary = now);
		}
		if (mayBlock()) {
			lendHere(calls, dispatcher, failing, new AtomicBoolean());
			return;
		}
		AtomicBoolean decided = new AtomicBoolean();
		Runnable cancel = this.timer.schedule(() -> {
			if (decided.compareAndSet(false, true)) {
				calls.forEach((call) -> failing.accept(call, new TimeoutException("No connection in time")));
			}
		}, this.timeout.toNanos());
		try {
			this.tasks.borrow(() -> {
				if (!decided.get()) {
					lendHere(calls, dispatcher, failing, decided);
				}
				cancel.run();
			});
		}
		catch (RejectedExecutionException ex) {
			cancel.run();
			throw new SessionStoreUnavailableException(Reason.OVERLOADED, null, ex);
		}
	}

	/** Lends a connection, unless the calls have failed when there is one. */
	private void lendHere(List<Call> calls, BiConsumer<StatefulConnection<byte[], byte[]>, List<Call>> dispatcher,
			BiConsumer<Call, Throwable> failing, AtomicBoolean decided) {
		RedisConnection borrowed = null;
		boolean mine = false;
		try {
			borrowed = SharedConnection.open(this.connectionFactory);
			StatefulConnection<byte[], byte[]> connection = SharedConnection.nativeOf(borrowed);
			renew(connection);
			mine = decided.compareAndSet(false, true);
			if (!mine) {
				borrowed.close();
				return;
			}
			RedisConnection lent = borrowed;
			var unused = CompletableFuture.allOf(calls.stream().map(Call::reply).toArray(CompletableFuture[]::new))
				.whenComplete((replies, failure) -> giveBack(lent));
			dispatcher.accept(connection, calls);
		}
		// Errors too: whatever is thrown, a call must have an outcome
		catch (RuntimeException | Error ex) {
			if (borrowed != null) {
				borrowed.close();
			}
			if (mine || decided.compareAndSet(false, true)) {
				calls.forEach((call) -> failing.accept(call, ex));
			}
		}
	}

	/**
	 * Gives a connection back. A pool that keeps fewer than it lends closes it, and may
	 * open another for who waits.
	 */
	private void giveBack(RedisConnection lent) {
		if (!this.closes || mayBlock()) {
			lent.close();
			return;
		}
		try {
			this.tasks.giveBack(lent::close);
		}
		catch (RejectedExecutionException ex) {
			lent.close();
		}
	}

	private boolean mayBlock() {
		return this.callersMayBlock && !(Thread.currentThread() instanceof FastThreadLocalThread);
	}

	private static boolean closes(LettuceClientConfiguration client) {
		if (!(client instanceof LettucePoolingClientConfiguration pooling)) {
			return false;
		}
		int idle = pooling.getPoolConfig().getMaxIdle();
		int total = pooling.getPoolConfig().getMaxTotal();
		return idle >= 0 && (total < 0 || idle < total);
	}

	/**
	 * Notes that a connection leads to a server that is no primary any more. If the
	 * address or the sentinels lead to one that is, the connections are renewed when they
	 * are lent the next time. Looks every five seconds at most, on a thread of its own.
	 */
	void renew() {
		renew("This Redis is no primary any more");
	}

	/**
	 * Notes that the primary has lost its replicas: if the sentinels name another than
	 * before, the connections are renewed when they are lent the next time.
	 */
	void renewIfReplaced() {
		this.sentinels.ask((now) -> {
			if (!now.equals(this.primary)) {
				renew("The sentinels name another primary");
			}
		});
	}

	private void renew(String reason) {
		if (!this.renewable) {
			return;
		}
		long now = System.nanoTime();
		long last = this.lookedAt.get();
		if (now - last >= RENEW_PAUSE_NANOS && this.lookedAt.compareAndSet(last, now)) {
			this.tasks.start("redis-session-renew", () -> lookForPrimary(reason));
		}
	}

	private void lookForPrimary(String reason) {
		if (!(this.connectionFactory.getRequiredNativeClient() instanceof RedisClient client)) {
			return;
		}
		try (StatefulConnection<byte[], byte[]> candidate = client.connect(ByteArrayCodec.INSTANCE)) {
			if (Primary.isPrimary(candidate, this.timeout)) {
				logger.warn(reason + ". Connecting anew to the one that is primary");
				this.primary = this.sentinels.primary();
				this.renewals.incrementAndGet();
			}
		}
		// A client of several addresses has none that it could connect to here
		catch (RuntimeException ex) {
			logger.debug("Opening a connection to the primary failed", ex);
		}
	}

	/**
	 * Renews a connection that was opened before the last renewal. The pool can't be made
	 * to open another: Redis is asked to close it, and the client opens it again, where
	 * the address or the sentinels lead by now.
	 */
	private void renew(StatefulConnection<byte[], byte[]> connection) {
		int renewal = this.renewals.get();
		if (renewal == 0 || Integer.valueOf(renewal).equals(this.renewed.getIfPresent(connection))) {
			return;
		}
		this.renewed.put(connection, renewal);
		CountDownLatch connected = new CountDownLatch(1);
		RedisConnectionStateListener listener = new RedisConnectionStateListener() {

			@Override
			public void onRedisConnected(RedisChannelHandler<?, ?> handler, SocketAddress address) {
				connected.countDown();
			}

		};
		connection.addListener(listener);
		try {
			connection.dispatch(Call.of(CommandType.QUIT).command(false));
			boolean unused = connected.await(this.timeout.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		finally {
			connection.removeListener(listener);
		}
	}

}
