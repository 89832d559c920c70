package app.session.redis.autoconfigure;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

import app.session.redis.autoconfigure.connection.ConnectionTarget;
import app.session.redis.autoconfigure.connection.SessionAddress;
import app.session.redis.autoconfigure.properties.PropertyBounds;
import app.session.redis.autoconfigure.properties.RedisSessionConfigurationException;
import app.session.redis.autoconfigure.properties.RedisSessionConnectionProperties;
import app.session.redis.autoconfigure.properties.RedisSessionConnectionProperties.Backoff;
import app.session.redis.autoconfigure.properties.RedisSessionConnectionProperties.Pool;
import app.session.redis.autoconfigure.properties.RedisSessionConnectionProperties.Startup;
import app.session.redis.autoconfigure.properties.RedisSessionProperties;
import app.session.redis.autoconfigure.properties.RedisSessionProperties.Bot;
import app.session.redis.autoconfigure.properties.RedisSessionProperties.Cookie;
import app.session.redis.autoconfigure.properties.RedisSessionProperties.Encryption;
import app.session.redis.autoconfigure.properties.RedisSessionProperties.Lock;
import app.session.redis.autoconfigure.properties.RedisSessionProperties.Metrics;
import app.session.redis.autoconfigure.properties.RedisSessionProperties.RepositoryType;
import app.session.redis.autoconfigure.values.EncryptionSettings;
import app.session.redis.codec.AllowedTypes;
import app.session.redis.codec.CompressionAlgorithm;
import app.session.redis.codec.TypeCheck;
import app.session.redis.codec.ValueForm;
import app.session.redis.settings.Defaults;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.web.server.Cookie.SameSite;
import org.springframework.util.StringUtils;

/**
 * Checks the values of the properties and their dependencies on each other.
 * {@link SessionAddress} and {@link ConnectionTarget} check the address.
 */
public final class RedisSessionPropertiesCheck {

	/** The lease of the node that runs the collector. */
	static final Duration COLLECTOR_LEASE = Duration.ofSeconds(10);

	private RedisSessionPropertiesCheck() {
	}

	static void check(RedisSessionConnectionProperties connection, RedisSessionProperties properties) {
		PropertyBounds.check("app.session.redis", connection);
		PropertyBounds.check("app.session.redis", properties);
		checkConnection(connection);
		checkConfirmation(connection, properties);
		String namespace = properties.namespace();
		require(StringUtils.hasText(namespace) && !namespace.matches(".*[{}\\s].*"), "namespace", namespace,
				"It must not be empty, nor contain white space or braces, which determine the hash slot of a key in a"
						+ " cluster.");
		checkLifetimes(properties);
		checkValues(properties);
		checkLimit("limits.per-principal", properties.limits().perPrincipal(), properties.repositoryType());
		checkLimit("limits.total", properties.limits().total(), properties.repositoryType());
		checkGrace(properties);
		checkLock(connection, properties);
		Metrics metrics = properties.metrics();
		require(metrics.enabled() || !metrics.commandLatency(), "metrics.command-latency", true,
				"It has no effect if 'app.session.redis.metrics.enabled' is false. Remove one of the two.");
		checkCookie(properties.cookie());
	}

	private static void checkConnection(RedisSessionConnectionProperties connection) {
		Backoff backoff = connection.backoff();
		require(backoff.cap().compareTo(backoff.base()) >= 0, "backoff.cap", backoff.cap(),
				"It is below 'app.session.redis.backoff.base' (%s). Raise the former or lower the latter."
					.formatted(backoff.base()));
		Pool pool = connection.pool();
		require(!pool.enabled() || pool.maxTotal() != 0, "pool.max-total", pool.maxTotal(),
				"A pool needs at least one connection. Use a negative value for no limit.");
		Duration startupTimeout = connection.startupTimeout();
		if (startupTimeout != null) {
			require(connection.startup() == Startup.WAIT, "startup-timeout", startupTimeout,
					"It limits the wait of 'app.session.redis.startup=wait', but that property is '%s'. "
						.formatted(connection.startup()) + "Set it to 'wait' or remove the timeout.");
		}
		String clientName = connection.clientName();
		if (clientName != null) {
			require(clientName.matches("[!-~]*"), "client-name", clientName,
					"Redis accepts neither spaces nor characters outside ASCII in it.");
		}
	}

	private static void checkConfirmation(RedisSessionConnectionProperties connection,
			RedisSessionProperties properties) {
		require(properties.confirmReplicas() == 0
				|| properties.confirmTimeout().compareTo(connection.commandTimeout()) < 0, "confirm-timeout",
				properties.confirmTimeout(),
				"It must be below 'app.session.redis.command-timeout' (%s). Lower the former or raise the latter."
					.formatted(connection.commandTimeout()));
	}

	private static void checkLimit(String name, int limit, RepositoryType repositoryType) {
		require(limit == 0 || repositoryType == RepositoryType.ATOMIC, name, limit,
				("The repository of 'app.session.redis.repository-type=%s' does not support limits. "
						+ "Remove one of the two.")
					.formatted(repositoryType));
	}

	private static void checkLifetimes(RedisSessionProperties properties) {
		require(properties.minTimeout().compareTo(properties.maxTimeout()) <= 0, "min-timeout", properties.minTimeout(),
				"It is above 'app.session.redis.max-timeout' (%s). Lower the former or raise the latter."
					.formatted(properties.maxTimeout()));
		Bot bot = properties.bot();
		require(bot.enabled() || bot.pattern() == null, "bot.pattern", String.valueOf(bot.pattern()),
				"It has no effect unless 'app.session.redis.bot.enabled' is true. Set that property or remove the pattern.");
	}

	private static void checkValues(RedisSessionProperties properties) {
		try {
			new AllowedTypes(properties.allowedTypes());
		}
		catch (IllegalArgumentException ex) {
			require(false, "allowed-types", properties.allowedTypes(), ex.getMessage() + ".");
		}
		try {
			new AllowedTypes(List.of(), properties.allowedLambdas());
		}
		catch (IllegalArgumentException ex) {
			require(false, "allowed-lambdas", properties.allowedLambdas(), ex.getMessage() + ".");
		}
		EncryptionSettings.keys(properties);
		checkEncryption(properties);
		if (properties.migrateFrom() != null && "json".equals(properties.serializer())
				&& !properties.readForms().contains(ValueForm.JDK)) {
			throw new RedisSessionConfigurationException(
					"The property 'app.session.redis.migrate-from' is '%s', where sessions are written by Java "
						.formatted(properties.migrateFrom())
							+ "serialization, but 'app.session.redis.serializer' is 'json', so that only JSON is read.",
					"Set 'app.session.redis.read-forms' to 'jdk' until the migration is over.");
		}
		if (properties.repositoryType() != RepositoryType.ATOMIC) {
			requireUnset(properties, "encryption.enabled", properties.encryption().enabled());
			requireUnset(properties, "compression.algorithm",
					properties.compression().algorithm() != CompressionAlgorithm.NONE);
			requireUnset(properties, "serializer", properties.serializer() != null);
			requireUnset(properties, "allowed-types", !properties.allowedTypes().isEmpty());
			requireUnset(properties, "type-check", properties.typeCheck() != TypeCheck.ENFORCE);
			requireUnset(properties, "read-forms", !properties.readForms().isEmpty());
			requireUnset(properties, "allowed-lambdas", !properties.allowedLambdas().isEmpty());
		}
	}

	private static void checkEncryption(RedisSessionProperties properties) {
		Encryption encryption = properties.encryption();
		Instant acceptPlainUntil = encryption.acceptPlainUntil();
		if (acceptPlainUntil != null) {
			require(!acceptPlainUntil.isAfter(Instant.now().plus(Duration.ofDays(Defaults.LONGEST_ACCEPT_PLAIN_DAYS))),
					"encryption.accept-plain-until", acceptPlainUntil,
					"It is more than %s days ahead. Until then write access to Redis is enough to forge a session."
						.formatted(Defaults.LONGEST_ACCEPT_PLAIN_DAYS));
		}
		if (encryption.enabled()) {
			require(properties.protectIds(), "protect-ids", false,
					"It must be true where 'app.session.redis.encryption.enabled' is: who can read an id in Redis can "
							+ "use the session.");
			if (properties.migrateFrom() != null && acceptPlainUntil == null) {
				throw new RedisSessionConfigurationException(
						"The property 'app.session.redis.migrate-from' is '%s', where sessions are in plain text, but "
							.formatted(properties.migrateFrom())
								+ "'app.session.redis.encryption.enabled' is true, so that only encrypted sessions are "
								+ "accepted.",
						"Set 'app.session.redis.encryption.accept-plain-until' to a time by which the migration is over, "
								+ "at most %s days ahead.".formatted(Defaults.LONGEST_ACCEPT_PLAIN_DAYS));
			}
		}
	}

	private static void requireUnset(RedisSessionProperties properties, String name, boolean set) {
		if (set) {
			throw new RedisSessionConfigurationException(
					"The property 'app.session.redis.%s' has no effect on Spring Session's own repository, which "
						.formatted(name)
							+ "'app.session.redis.repository-type=%s' asks for."
								.formatted(properties.repositoryType().name().toLowerCase(Locale.ROOT)),
					"Remove one of the two.");
		}
	}

	private static void checkGrace(RedisSessionProperties properties) {
		Duration interval = properties.collector().interval();
		require(properties.grace().compareTo(COLLECTOR_LEASE.plus(interval)) >= 0, "grace", properties.grace(),
				("It is too short to collect an expired session if the node that runs the collector dies: "
						+ "it must be at least the lease of %s and 'app.session.redis.collector.interval' (%s) together. "
						+ "Raise the grace or lower the interval.")
					.formatted(COLLECTOR_LEASE, interval));
	}

	private static void checkLock(RedisSessionConnectionProperties connection, RedisSessionProperties properties) {
		Lock lock = properties.lock();
		for (String method : lock.methods()) {
			require(method.matches("[A-Za-z]+"), "lock.methods", method, "HTTP has no such method.");
		}
		if (!lock.enabled()) {
			return;
		}
		require(lock.lease().compareTo(connection.commandTimeout().multipliedBy(2)) >= 0, "lock.lease", lock.lease(),
				("A lock could expire before it is renewed: its lease must be at least twice "
						+ "'app.session.redis.command-timeout' (%s). Raise the former or lower the latter.")
					.formatted(connection.commandTimeout()));
		require(!connection.pool().enabled() || connection.pool().maxTotal() != 1, "pool.max-total",
				connection.pool().maxTotal(),
				"With 'app.session.redis.lock.enabled' a node subscribes to messages of other nodes over up to two "
						+ "connections of a pool of this size. Set it to at least 2, or 'app.session.redis.pool.enabled' "
						+ "to false.");
		require(properties.repositoryType() == RepositoryType.ATOMIC, "lock.enabled", true,
				"Only the repository of 'app.session.redis.repository-type=atomic' supports locks, but that property is "
						+ "'%s'. Remove one of the two.".formatted(properties.repositoryType()));
	}

	private static void checkCookie(Cookie cookie) {
		if (Boolean.FALSE.equals(cookie.secure())) {
			require(cookie.sameSite() != SameSite.NONE, "cookie.secure", false,
					"Browsers reject such a cookie when 'app.session.redis.cookie.same-site' is 'none'. Remove one of the two.");
			require(!Boolean.TRUE.equals(cookie.partitioned()), "cookie.secure", false,
					"Browsers reject such a cookie when 'app.session.redis.cookie.partitioned' is true. Remove one of the two.");
		}
	}

	private static void require(boolean condition, String name, Object value, String reason) {
		if (!condition) {
			throw new InvalidConfigurationPropertyValueException("app.session.redis." + name, value, reason);
		}
	}

}
