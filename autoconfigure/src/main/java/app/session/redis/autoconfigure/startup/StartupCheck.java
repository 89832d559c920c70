package app.session.redis.autoconfigure.startup;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import app.session.redis.autoconfigure.connection.BackoffDelay;
import app.session.redis.autoconfigure.properties.RedisSessionConnectionProperties;
import app.session.redis.autoconfigure.properties.RedisSessionConnectionProperties.Startup;
import app.session.redis.autoconfigure.properties.RedisSessionProperties;
import app.session.redis.autoconfigure.properties.RedisSessionProperties.RepositoryType;
import app.session.redis.operations.ServerCheck;
import app.session.redis.operations.StoreAccess;
import app.session.redis.settings.EventDelivery;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * Checks at start whether Redis can be reached and permits the commands of the store.
 * Sends {@code PING}, {@code INFO}, and a script that runs on a key of its own.
 * {@code app.session.redis.startup} determines what happens if the check fails.
 */
final class StartupCheck {

	private static final Log logger = LogFactory.getLog(StartupCheck.class);

	private static final Duration LOG_INTERVAL = Duration.ofSeconds(10);

	private final RedisConnectionFactory connectionFactory;

	private final String server;

	private final RedisSessionConnectionProperties connection;

	private final RedisSessionProperties properties;

	StartupCheck(RedisConnectionFactory connectionFactory, String server, RedisSessionConnectionProperties connection,
			RedisSessionProperties properties) {
		this.connectionFactory = connectionFactory;
		this.server = server;
		this.connection = connection;
		this.properties = properties;
	}

	/**
	 * Runs the check. Returns once Redis has replied, or immediately if
	 * {@code app.session.redis.startup} is {@code lazy}.
	 * @throws RedisUnreachableException if Redis can't be used
	 */
	void run() {
		if (this.connection.startup() == Startup.LAZY) {
			return;
		}
		try (ShutdownAwarePause pause = new ShutdownAwarePause()) {
			run(pause);
		}
	}

	private void run(ShutdownAwarePause pause) {
		BackoffDelay backoff = new BackoffDelay(this.connection.backoff());
		long start = System.nanoTime();
		Duration logged = null;
		for (int attempt = 1;; attempt++) {
			RuntimeException failure = tryConnect();
			if (failure == null) {
				return;
			}
			RedisObstacle obstacle = (failure instanceof RedisUnreachableException known) ? known.getObstacle()
					: RedisObstacle.of(failure);
			Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
			Duration delay = backoff.createDelay(attempt);
			if (!obstacle.isPassing() || isLast(attempt, elapsed.plus(delay))) {
				throw new RedisUnreachableException(message(obstacle, failure, attempt, elapsed), obstacle,
						remedy(obstacle), failure);
			}
			if (this.connection.startup() == Startup.WAIT
					&& (logged == null || elapsed.minus(logged).compareTo(LOG_INTERVAL) >= 0)) {
				logged = elapsed;
				logger.warn("Waiting for " + this.server + ", which stores the sessions: " + obstacle.description());
			}
			if (!pause.forTime(delay)) {
				throw new RedisUnreachableException("The application stopped while it was waiting for " + this.server,
						obstacle, failure);
			}
		}
	}

	private boolean isLast(int attempt, Duration next) {
		if (this.connection.startup() == Startup.FAIL) {
			return attempt > this.connection.connectRetries();
		}
		Duration timeout = this.connection.startupTimeout();
		return timeout != null && next.compareTo(timeout) > 0;
	}

	private @Nullable RuntimeException tryConnect() {
		try (RedisConnection connection = this.connectionFactory.getConnection()) {
			connection.ping();
			if (this.properties.repositoryType() == RepositoryType.ATOMIC
					&& this.connectionFactory instanceof LettuceConnectionFactory) {
				checkAccess();
			}
			return null;
		}
		catch (RuntimeException ex) {
			return ex;
		}
	}

	private void checkAccess() {
		try (StoreAccess access = new StoreAccess(this.connectionFactory, this.properties.namespace(),
				this.connection.commandTimeout())) {
			checkAccess(access);
		}
	}

	private void checkAccess(StoreAccess access) {
		String version = access.version();
		if (version != null && ServerCheck.isTooOld(version)) {
			throw new RedisUnreachableException("it is version " + version, RedisObstacle.TOO_OLD, null);
		}
		Map<String, String> refused = access.refused(this.properties.lock().enabled(),
				this.properties.events() == EventDelivery.BROADCAST, this.properties.publishesChanges());
		refused.forEach((command, refusal) -> {
			RedisObstacle obstacle = RedisObstacle.ofRefusal(refusal);
			if (obstacle != RedisObstacle.OTHER) {
				throw new RedisUnreachableException(String.join(", ", refused.keySet()), obstacle, null);
			}
			logger.warn(this.server + ", which stores the sessions, rejects the command " + command + " at the moment: "
					+ refusal);
		});
	}

	private String message(RedisObstacle obstacle, RuntimeException failure, int attempts, Duration elapsed) {
		String detail = (failure instanceof RedisUnreachableException) ? ": " + failure.getMessage() : "";
		return "%s can't be used to store sessions: %s%s (%s in %.1f s).".formatted(this.server, obstacle.description(),
				detail, (attempts == 1) ? "1 attempt" : attempts + " attempts", elapsed.toMillis() / 1000.0);
	}

	private @Nullable String remedy(RedisObstacle obstacle) {
		if (obstacle != RedisObstacle.NO_PERMISSION) {
			return null;
		}
		String username = this.connection.username();
		return "This command does so: ACL SETUSER %s %s".formatted((username != null) ? username : "default",
				StoreAccess.aclRule(this.properties.namespace()));
	}

	/**
	 * A pause between attempts that ends early if the JVM shuts down. An application
	 * context can't be closed while it is being refreshed, so the wait itself has to end
	 * on SIGTERM.
	 */
	private static final class ShutdownAwarePause implements AutoCloseable {

		private final CountDownLatch shutdown = new CountDownLatch(1);

		private final Thread hook = new Thread(this.shutdown::countDown, "redis-session-startup-shutdown");

		private boolean hooked;

		/**
		 * Waits for a time.
		 * @param time the time to wait
		 * @return whether to continue; false if the JVM is shutting down or the thread
		 * was interrupted
		 */
		boolean forTime(Duration time) {
			try {
				if (!this.hooked) {
					Runtime.getRuntime().addShutdownHook(this.hook);
					this.hooked = true;
				}
				return !this.shutdown.await(time.toMillis(), TimeUnit.MILLISECONDS);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				return false;
			}
			catch (IllegalStateException ex) {
				return false;
			}
		}

		@Override
		public void close() {
			try {
				if (this.hooked) {
					Runtime.getRuntime().removeShutdownHook(this.hook);
				}
			}
			catch (IllegalStateException ex) {
				logger.trace("The JVM is shutting down", ex);
			}
		}

	}

}
