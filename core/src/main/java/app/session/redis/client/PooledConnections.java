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
 * Lends connections of the factory's pool, one for each flush. Borrowing a connection can
 * block. Threads of the client and callers that may not block leave it to a thread of the
 * store.
 */
final class PooledConnections {

	private static final Log logger = LogFactory.getLog(PooledConnections.class);

	/** The minimum time between two checks for another primary. */
	private static final long RENEW_PAUSE_NANOS = Duration.ofSeconds(5).toNanos();

	private final LettuceConnectionFactory connectionFactory;

	private final BlockingTasks tasks;

	private final CallTimer timer;

	private final Duration timeout;

	/** Whether the pool may close connections that are returned. */
	private final boolean closes;

	/**
	 * Whether closing a connection makes the client follow the primary. A connection with
	 * a read policy consists of connections to each server, at the addresses that the
	 * client found when it was opened.
	 */
	private final boolean renewable;

	/** The number of times that a new primary was found after a failover. */
	private final AtomicInteger renewals = new AtomicInteger();

	/** The last renewal that each connection has taken part in. */
	private final Cache<StatefulConnection<?, ?>, Integer> renewed = Caffeine.newBuilder()
		.weakKeys()
		.executor(Runnable::run)
		.build();

	private final Sentinels sentinels;

	/**
	 * The address of the primary that the sentinels last reported for the connections.
	 */
	private volatile @Nullable String primary;

	private final AtomicBoolean primaryQueried = new AtomicBoolean();

	private final AtomicLong checkedAt = new AtomicLong(System.nanoTime() - RENEW_PAUSE_NANOS);

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

	/** Sets whether threads other than the client's may wait for a connection. */
	void callersMayBlock(boolean callersMayBlock) {
		this.callersMayBlock = callersMayBlock;
	}

	/**
	 * Sends calls over a pooled connection, which is returned when all are answered.
	 * @param calls the calls
	 * @param dispatcher sends calls over a connection, and throws nothing
	 * @param failing fails a call
	 */
	void lend(List<Call> calls, BiConsumer<StatefulConnection<byte[], byte[]>, List<Call>> dispatcher,
			BiConsumer<Call, Throwable> failing) {
		if (!this.primaryQueried.get() && this.primaryQueried.compareAndSet(false, true)) {
			this.sentinels.query((now) -> this.primary = now);
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

	/** Lends a connection, unless the calls have failed by the time it is borrowed. */
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
				.whenComplete((replies, failure) -> release(lent));
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
	 * Returns a connection. A pool whose idle limit is below its size may close it, and
	 * open another for a waiting thread.
	 */
	private void release(RedisConnection lent) {
		if (!this.closes || mayBlock()) {
			lent.close();
			return;
		}
		try {
			this.tasks.release(lent::close);
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
	 * Handles a connection whose server is no longer a primary. If the address or the
	 * sentinels lead to a primary, the connections are renewed when they are next lent.
	 * Checks at most every five seconds, on a separate thread.
	 */
	void renew() {
		renew("This Redis is no longer a primary");
	}

	/**
	 * Handles a primary that has lost its replicas: if the sentinels name another primary
	 * than before, the connections are renewed when they are next lent.
	 */
	void renewIfReplaced() {
		this.sentinels.query((now) -> {
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
		long last = this.checkedAt.get();
		if (now - last >= RENEW_PAUSE_NANOS && this.checkedAt.compareAndSet(last, now)) {
			this.tasks.start("redis-session-renew", () -> renewIfPrimary(reason));
		}
	}

	private void renewIfPrimary(String reason) {
		if (!(this.connectionFactory.getRequiredNativeClient() instanceof RedisClient client)) {
			return;
		}
		try (StatefulConnection<byte[], byte[]> candidate = client.connect(ByteArrayCodec.INSTANCE)) {
			if (Primary.isPrimary(candidate, this.timeout)) {
				logger.warn(reason + ". Reconnecting to the current primary");
				this.primary = this.sentinels.primary();
				this.renewals.incrementAndGet();
			}
		}
		// A client with several addresses has no single one to connect to here
		catch (RuntimeException ex) {
			logger.debug("Opening a connection to the primary failed", ex);
		}
	}

	/**
	 * Renews a connection that was opened before the last renewal. The pool can't be made
	 * to open another, so {@code QUIT} makes Redis close it, and the client reopens it to
	 * the server that the address or the sentinels now lead to.
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
