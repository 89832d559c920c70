package app.session.redis.sample.embedded;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.jspecify.annotations.Nullable;

/**
 * A real Redis server for machines without one, shared by all instances of the sample
 * that one user runs on one machine. Its life cycle:
 * <ul>
 * <li>The first instance starts it on the port on which later instances look for it. If
 * another process uses that port, any free port is used.</li>
 * <li>It runs as a daemon: neither Ctrl-C nor {@code kill -9} of the instance that
 * started it stops it, and that instance finds it again after a restart. (Not on Windows,
 * where Redis can't run as a daemon.)</li>
 * <li>The last instance that shuts down gracefully stops it. After {@code kill -9} of all
 * instances it keeps running; to stop it, start and stop an instance, or use
 * {@code redis-cli -p 6390 shutdown}.</li>
 * <li>It keeps an append-only file in the {@link RedisFolder}, so that logins also
 * survive its restart, as long as the temporary folder exists.</li>
 * </ul>
 * It listens on the loopback address only and has no password, which is suitable for a
 * sample only.
 */
final class EmbeddedRedis {

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private final RedisFolder folder;

	private final RedisConnection connection;

	private final int port;

	private final boolean startedHere;

	private EmbeddedRedis(RedisFolder folder, RedisConnection connection, int port, boolean startedHere) {
		this.folder = folder;
		this.connection = connection;
		this.port = port;
		this.startedHere = startedHere;
	}

	/**
	 * Finds the embedded Redis or starts it.
	 * @param port the port on which instances look for it
	 * @return the embedded Redis, ready to be used
	 * @throws EmbeddedRedisException if it can't be started
	 */
	@SuppressWarnings("try")
	static EmbeddedRedis findOrStart(int port) {
		try {
			RedisFolder folder = RedisFolder.forPort(port);
			// No other instance starts or stops it while the lock is held
			try (RedisFolder.Lock lock = folder.lock()) {
				RedisConnection connection = RedisConnection.open(port, folder);
				if (connection != null) {
					return new EmbeddedRedis(folder, connection, port, false);
				}
				if (Ports.isFree(port)) {
					return new EmbeddedRedis(folder, start(port, folder), port, true);
				}
			}
			return findOrStart(Ports.anyFree());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	int port() {
		return this.port;
	}

	boolean startedHere() {
		return this.startedHere;
	}

	/**
	 * Declares that this instance no longer needs Redis. The last instance to do so stops
	 * it.
	 */
	@SuppressWarnings("try")
	void leave() {
		try (RedisFolder.Lock lock = this.folder.lock()) {
			if (this.connection.isLast()) {
				this.connection.stopRedis();
			}
		}
		catch (IOException | RuntimeException ex) {
			// The process is stopping, and Redis may have stopped already: nothing to do
		}
		finally {
			this.connection.close();
		}
	}

	private static RedisConnection start(int port, RedisFolder folder) throws IOException {
		folder.clearLog();
		Process process = new ProcessBuilder(RedisExecutable.find(folder.path()), "--port", Integer.toString(port),
				"--bind", "127.0.0.1", "--dir", folder.path().toString(), "--save", "", "--appendonly", "yes",
				"--logfile", RedisFolder.LOG, "--pidfile", folder.path().resolve("redis.pid").toString(), "--daemonize",
				isWindows() ? "no" : "yes")
			.directory(folder.path().toFile())
			.redirectOutput(ProcessBuilder.Redirect.DISCARD)
			.redirectError(ProcessBuilder.Redirect.DISCARD)
			.start();
		RedisConnection connection = awaitConnection(port, folder);
		if (connection == null) {
			process.destroy();
			throw new EmbeddedRedisException("The embedded Redis did not answer on port " + port + " within "
					+ PATIENCE.toSeconds() + " s; its log ends with: " + folder.endOfLog());
		}
		return connection;
	}

	private static @Nullable RedisConnection awaitConnection(int port, RedisFolder folder) {
		long deadline = System.nanoTime() + PATIENCE.toNanos();
		RedisConnection connection = RedisConnection.open(port, folder);
		while (connection == null && System.nanoTime() < deadline) {
			LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
			connection = RedisConnection.open(port, folder);
		}
		return connection;
	}

	private static boolean isWindows() {
		return File.separatorChar == '\\';
	}

}
