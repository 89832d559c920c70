package app.session.redis.sample.embedded;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import org.jspecify.annotations.Nullable;

/**
 * A connection to the embedded Redis that an instance keeps open while it runs. Its name
 * in {@code CLIENT LIST} indicates that Redis is in use. A {@code kill -9} of the
 * instance also closes it.
 */
final class RedisConnection implements AutoCloseable {

	// Also the name of the session store's connections (spring.application.name), so
	// that instances with a configured address count as well. A redis-cli doesn't count
	private static final String NAME = "shop";

	private static final Duration TIMEOUT = Duration.ofSeconds(2);

	private final RedisClient client;

	private final StatefulRedisConnection<String, String> connection;

	private RedisConnection(RedisClient client, StatefulRedisConnection<String, String> connection) {
		this.client = client;
		this.connection = connection;
	}

	/**
	 * Connects to the embedded Redis. Sends {@code PING} and {@code CONFIG GET dir}.
	 * @param port the expected port
	 * @param folder the folder in which it is expected to run
	 * @return the connection, or {@code null} if nothing or another server replies on
	 * that port
	 */
	static @Nullable RedisConnection open(int port, RedisFolder folder) {
		RedisClient client = RedisClient.create(RedisURI.builder()
			.withHost("127.0.0.1")
			.withPort(port)
			.withClientName(NAME)
			.withTimeout(TIMEOUT)
			.build());
		try {
			StatefulRedisConnection<String, String> connection = client.connect();
			connection.sync().ping();
			String dir = connection.sync().configGet("dir").get("dir");
			if (folder.path().toString().equals(dir)) {
				return new RedisConnection(client, connection);
			}
		}
		catch (RedisException ex) {
			// No server, a Redis that is loading or has a password, or another server
		}
		shutdown(client);
		return null;
	}

	/**
	 * Gives up the name and checks whether other connections have it. Sends
	 * {@code CLIENT SETNAME} and {@code CLIENT LIST}.
	 * @return whether no other instance uses Redis
	 */
	boolean isLast() {
		RedisCommands<String, String> commands = this.connection.sync();
		commands.clientSetname("leaving");
		return commands.clientList().lines().noneMatch((line) -> line.contains(" name=" + NAME));
	}

	/**
	 * Stops Redis and waits until it has closed this connection. Sends {@code SHUTDOWN}.
	 */
	void stopRedis() {
		this.connection.sync().shutdown(false);
		long deadline = System.nanoTime() + TIMEOUT.toNanos();
		while (this.connection.isOpen() && System.nanoTime() < deadline) {
			LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
		}
	}

	@Override
	public void close() {
		shutdown(this.client);
	}

	private static void shutdown(RedisClient client) {
		client.shutdown(0, 1, TimeUnit.SECONDS);
	}

}
