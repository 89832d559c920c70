package app.session.redis.autoconfigure.connection;

import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

import app.session.redis.autoconfigure.connection.RedisSessionUrl.Scheme;
import app.session.redis.autoconfigure.properties.RedisSessionConnectionProperties;
import app.session.redis.autoconfigure.properties.RedisSessionConnectionProperties.Mode;
import app.session.redis.autoconfigure.properties.RedisSessionConnectionProperties.Sentinel;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.context.properties.source.MutuallyExclusiveConfigurationPropertiesException;
import org.springframework.util.CollectionUtils;
import org.springframework.util.StringUtils;

/**
 * The servers that the properties of the session connection name, in any of their forms.
 * Contradicting properties are rejected here.
 *
 * @param mode the kind of Redis installation
 * @param hosts the servers, sentinels or nodes; empty for a socket
 * @param socket the path of the socket, or null
 * @param username the username, or null
 * @param password the password, or null
 * @param database the database
 * @param sentinelMaster the name under which the sentinels monitor the primary
 * @param ssl whether the scheme of the URL requires encryption
 */
public record SessionAddress(Mode mode, List<HostAndPort> hosts, @Nullable String socket, @Nullable String username,
		@Nullable String password, int database, String sentinelMaster, boolean ssl) {

	static final String PREFIX = "app.session.redis.";

	private static final String DEFAULT_MASTER = "mymaster";

	/**
	 * Returns whether the properties name a server.
	 * @param properties the properties
	 * @return whether a URL, hosts, a host, a port or a socket is set
	 */
	public static boolean isNamedBy(RedisSessionConnectionProperties properties) {
		return isNamedBy(properties.url(), properties.hosts(), properties.host(), properties.port(),
				properties.socket());
	}

	/**
	 * Returns whether one of the values names a server. The port may be a placeholder.
	 */
	static boolean isNamedBy(@Nullable String url, @Nullable List<String> hosts, @Nullable String host,
			@Nullable Object port, @Nullable String socket) {
		return StringUtils.hasText(url) || !CollectionUtils.isEmpty(hosts) || StringUtils.hasText(host) || port != null
				|| StringUtils.hasText(socket);
	}

	/**
	 * Returns the address that the properties name.
	 * @param properties the properties, which name a server
	 * @return the address
	 */
	static SessionAddress of(RedisSessionConnectionProperties properties) {
		throwIfAddressedTwice(properties);
		RedisSessionUrl url = StringUtils.hasText(properties.url()) ? RedisSessionUrl.parse(properties.url()) : null;
		Mode mode = mode(properties, url);
		checkSentinel(properties, mode);
		int database = database(either("database", (url != null) ? url.database() : null, properties.database()));
		if (mode == Mode.CLUSTER && database != 0) {
			throw invalid("database", database, "It contradicts '" + PREFIX
					+ "mode=cluster': a Redis Cluster has the database 0 only. " + "Remove one of the two.");
		}
		String master = either("sentinel.master", (url != null) ? url.sentinelMaster() : null,
				properties.sentinel().master());
		return new SessionAddress(mode, (url != null) ? url.addresses() : hosts(properties, mode),
				(url != null) ? url.socket() : socket(properties),
				either("username", (url != null) ? url.username() : null, properties.username()),
				either("password", (url != null) ? url.password() : null, properties.password()), database,
				(master != null) ? master : DEFAULT_MASTER, url != null && url.scheme().isSsl());
	}

	/**
	 * Rejects properties that have no effect without an address.
	 * @param properties the properties, which name no server
	 */
	static void checkUnaddressed(RedisSessionConnectionProperties properties) {
		Sentinel sentinel = properties.sentinel();
		checkUnaddressed("sentinel.master", sentinel.master());
		checkUnaddressed("sentinel.username", sentinel.username());
		checkUnaddressed("sentinel.password", (sentinel.password() != null) ? "******" : null);
		checkUnaddressed("mode", properties.mode());
	}

	private static void checkUnaddressed(String name, @Nullable Object value) {
		if (value != null) {
			throw invalid(name, value,
					"It has no effect without an address. Set '" + PREFIX + "hosts' or '" + PREFIX
							+ "url', or remove it: without an address, sessions are stored in the Redis of "
							+ "'spring.data.redis', which has its own properties of this kind.");
		}
	}

	private static Mode mode(RedisSessionConnectionProperties properties, @Nullable RedisSessionUrl url) {
		Mode mode = properties.mode();
		Scheme scheme = (url != null) ? url.scheme() : null;
		if (mode == null) {
			boolean sentinel = (scheme != null) ? scheme.isSentinel() : isSentinelSet(properties);
			return sentinel ? Mode.SENTINEL : Mode.STANDALONE;
		}
		if (scheme != null && !fits(scheme, mode)) {
			throw contradictsMode(mode, "the scheme '" + scheme + "' of '" + PREFIX + "url'");
		}
		if (StringUtils.hasText(properties.socket()) && mode != Mode.STANDALONE) {
			throw contradictsMode(mode, "'" + PREFIX + "socket'");
		}
		return mode;
	}

	private static boolean fits(Scheme scheme, Mode mode) {
		return switch (mode) {
			case STANDALONE -> !scheme.isSentinel();
			case SENTINEL -> scheme.isSentinel();
			case CLUSTER -> !scheme.isSentinel() && scheme != Scheme.SOCKET;
		};
	}

	private static boolean isSentinelSet(RedisSessionConnectionProperties properties) {
		Sentinel sentinel = properties.sentinel();
		return sentinel.master() != null || sentinel.username() != null || sentinel.password() != null;
	}

	private static void checkSentinel(RedisSessionConnectionProperties properties, Mode mode) {
		if (mode != Mode.SENTINEL && isSentinelSet(properties)) {
			throw contradictsMode(mode, "'" + PREFIX + "sentinel'");
		}
		if (mode == Mode.SENTINEL && StringUtils.hasText(properties.socket())) {
			throw contradictsMode(mode, "'" + PREFIX + "socket'");
		}
	}

	private static InvalidConfigurationPropertyValueException contradictsMode(Mode mode, String other) {
		return invalid("mode", mode.name().toLowerCase(Locale.ROOT),
				"It contradicts " + other + ". Remove one of the two.");
	}

	private static List<HostAndPort> hosts(RedisSessionConnectionProperties properties, Mode mode) {
		if (StringUtils.hasText(properties.socket())) {
			return List.of();
		}
		int defaultPort = (mode == Mode.SENTINEL) ? HostAndPort.DEFAULT_SENTINEL_PORT : HostAndPort.DEFAULT_PORT;
		List<String> hosts = properties.hosts();
		if (CollectionUtils.isEmpty(hosts)) {
			String host = properties.host();
			Integer port = properties.port();
			if (port != null && !HostAndPort.isPort(port)) {
				throw invalid("port", port, "A port must be a number from 1 to 65535.");
			}
			return List.of(new HostAndPort(StringUtils.hasText(host) ? hostName(host.strip()) : "localhost",
					(port != null) ? port : defaultPort));
		}
		return hosts.stream().map((text) -> host(text, defaultPort)).toList();
	}

	private static String hostName(String host) {
		if (host.contains("://")) {
			throw invalid("host", "******", "It is a URL. Set '" + PREFIX + "url' instead.");
		}
		if (host.indexOf(',') != -1) {
			throw invalid("host", host, "It is a list. Set '" + PREFIX + "hosts' instead.");
		}
		boolean bracketed = host.startsWith("[") && host.endsWith("]");
		if (!bracketed && (host.indexOf(':') != -1)
				&& (host.startsWith("[") || host.indexOf(':') == host.lastIndexOf(':'))) {
			throw invalid("host", host, "It must be a host name or an address without a port. Set the port with '"
					+ PREFIX + "port', or both together with '" + PREFIX + "hosts'.");
		}
		return bracketed ? host.substring(1, host.length() - 1) : host;
	}

	private static HostAndPort host(String text, int defaultPort) {
		HostAndPort address = HostAndPort.parse(text.strip(), defaultPort);
		if (address == null) {
			throw invalid("hosts", text,
					"It is not of the form 'host' or 'host:port', with a port from 1 to 65535 and IPv6 "
							+ "addresses in brackets.");
		}
		return address;
	}

	private static @Nullable String socket(RedisSessionConnectionProperties properties) {
		String socket = properties.socket();
		if (!StringUtils.hasText(socket)) {
			return null;
		}
		if (!socket.startsWith("/")) {
			throw invalid("socket", socket, "It is not the absolute path of a Unix domain socket.");
		}
		return socket;
	}

	/**
	 * Returns the index of the database.
	 * @param database the index, or null
	 * @return the index, or 0 if it is null
	 */
	static int database(@Nullable Integer database) {
		if (database != null && database < 0) {
			throw invalid("database", database, "It must not be negative.");
		}
		return (database != null) ? database : 0;
	}

	private static void throwIfAddressedTwice(RedisSessionConnectionProperties properties) {
		String url = text(properties::url);
		String socket = text(properties::socket);
		List<String> hosts = CollectionUtils.isEmpty(properties.hosts()) ? null : properties.hosts();
		MutuallyExclusiveConfigurationPropertiesException.throwIfMultipleNonNullValuesIn((entries) -> {
			entries.put(PREFIX + "url", (url != null) ? "******" : null);
			entries.put(PREFIX + "hosts", hosts);
			entries.put(PREFIX + "host", text(properties::host));
			entries.put(PREFIX + "socket", socket);
		});
		MutuallyExclusiveConfigurationPropertiesException.throwIfMultipleNonNullValuesIn((entries) -> {
			entries.put(PREFIX + "url", (url != null) ? "******" : null);
			entries.put(PREFIX + "hosts", hosts);
			entries.put(PREFIX + "port", properties.port());
			entries.put(PREFIX + "socket", socket);
		});
	}

	private static @Nullable String text(Supplier<@Nullable String> property) {
		String text = property.get();
		return StringUtils.hasText(text) ? text : null;
	}

	private static <T> @Nullable T either(String name, @Nullable T inUrl, @Nullable T property) {
		MutuallyExclusiveConfigurationPropertiesException.throwIfMultipleNonNullValuesIn((entries) -> {
			entries.put(PREFIX + "url", (inUrl != null) ? "******" : null);
			entries.put(PREFIX + name, (property != null) ? "******" : null);
		});
		return (inUrl != null) ? inUrl : property;
	}

	static InvalidConfigurationPropertyValueException invalid(String name, Object value, String reason) {
		return new InvalidConfigurationPropertyValueException(PREFIX + name, value, reason);
	}

}
