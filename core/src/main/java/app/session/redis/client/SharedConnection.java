package app.session.redis.client;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import io.lettuce.core.AbstractRedisAsyncCommands;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.api.StatefulConnection;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * The connection that the factory shares, or a separate one of the store. A separate
 * thread opens it when it is first needed, and one attempt serves all callers. The client
 * itself reopens a lost connection.
 */
final class SharedConnection {

	private static final Log logger = LogFactory.getLog(SharedConnection.class);

	/** The minimum time between a failed connection attempt and the next one. */
	private static final long CONNECT_PAUSE_NANOS = Duration.ofMillis(200).toNanos();

	/** The minimum time between two replacements of the connection. */
	private static final long RENEW_PAUSE_NANOS = Duration.ofSeconds(5).toNanos();

	private final LettuceConnectionFactory connectionFactory;

	private final BlockingTasks tasks;

	private final Duration timeout;

	/** Whether the connection is separate, used only by the store. */
	private final boolean own;

	private final Sentinels sentinels;

	private volatile @Nullable StatefulConnection<byte[], byte[]> connection;

	/** The address of the primary according to the sentinels, when connecting. */
	private volatile @Nullable String primary;

	// the following fields are guarded by this

	private @Nullable CompletableFuture<StatefulConnection<byte[], byte[]>> attempt;

	/** The Spring Data connection that owns a separate connection. */
	private @Nullable RedisConnection opened;

	private boolean closed;

	private long failedAt;

	private long renewedAt = System.nanoTime() - RENEW_PAUSE_NANOS;

	private long checkedAt = System.nanoTime() - RENEW_PAUSE_NANOS;

	SharedConnection(LettuceConnectionFactory connectionFactory, BlockingTasks tasks, Duration timeout, boolean own) {
		this.connectionFactory = connectionFactory;
		this.tasks = tasks;
		this.timeout = timeout;
		this.own = own;
		this.sentinels = new Sentinels(connectionFactory, tasks);
	}

	/** Returns the connection, or null if it must be opened first. */
	@Nullable StatefulConnection<byte[], byte[]> get() {
		StatefulConnection<byte[], byte[]> current = this.connection;
		return isUsable(current) ? current : null;
	}

	/**
	 * Returns whether a connection can be used. A lost connection can, because the client
	 * reopens it; a closed one can't.
	 */
	private static boolean isUsable(@Nullable StatefulConnection<byte[], byte[]> connection) {
		return connection != null && !(connection instanceof RedisChannelHandler<?, ?> handler && handler.isClosed());
	}

	/** Returns the connection, and opens it if necessary. */
	CompletableFuture<StatefulConnection<byte[], byte[]>> connected() {
		StatefulConnection<byte[], byte[]> current = get();
		return (current != null) ? CompletableFuture.completedFuture(current) : connecting();
	}

	private synchronized CompletableFuture<StatefulConnection<byte[], byte[]>> connecting() {
		if (this.closed) {
			return CompletableFuture.failedFuture(new SessionStoreUnavailableException(Reason.DISCONNECTED,
					"the session store has been stopped", null));
		}
		CompletableFuture<StatefulConnection<byte[], byte[]>> last = this.attempt;
		if (last == null || (last.isCompletedExceptionally() && System.nanoTime() - this.failedAt > CONNECT_PAUSE_NANOS)
				|| (last.isDone() && !last.isCompletedExceptionally() && !isUsable(this.connection))) {
			last = start(false);
			this.attempt = last;
		}
		return last;
	}

	/**
	 * Replaces the connection, whose server is no longer a primary, if the address,
	 * another of the addresses, or the sentinels lead to a primary. Until that is known,
	 * the connection is kept, because a replica answers reads. Checks at most every five
	 * seconds, on a separate thread.
	 * @param reason the reason, for the log
	 */
	void renew(String reason) {
		synchronized (this) {
			if (this.connection == null || this.closed || System.nanoTime() - this.renewedAt < RENEW_PAUSE_NANOS) {
				return;
			}
			this.renewedAt = System.nanoTime();
		}
		this.tasks.start("redis-session-renew", () -> follow(reason));
	}

	/**
	 * Replaces the connection like {@link #renew(String)}, but only if the server to
	 * which it sends writes is not a primary: a read may have been refused by a replica
	 * that the read policy chose. Sends {@code ROLE} at most every five seconds, on a
	 * separate thread.
	 * @param reason the reason, for the log
	 */
	void renewUnlessPrimary(String reason) {
		synchronized (this) {
			if (this.closed || System.nanoTime() - this.checkedAt < RENEW_PAUSE_NANOS) {
				return;
			}
			this.checkedAt = System.nanoTime();
		}
		this.tasks.start("redis-session-role", () -> {
			StatefulConnection<byte[], byte[]> current = get();
			if (current != null && !Primary.isPrimary(current, this.timeout)) {
				renew(reason);
			}
		});
	}

	private void follow(String reason) {
		if (!isPrimaryReachable()) {
			logger.debug(reason + ", but no other server can be reached, so the connection is kept");
			return;
		}
		logger.warn(reason + ". Reconnecting to the current primary");
		CompletableFuture<StatefulConnection<byte[], byte[]>> started = new CompletableFuture<>();
		synchronized (this) {
			if (this.closed) {
				return;
			}
			drop();
			this.attempt = started;
		}
		connect(started, true);
	}

	/** Returns whether a newly opened connection leads to a primary. */
	private boolean isPrimaryReachable() {
		RedisConnection candidate = null;
		try {
			candidate = open(this.connectionFactory);
			// Spring Data uses a separate connection for a pipeline
			candidate.openPipeline();
			return Primary.isPrimary(nativeOf(candidate), this.timeout);
		}
		catch (RuntimeException ex) {
			logger.debug("Opening a connection to the primary failed", ex);
			return false;
		}
		finally {
			if (candidate != null) {
				close(candidate);
			}
		}
	}

	/** Closes a separate connection. The next use opens another. */
	synchronized void drop() {
		this.connection = null;
		this.attempt = null;
		RedisConnection dropped = this.opened;
		this.opened = null;
		if (dropped != null) {
			// Closing waits for the client, which may be the caller
			this.tasks.start("redis-session-close", () -> close(dropped));
		}
	}

	/** Closes a separate connection, and opens none until {@link #allow()}. */
	synchronized void close() {
		this.closed = true;
		drop();
	}

	/** Allows a connection to be opened again after {@link #close()}. */
	synchronized void allow() {
		this.closed = false;
	}

	private static void close(RedisConnection connection) {
		try {
			connection.close();
		}
		catch (RuntimeException ex) {
			logger.debug("Closing a connection failed", ex);
		}
	}

	/**
	 * Replaces the connection if the sentinels name another primary. The current server
	 * has lost its replicas, and may have been replaced without knowing it yet.
	 */
	void renewIfReplaced() {
		this.sentinels.query((now) -> {
			if (!now.equals(this.primary)) {
				renew("The sentinels name another primary");
			}
		});
	}

	private CompletableFuture<StatefulConnection<byte[], byte[]>> start(boolean anew) {
		CompletableFuture<StatefulConnection<byte[], byte[]>> started = new CompletableFuture<>();
		this.tasks.start("redis-session-connect", () -> connect(started, anew));
		return started;
	}

	private void connect(CompletableFuture<StatefulConnection<byte[], byte[]>> started, boolean anew) {
		try {
			if (anew && !this.own) {
				this.connectionFactory.resetConnection();
			}
			StatefulConnection<byte[], byte[]> opened = this.own ? openOwn() : nativeOf(open(this.connectionFactory));
			this.connection = opened;
			started.complete(opened);
			this.primary = this.sentinels.primary();
		}
		// Errors too, or all callers would wait for an attempt that has ended
		catch (RuntimeException | Error ex) {
			synchronized (this) {
				this.failedAt = System.nanoTime();
			}
			started.completeExceptionally(Failures.translate(ex));
		}
	}

	/** Opens a pipeline, because Spring Data uses a separate connection for one. */
	private StatefulConnection<byte[], byte[]> openOwn() {
		RedisConnection separate = open(this.connectionFactory);
		try {
			separate.openPipeline();
			StatefulConnection<byte[], byte[]> connected = nativeOf(separate);
			RedisConnection before;
			synchronized (this) {
				if (this.closed) {
					throw new SessionStoreUnavailableException(Reason.DISCONNECTED,
							"the session store has been stopped", null);
				}
				before = this.opened;
				this.opened = separate;
			}
			if (before != null) {
				close(before);
			}
			return connected;
		}
		catch (RuntimeException ex) {
			close(separate);
			throw ex;
		}
	}

	/** Returns a connection of the factory: the shared one, or one of its pool. */
	static RedisConnection open(LettuceConnectionFactory connectionFactory) {
		return connectionFactory.isClusterAware() ? connectionFactory.getClusterConnection()
				: connectionFactory.getConnection();
	}

	/** Returns the client's connection that underlies a connection of the factory. */
	@SuppressWarnings("unchecked") // Spring Data's connections are of bytes
	static StatefulConnection<byte[], byte[]> nativeOf(RedisConnection connection) {
		if (connection.getNativeConnection() instanceof AbstractRedisAsyncCommands<?, ?> commands) {
			return ((AbstractRedisAsyncCommands<byte[], byte[]>) commands).getConnection();
		}
		throw new IllegalStateException(
				"Unexpected connection " + connection.getNativeConnection().getClass().getName());
	}

}
