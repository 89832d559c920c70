package app.session.redis.autoconfigure;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

import app.session.redis.SessionId;
import app.session.redis.autoconfigure.connection.ConnectionTarget;
import app.session.redis.autoconfigure.connection.SessionAddress;
import app.session.redis.autoconfigure.properties.RedisSessionConfigurationException;
import app.session.redis.autoconfigure.properties.RedisSessionProperties;
import app.session.redis.autoconfigure.properties.RedisSessionProperties.Backoff;
import app.session.redis.autoconfigure.properties.RedisSessionProperties.Bot;
import app.session.redis.autoconfigure.properties.RedisSessionProperties.CircuitBreaker;
import app.session.redis.autoconfigure.properties.RedisSessionProperties.Collector;
import app.session.redis.autoconfigure.properties.RedisSessionProperties.Cookie;
import app.session.redis.autoconfigure.properties.RedisSessionProperties.Encryption;
import app.session.redis.autoconfigure.properties.RedisSessionProperties.Limits;
import app.session.redis.autoconfigure.properties.RedisSessionProperties.Lock;
import app.session.redis.autoconfigure.properties.RedisSessionProperties.Metrics;
import app.session.redis.autoconfigure.properties.RedisSessionProperties.Pool;
import app.session.redis.autoconfigure.properties.RedisSessionProperties.RepositoryType;
import app.session.redis.autoconfigure.properties.RedisSessionProperties.Startup;
import app.session.redis.autoconfigure.values.EncryptionSettings;
import app.session.redis.codec.AllowedTypes;
import app.session.redis.codec.CompressionAlgorithm;
import app.session.redis.codec.TypeCheck;
import app.session.redis.codec.ValueCodec;
import app.session.redis.codec.ValueForm;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.web.server.Cookie.SameSite;
import org.springframework.util.StringUtils;
import org.springframework.util.unit.DataSize;

/**
 * Finds values that can't work, alone or with each other. What concerns the address is in
 * {@link SessionAddress} and {@link ConnectionTarget}.
 */
public final class RedisSessionPropertiesCheck {

	/**
	 * How long one node may hold the right to collect expired sessions without renewing
	 * it.
	 */
	static final Duration COLLECTOR_LEASE = Duration.ofSeconds(10);

	private static final int MIN_ID_BYTES = 16;

	/**
	 * The longest of times that a request or another node waits for. In milliseconds it
	 * fits into the 32 bits that Netty has for some of them.
	 */
	private static final Duration MAX_WAIT = Duration.ofDays(1);

	/** The header of a stored session has 40 bits for the milliseconds of a timeout. */
	private static final Duration MAX_LIFETIME = Duration.ofDays(3650);

	/** The header of a stored session has 32 bits for the milliseconds of its grace. */
	private static final Duration MAX_GRACE = Duration.ofDays(49);

	private static final Duration MAX_TOUCH_INTERVAL = Duration.ofDays(365);

	private static final int MAX_ATTEMPTS = 1000;

	private static final int MAX_CALLS = 100_000;

	private static final Duration MAX_ACCEPT_PLAIN = Duration.ofDays(30);

	private RedisSessionPropertiesCheck() {
	}

	static void check(RedisSessionProperties properties) {
		checkConnection(properties);
		checkSession(properties);
		checkValues(properties);
		checkLimits(properties);
		checkCollector(properties);
		checkLock(properties);
		Metrics metrics = properties.getMetrics();
		require(metrics.isEnabled() || !metrics.isCommandLatency(), "metrics.command-latency", true,
				"Nothing is measured where 'app.session.redis.metrics.enabled' is false. Remove one of the two.");
		checkCookie(properties.getCookie());
	}

	private static void checkConnection(RedisSessionProperties properties) {
		requirePositive("connect-timeout", properties.getConnectTimeout(), MAX_WAIT);
		requirePositive("command-timeout", properties.getCommandTimeout(), MAX_WAIT);
		requireNotNegative("connect-retries", properties.getConnectRetries(), MAX_ATTEMPTS);
		Backoff backoff = properties.getBackoff();
		requirePositive("backoff.base", backoff.getBase(), MAX_WAIT);
		require(backoff.getCap().compareTo(backoff.getBase()) >= 0, "backoff.cap", backoff.getCap(),
				"It is below 'app.session.redis.backoff.base' (%s). Raise the one or lower the other."
					.formatted(backoff.getBase()));
		requireAtMost("backoff.cap", backoff.getCap(), MAX_WAIT);
		requirePositive("cluster.refresh-period", properties.getCluster().getRefreshPeriod(), MAX_WAIT);
		requireNotNegative("cluster.max-redirects", properties.getCluster().getMaxRedirects(), MAX_ATTEMPTS);
		requireNotNegative("confirm-replicas", properties.getConfirmReplicas(), MAX_ATTEMPTS);
		requirePositive("confirm-timeout", properties.getConfirmTimeout(), MAX_WAIT);
		require(properties.getConfirmReplicas() == 0
				|| properties.getConfirmTimeout().compareTo(properties.getCommandTimeout()) < 0, "confirm-timeout",
				properties.getConfirmTimeout(),
				"It must be below 'app.session.redis.command-timeout' (%s). Lower the one or raise the other."
					.formatted(properties.getCommandTimeout()));
		CircuitBreaker breaker = properties.getCircuitBreaker();
		require(breaker.getFailureRate() >= 1 && breaker.getFailureRate() <= 100, "circuit-breaker.failure-rate",
				breaker.getFailureRate(), "It is a percentage, from 1 to 100.");
		requirePositive("circuit-breaker.sliding-window", breaker.getSlidingWindow(), MAX_CALLS);
		requirePositive("circuit-breaker.open-for", breaker.getOpenFor(), MAX_WAIT);
		requirePositive("circuit-breaker.half-open-calls", breaker.getHalfOpenCalls(), MAX_CALLS);
		checkPool(properties.getPool());
		Duration startupTimeout = properties.getStartupTimeout();
		if (startupTimeout != null) {
			requirePositive("startup-timeout", startupTimeout, MAX_LIFETIME);
			require(properties.getStartup() == Startup.WAIT, "startup-timeout", startupTimeout,
					"It bounds the waiting of 'app.session.redis.startup=wait', but that property says '%s'. "
						.formatted(properties.getStartup()) + "Set it to 'wait' or remove the timeout.");
		}
		String clientName = properties.getClientName();
		if (clientName != null) {
			require(clientName.matches("[!-~]*"), "client-name", clientName,
					"Redis accepts neither spaces nor characters outside ASCII in it.");
		}
	}

	private static void checkSession(RedisSessionProperties properties) {
		String namespace = properties.getNamespace();
		require(StringUtils.hasText(namespace) && !namespace.matches(".*[{}\\s].*"), "namespace", namespace,
				"It must not be empty, nor hold braces, which decide in a cluster where a key lives, or white space.");
		checkLifetimes(properties);
		requireNotNegative("touch-interval", properties.getTouchInterval(), MAX_TOUCH_INTERVAL);
		require(properties.getIdBytes() >= MIN_ID_BYTES, "id-bytes", properties.getIdBytes(),
				"Session ids of fewer than %s random bytes can be guessed (OWASP).".formatted(MIN_ID_BYTES));
		requireAtMost("id-bytes", properties.getIdBytes(), SessionId.MAX_SECRET_BYTES);
	}

	private static void checkPool(Pool pool) {
		require(!pool.isEnabled() || pool.getMaxTotal() != 0, "pool.max-total", pool.getMaxTotal(),
				"A pool without connections serves no request. Use a negative value for no limit.");
		requireAtMost("pool.max-total", pool.getMaxTotal(), MAX_CALLS);
		requireAtMost("pool.max-idle", pool.getMaxIdle(), MAX_CALLS);
		requireNotNegative("pool.min-idle", pool.getMinIdle(), MAX_CALLS);
		requireAtMost("pool.max-wait", pool.getMaxWait(), MAX_WAIT);
	}

	private static void checkLimits(RedisSessionProperties properties) {
		checkLimit("limits.per-principal", properties.getLimits().getPerPrincipal(), properties.getRepositoryType());
		checkLimit("limits.total", properties.getLimits().getTotal(), properties.getRepositoryType());
	}

	private static void checkLimit(String name, int limit, RepositoryType repositoryType) {
		require(limit >= 0, name, limit, "It must not be negative; 0 means any number.");
		require(limit == 0 || repositoryType == RepositoryType.ATOMIC, name, limit,
				("The repository that 'app.session.redis.repository-type' asks for (%s) has no limits. "
						+ "Remove one of the two.")
					.formatted(repositoryType));
	}

	private static void checkLifetimes(RedisSessionProperties properties) {
		require(properties.getLongTimeout().toSeconds() > 0, "long-timeout", properties.getLongTimeout(),
				"It must be at least 1s.");
		requireAtMost("long-timeout", properties.getLongTimeout(), MAX_LIFETIME);
		if (properties.getTimeout() != null) {
			requireAtMost("timeout", properties.getTimeout(), MAX_LIFETIME);
		}
		requireNotNegative("absolute-timeout", properties.getAbsoluteTimeout(), MAX_LIFETIME);
		requireNotNegative("first-timeout", properties.getFirstTimeout(), MAX_LIFETIME);
		requireNotNegative("min-timeout", properties.getMinTimeout(), MAX_LIFETIME);
		require(properties.getMaxTimeout().toSeconds() > 0, "max-timeout", properties.getMaxTimeout(),
				"It must be at least 1s.");
		requireAtMost("max-timeout", properties.getMaxTimeout(), MAX_LIFETIME);
		require(properties.getMinTimeout().compareTo(properties.getMaxTimeout()) <= 0, "min-timeout",
				properties.getMinTimeout(),
				"It is above 'app.session.redis.max-timeout' (%s). Lower the one or raise the other."
					.formatted(properties.getMaxTimeout()));
		Bot bot = properties.getBot();
		requireNotNegative("bot.first-timeout", bot.getFirstTimeout(), MAX_LIFETIME);
		if (bot.getTimeout() != null) {
			requirePositive("bot.timeout", bot.getTimeout(), MAX_LIFETIME);
		}
		require(bot.isEnabled() || bot.getPattern() == null, "bot.pattern", String.valueOf(bot.getPattern()),
				"It has no effect unless 'app.session.redis.bot.enabled' is true. Set that or remove the pattern.");
	}

	private static void checkValues(RedisSessionProperties properties) {
		try {
			new AllowedTypes(properties.getAllowedTypes());
		}
		catch (IllegalArgumentException ex) {
			require(false, "allowed-types", properties.getAllowedTypes(), ex.getMessage() + ".");
		}
		try {
			new AllowedTypes(List.of(), properties.getAllowedLambdas());
		}
		catch (IllegalArgumentException ex) {
			require(false, "allowed-lambdas", properties.getAllowedLambdas(), ex.getMessage() + ".");
		}
		DataSize threshold = properties.getCompression().getThreshold();
		require(!threshold.isNegative() && threshold.toBytes() <= ValueCodec.MAX_BYTES, "compression.threshold",
				threshold, "It must not be negative, nor above the %s bytes that an attribute can have."
					.formatted(ValueCodec.MAX_BYTES));
		EncryptionSettings.keys(properties);
		checkEncryption(properties);
		if (properties.getMigrateFrom() != null && "json".equals(properties.getSerializer())
				&& !properties.getReadForms().contains(ValueForm.JDK)) {
			throw new RedisSessionConfigurationException(
					"The property 'app.session.redis.migrate-from' is '%s', where sessions are written by Java "
						.formatted(properties.getMigrateFrom())
							+ "serialization, but 'app.session.redis.serializer' is 'json', so that only JSON is read.",
					"Set 'app.session.redis.read-forms' to 'jdk' until the migration is over.");
		}
		if (properties.getRepositoryType() != RepositoryType.ATOMIC) {
			requireUnset(properties, "encryption.enabled", properties.getEncryption().isEnabled());
			requireUnset(properties, "compression.algorithm",
					properties.getCompression().getAlgorithm() != CompressionAlgorithm.NONE);
			requireUnset(properties, "serializer", properties.getSerializer() != null);
			requireUnset(properties, "allowed-types", !properties.getAllowedTypes().isEmpty());
			requireUnset(properties, "type-check", properties.getTypeCheck() != TypeCheck.ENFORCE);
			requireUnset(properties, "read-forms", !properties.getReadForms().isEmpty());
			requireUnset(properties, "allowed-lambdas", !properties.getAllowedLambdas().isEmpty());
		}
	}

	/** Spring Session's repositories would not do what is asked for, without a word. */
	private static void checkEncryption(RedisSessionProperties properties) {
		Encryption encryption = properties.getEncryption();
		Instant acceptPlainUntil = encryption.getAcceptPlainUntil();
		if (acceptPlainUntil != null) {
			require(!acceptPlainUntil.isAfter(Instant.now().plus(MAX_ACCEPT_PLAIN)), "encryption.accept-plain-until",
					acceptPlainUntil,
					"It is more than %s days ahead. Until then write access to Redis is enough to forge a session."
						.formatted(MAX_ACCEPT_PLAIN.toDays()));
		}
		if (encryption.isEnabled()) {
			require(properties.isProtectIds(), "protect-ids", false,
					"It must be true where 'app.session.redis.encryption.enabled' is: who can read an id in Redis can "
							+ "use the session.");
			if (properties.getMigrateFrom() != null && acceptPlainUntil == null) {
				throw new RedisSessionConfigurationException(
						"The property 'app.session.redis.migrate-from' is '%s', where sessions are in plain text, but "
							.formatted(properties.getMigrateFrom())
								+ "'app.session.redis.encryption.enabled' is true, so that only encrypted sessions are "
								+ "accepted.",
						"Set 'app.session.redis.encryption.accept-plain-until' to a time by which the migration is over, "
								+ "at most %s days ahead.".formatted(MAX_ACCEPT_PLAIN.toDays()));
			}
		}
	}

	private static void requireUnset(RedisSessionProperties properties, String name, boolean set) {
		if (set) {
			throw new RedisSessionConfigurationException(
					"The property 'app.session.redis.%s' has no effect on Spring Session's own repository, which "
						.formatted(name)
							+ "'app.session.redis.repository-type=%s' asks for."
								.formatted(properties.getRepositoryType().name().toLowerCase(Locale.ROOT)),
					"Remove one of the two.");
		}
	}

	private static void checkCollector(RedisSessionProperties properties) {
		Collector collector = properties.getCollector();
		requirePositive("collector.interval", collector.getInterval(), MAX_WAIT);
		requirePositive("collector.batch-size", collector.getBatchSize(), MAX_CALLS);
		requireAtMost("grace", properties.getGrace(), MAX_GRACE);
		require(properties.getGrace().compareTo(COLLECTOR_LEASE.plus(collector.getInterval())) >= 0, "grace",
				properties.getGrace(),
				("It is too short to collect an expired session when the node that collects dies: "
						+ "it must be at least the lease of %s and 'app.session.redis.collector.interval' (%s). "
						+ "Raise the grace or lower the interval.")
					.formatted(COLLECTOR_LEASE, collector.getInterval()));
	}

	private static void checkLock(RedisSessionProperties properties) {
		Lock lock = properties.getLock();
		requireNotNegative("lock.wait", lock.getWait(), MAX_WAIT);
		requirePositive("lock.lease", lock.getLease(), MAX_WAIT);
		require(!lock.isEnabled() || lock.getLease().compareTo(properties.getCommandTimeout().multipliedBy(2)) >= 0,
				"lock.lease", lock.getLease(),
				("A lock could end before its renewal is through: it must be at least twice "
						+ "'app.session.redis.command-timeout' (%s). Raise the one or lower the other.")
					.formatted(properties.getCommandTimeout()));
		// Those who wait for a lock are woken over a connection that is kept, and so are
		// WebSockets
		require(!lock.isEnabled() || !properties.getPool().isEnabled() || properties.getPool().getMaxTotal() != 1,
				"pool.max-total", properties.getPool().getMaxTotal(),
				"With 'app.session.redis.lock.enabled' a node listens to others over up to two connections of a pool "
						+ "of this size. Set it to at least 2, or 'app.session.redis.pool.enabled' to false.");
		require(lock.getMaxWaiters() >= 0, "lock.max-waiters", lock.getMaxWaiters(), "It must not be negative.");
		for (String method : lock.getMethods()) {
			require(method.matches("[A-Za-z]+"), "lock.methods", method, "HTTP has no such method.");
		}
		require(!lock.isEnabled() || properties.getRepositoryType() == RepositoryType.ATOMIC, "lock.enabled", true,
				"Only the repository of 'app.session.redis.repository-type=atomic' has locks, but that property says '%s'. "
					.formatted(properties.getRepositoryType()) + "Remove one of the two.");
	}

	private static void checkCookie(Cookie cookie) {
		if (cookie.getMaxAge() != null) {
			requireAtMost("cookie.max-age", cookie.getMaxAge(), MAX_LIFETIME);
		}
		if (Boolean.FALSE.equals(cookie.getSecure())) {
			require(cookie.getSameSite() != SameSite.NONE, "cookie.secure", false,
					"Browsers reject such a cookie when 'app.session.redis.cookie.same-site' is 'none'. Remove one of the two.");
			require(!Boolean.TRUE.equals(cookie.getPartitioned()), "cookie.secure", false,
					"Browsers reject such a cookie when 'app.session.redis.cookie.partitioned' is true. Remove one of the two.");
		}
	}

	private static void requireNotNegative(String name, Duration value, Duration max) {
		require(!value.isNegative(), name, value, "It must not be negative.");
		requireAtMost(name, value, max);
	}

	private static void requireNotNegative(String name, int value, int max) {
		require(value >= 0, name, value, "It must not be negative.");
		requireAtMost(name, value, max);
	}

	private static void requirePositive(String name, Duration value, Duration max) {
		require(value.compareTo(Duration.ofMillis(1)) >= 0, name, value, "It must be at least 1ms.");
		requireAtMost(name, value, max);
	}

	private static void requirePositive(String name, int value, int max) {
		require(value > 0, name, value, "It must be positive.");
		requireAtMost(name, value, max);
	}

	private static void requireAtMost(String name, Duration value, Duration max) {
		require(value.compareTo(max) <= 0, name, value, "It must be at most %sd.".formatted(max.toDays()));
	}

	private static void requireAtMost(String name, int value, int max) {
		require(value <= max, name, value, "It must be at most %s.".formatted(max));
	}

	private static void require(boolean condition, String name, Object value, String reason) {
		if (!condition) {
			throw new InvalidConfigurationPropertyValueException("app.session.redis." + name, value, reason);
		}
	}

}
