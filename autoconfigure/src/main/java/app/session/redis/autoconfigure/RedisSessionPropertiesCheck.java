package app.session.redis.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

import app.session.redis.autoconfigure.connection.ConnectionTarget;
import app.session.redis.autoconfigure.connection.SessionAddress;
import app.session.redis.autoconfigure.properties.PropertyBounds;
import app.session.redis.autoconfigure.properties.RedisSessionConnectionProperties;
import app.session.redis.autoconfigure.properties.RedisSessionConnectionProperties.Backoff;
import app.session.redis.autoconfigure.properties.RedisSessionConnectionProperties.Pool;
import app.session.redis.autoconfigure.properties.RedisSessionConnectionProperties.Startup;
import app.session.redis.autoconfigure.properties.RedisSessionProperties;
import app.session.redis.autoconfigure.properties.RedisSessionProperties.Cookie;
import app.session.redis.autoconfigure.properties.RedisSessionProperties.Lock;
import app.session.redis.autoconfigure.properties.RedisSessionProperties.Metrics;
import app.session.redis.autoconfigure.properties.RedisSessionProperties.RepositoryType;
import app.session.redis.codec.CompressionAlgorithm;
import app.session.redis.codec.TypeCheck;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.web.server.Cookie.SameSite;
import org.springframework.util.ClassUtils;

/**
 * Checks the values of the properties and their dependencies on each other, before any
 * connection is opened. The options that the core knows are checked by its settings.
 * {@link SessionAddress} and {@link ConnectionTarget} check the address.
 */
public final class RedisSessionPropertiesCheck {

	private static final String AUTHORIZED_CLIENT = "org.springframework.security.oauth2.client.OAuth2AuthorizedClient";

	private RedisSessionPropertiesCheck() {
	}

	static void check(RedisSessionConnectionProperties connection, RedisSessionProperties properties) {
		PropertyBounds.check("app.session.redis", connection);
		PropertyBounds.check("app.session.redis", properties);
		checkConnection(connection);
		require(properties.bot().enabled() || properties.bot().pattern() == null, "bot.pattern",
				String.valueOf(properties.bot().pattern()),
				"It has no effect unless 'app.session.redis.bot.enabled' is true. Set that property or remove the pattern.");
		checkRepositoryType(properties);
		checkLock(connection, properties);
		Metrics metrics = properties.metrics();
		require(metrics.enabled() || !metrics.commandLatency(), "metrics.command-latency", true,
				"It has no effect if 'app.session.redis.metrics.enabled' is false. Remove one of the two.");
		checkCookie(properties.cookie());
		EngineConfiguration.settings(connection, properties).build();
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

	private static void checkRepositoryType(RedisSessionProperties properties) {
		requireUnset(properties, "encryption.enabled", properties.encryption().enabled(), false);
		requireUnset(properties, "compression.algorithm", properties.compression().algorithm(),
				CompressionAlgorithm.NONE);
		requireUnset(properties, "serializer", properties.serializer(), null);
		requireUnset(properties, "allowed-types", properties.allowedTypes(), List.of());
		requireUnset(properties, "type-check", properties.typeCheck(), TypeCheck.ENFORCE);
		requireUnset(properties, "read-forms", properties.readForms(), List.of());
		requireUnset(properties, "allowed-lambdas", properties.allowedLambdas(), List.of());
		requireUnset(properties, "limits.per-principal", properties.limits().perPrincipal(), 0);
		requireUnset(properties, "limits.total", properties.limits().total(), 0);
		requireUnset(properties, "lock.enabled", properties.lock().enabled(), false);
		requireUnset(properties, "client-binding.user-agent", properties.clientBinding().userAgent(), false);
		requireUnset(properties, "client-binding.ipv4-prefix", properties.clientBinding().ipv4Prefix(), 0);
		requireUnset(properties, "client-binding.ipv6-prefix", properties.clientBinding().ipv6Prefix(), 0);
		requireUnset(properties, "logout.clear-site-data", properties.logout().clearSiteData(), List.of());
	}

	private static void requireUnset(RedisSessionProperties properties, String name, @Nullable Object value,
			@Nullable Object unset) {
		require(properties.repositoryType() == RepositoryType.ATOMIC || Objects.equals(value, unset), name, value,
				("It has no effect on Spring Session's own repository, which 'app.session.redis.repository-type=%s' "
						+ "selects. Remove one of the two.")
					.formatted(properties.repositoryType().name().toLowerCase(Locale.ROOT)));
	}

	private static void checkLock(RedisSessionConnectionProperties connection, RedisSessionProperties properties) {
		Lock lock = properties.lock();
		for (String method : lock.methods()) {
			require(method.matches("[A-Za-z]+"), "lock.methods", method, "HTTP has no such method.");
		}
		if (!lock.enabled()) {
			require(!lock.tokenRefresh(), "lock.token-refresh", true,
					"It has no effect unless 'app.session.redis.lock.enabled' is true. Set that property, and "
							+ "'app.session.redis.lock.methods' to an empty list to lock sessions for token refreshes only.");
			return;
		}
		require(!lock.tokenRefresh() || ClassUtils.isPresent(AUTHORIZED_CLIENT, null), "lock.token-refresh", true,
				"Spring Security's OAuth2 client is not on the class path. Add 'spring-boot-starter-security-oauth2-client', "
						+ "or remove the property.");
		require(lock.lease().compareTo(connection.commandTimeout().multipliedBy(2)) >= 0, "lock.lease", lock.lease(),
				("A lock could expire before it is renewed: its lease must be at least twice "
						+ "'app.session.redis.command-timeout' (%s). Raise the former or lower the latter.")
					.formatted(connection.commandTimeout()));
		require(!connection.pool().enabled() || connection.pool().maxTotal() != 1, "pool.max-total",
				connection.pool().maxTotal(),
				"With 'app.session.redis.lock.enabled' a node subscribes to messages of other nodes over up to two "
						+ "connections of a pool of this size. Set it to at least 2, or 'app.session.redis.pool.enabled' "
						+ "to false.");
	}

	private static void checkCookie(Cookie cookie) {
		if (Boolean.FALSE.equals(cookie.secure())) {
			require(cookie.sameSite() != SameSite.NONE, "cookie.secure", false,
					"Browsers reject such a cookie when 'app.session.redis.cookie.same-site' is 'none'. Remove one of the two.");
			require(!Boolean.TRUE.equals(cookie.partitioned()), "cookie.secure", false,
					"Browsers reject such a cookie when 'app.session.redis.cookie.partitioned' is true. Remove one of the two.");
		}
	}

	private static void require(boolean condition, String name, @Nullable Object value, String reason) {
		if (!condition) {
			throw new InvalidConfigurationPropertyValueException("app.session.redis." + name, value, reason);
		}
	}

}
