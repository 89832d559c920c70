package app.session.redis.client;

import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.connection.RedisSentinelConfiguration;
import org.springframework.data.redis.connection.RedisSentinelConnection;
import org.springframework.data.redis.connection.RedisServer;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * Queries the sentinels of a connection factory, if it has any, for the address of the
 * primary.
 */
final class Sentinels {

	private static final Log logger = LogFactory.getLog(Sentinels.class);

	/** The minimum time between two queries. */
	private static final long QUERY_PAUSE_NANOS = Duration.ofSeconds(1).toNanos();

	private final LettuceConnectionFactory connectionFactory;

	private final BlockingTasks tasks;

	private final AtomicBoolean querying = new AtomicBoolean();

	private volatile long queriedAt = System.nanoTime() - QUERY_PAUSE_NANOS;

	Sentinels(LettuceConnectionFactory connectionFactory, BlockingTasks tasks) {
		this.connectionFactory = connectionFactory;
		this.tasks = tasks;
	}

	/**
	 * Queries the sentinels on a separate thread, unless a query is in progress or ended
	 * within the last second.
	 * @param consumer receives the address of the primary, on that thread, if a sentinel
	 * knows it
	 */
	void query(Consumer<String> consumer) {
		if (this.connectionFactory.getSentinelConfiguration() == null
				|| System.nanoTime() - this.queriedAt < QUERY_PAUSE_NANOS
				|| !this.querying.compareAndSet(false, true)) {
			return;
		}
		try {
			this.tasks.start("redis-session-sentinels", () -> queryNow(consumer));
		}
		catch (RuntimeException | Error ex) {
			this.querying.set(false);
			throw ex;
		}
	}

	private void queryNow(Consumer<String> consumer) {
		try {
			String primary = primary();
			if (primary != null) {
				consumer.accept(primary);
			}
		}
		finally {
			this.queriedAt = System.nanoTime();
			this.querying.set(false);
		}
	}

	/**
	 * Queries the sentinels, and waits for the reply.
	 * @return the address of the primary; null if there are no sentinels, or none replies
	 * or knows it
	 */
	@Nullable String primary() {
		RedisSentinelConfiguration sentinels = this.connectionFactory.getSentinelConfiguration();
		if (sentinels == null || sentinels.getMaster() == null) {
			return null;
		}
		try (RedisSentinelConnection sentinel = this.connectionFactory.getSentinelConnection()) {
			for (RedisServer server : sentinel.masters()) {
				if (Objects.equals(server.getName(), sentinels.getMaster().getName())) {
					return server.getHost() + ":" + server.getPort();
				}
			}
		}
		catch (IOException | RuntimeException ex) {
			logger.debug("Querying the sentinels for the primary failed", ex);
		}
		return null;
	}

}
