package app.session.redis.autoconfigure;

import java.util.List;
import java.util.function.Supplier;

import app.session.redis.autoconfigure.RedisSessionProperties.Ssl;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.context.properties.source.MutuallyExclusiveConfigurationPropertiesException;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisPassword;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.util.CollectionUtils;
import org.springframework.util.StringUtils;

/**
 * Where the sessions are, and how to get in.
 *
 * @param configuration addresses and credentials
 * @param sslBundle the bundle of an encrypted connection, asked for each time that a
 * connection is made, so that a reloaded bundle serves new connections
 */
record ConnectionTarget(RedisConfiguration configuration, @Nullable Supplier<SslBundle> sslBundle) {

	private static final String PREFIX = "app.session.redis.";

	/**
	 * Tell whether properties of the session connection name a server.
	 * @param properties the properties
	 * @return whether they do
	 */
	static boolean isNamedBy(RedisSessionProperties properties) {
		return StringUtils.hasText(properties.getUrl()) || !CollectionUtils.isEmpty(properties.getHosts())
				|| StringUtils.hasText(properties.getHost()) || properties.getPort() != null;
	}

	/**
	 * Return the server that properties of the session connection name.
	 * @param properties the properties
	 * @param sslBundles the bundles, if there are any
	 * @return the target
	 */
	static ConnectionTarget of(RedisSessionProperties properties, @Nullable SslBundles sslBundles) {
		throwIfAddressedTwice(properties);
		String url = properties.getUrl();
		if (StringUtils.hasText(url)) {
			return ofUrl(RedisSessionUrl.parse(url), properties, sslBundles);
		}
		RedisStandaloneConfiguration configuration = standalone(address(properties));
		configuration.setUsername(properties.getUsername());
		configuration.setPassword(RedisPassword.of(properties.getPassword()));
		configuration.setDatabase(database(properties.getDatabase()));
		return new ConnectionTarget(configuration, sslBundle(properties.getSsl(), false, sslBundles));
	}

	private static ConnectionTarget ofUrl(RedisSessionUrl url, RedisSessionProperties properties,
			@Nullable SslBundles sslBundles) {
		throwIfBoth("username", url.username(), properties.getUsername());
		throwIfBoth("password", url.password(), properties.getPassword());
		throwIfBoth("database", url.database(), properties.getDatabase());
		RedisStandaloneConfiguration configuration = standalone(url.address());
		configuration.setUsername((url.username() != null) ? url.username() : properties.getUsername());
		configuration
			.setPassword(RedisPassword.of((url.password() != null) ? url.password() : properties.getPassword()));
		configuration.setDatabase(database((url.database() != null) ? url.database() : properties.getDatabase()));
		return new ConnectionTarget(configuration, sslBundle(properties.getSsl(), url.ssl(), sslBundles));
	}

	private static RedisStandaloneConfiguration standalone(HostAndPort address) {
		return new RedisStandaloneConfiguration(address.host(), address.port());
	}

	private static HostAndPort address(RedisSessionProperties properties) {
		List<String> hosts = properties.getHosts();
		if (CollectionUtils.isEmpty(hosts)) {
			String host = properties.getHost();
			Integer port = properties.getPort();
			if (port != null && !HostAndPort.isPort(port)) {
				throw invalid("port", port, "A port is a number from 1 to 65535.");
			}
			return new HostAndPort(StringUtils.hasText(host) ? host : "localhost",
					(port != null) ? port : HostAndPort.DEFAULT_PORT);
		}
		if (hosts.size() > 1) {
			throw invalid("hosts", String.join(",", hosts),
					"It names several servers. Replicas, Sentinel and Cluster come with a later version: "
							+ "name one server, or declare a LettuceConnectionFactory bean qualified with @SpringSessionRedisConnectionFactory.");
		}
		HostAndPort address = HostAndPort.parse(hosts.get(0).strip());
		if (address == null) {
			throw invalid("hosts", hosts.get(0),
					"It is not of the form 'host' or 'host:port', with a port from 1 to 65535 and IPv6 addresses in brackets.");
		}
		return address;
	}

	static int database(@Nullable Integer database) {
		if (database != null && database < 0) {
			throw invalid("database", database, "It must not be negative.");
		}
		return (database != null) ? database : 0;
	}

	static @Nullable Supplier<SslBundle> sslBundle(Ssl ssl, boolean sslUrl, @Nullable SslBundles sslBundles) {
		String name = StringUtils.hasText(ssl.getBundle()) ? ssl.getBundle() : null;
		if (Boolean.FALSE.equals(ssl.getEnabled()) && (sslUrl || name != null)) {
			throw invalid("ssl.enabled", false, "It contradicts '%s'. Remove one of the two."
				.formatted((name != null) ? PREFIX + "ssl.bundle" : "the scheme 'rediss' of " + PREFIX + "url"));
		}
		if (name == null) {
			return (sslUrl || Boolean.TRUE.equals(ssl.getEnabled())) ? SslBundle::systemDefault : null;
		}
		if (sslBundles == null) {
			throw invalid("ssl.bundle", name, "There are no SSL bundles.");
		}
		sslBundles.getBundle(name);
		return () -> sslBundles.getBundle(name);
	}

	private static void throwIfAddressedTwice(RedisSessionProperties properties) {
		String url = StringUtils.hasText(properties.getUrl()) ? "url" : null;
		List<String> hosts = CollectionUtils.isEmpty(properties.getHosts()) ? null : properties.getHosts();
		String host = StringUtils.hasText(properties.getHost()) ? properties.getHost() : null;
		MutuallyExclusiveConfigurationPropertiesException.throwIfMultipleNonNullValuesIn((entries) -> {
			entries.put(PREFIX + "url", url);
			entries.put(PREFIX + "hosts", hosts);
			entries.put(PREFIX + "host", host);
		});
		MutuallyExclusiveConfigurationPropertiesException.throwIfMultipleNonNullValuesIn((entries) -> {
			entries.put(PREFIX + "url", url);
			entries.put(PREFIX + "hosts", hosts);
			entries.put(PREFIX + "port", properties.getPort());
		});
	}

	private static void throwIfBoth(String name, @Nullable Object inUrl, @Nullable Object property) {
		MutuallyExclusiveConfigurationPropertiesException.throwIfMultipleNonNullValuesIn((entries) -> {
			entries.put(PREFIX + "url", (inUrl != null) ? "url" : null);
			entries.put(PREFIX + name, property);
		});
	}

	private static InvalidConfigurationPropertyValueException invalid(String name, Object value, String reason) {
		return new InvalidConfigurationPropertyValueException(PREFIX + name, value, reason);
	}

}
