package app.session.redis.autoconfigure.connection;

import java.util.List;
import java.util.function.Supplier;

import app.session.redis.autoconfigure.properties.RedisSessionConfigurationException;
import app.session.redis.autoconfigure.properties.RedisSessionConnectionProperties;
import app.session.redis.autoconfigure.properties.RedisSessionConnectionProperties.Ssl;
import app.session.redis.autoconfigure.properties.RedisSessionConnectionProperties.VerifyPeer;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisConfiguration.WithAuthentication;
import org.springframework.data.redis.connection.RedisConfiguration.WithDatabaseIndex;
import org.springframework.data.redis.connection.RedisNode;
import org.springframework.data.redis.connection.RedisPassword;
import org.springframework.data.redis.connection.RedisSentinelConfiguration;
import org.springframework.data.redis.connection.RedisSocketConfiguration;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.RedisStaticMasterReplicaConfiguration;
import org.springframework.util.StringUtils;

/**
 * The servers that keep the sessions, with their credentials and encryption.
 *
 * @param configuration addresses and credentials
 * @param sslBundle supplies the SSL bundle for each new connection, so that new
 * connections use a reloaded bundle; null for a connection that is not encrypted
 */
public record ConnectionTarget(RedisConfiguration configuration, @Nullable Supplier<SslBundle> sslBundle) {

	/**
	 * Returns the target that the properties of the session connection name.
	 * @param properties the properties
	 * @param sslBundles the SSL bundles, or null if there are none
	 * @return the target
	 */
	public static ConnectionTarget of(RedisSessionConnectionProperties properties, @Nullable SslBundles sslBundles) {
		SessionAddress address = SessionAddress.of(properties);
		RedisConfiguration configuration = configuration(address, properties);
		authenticate(configuration, address.username(), address.password(), address.database());
		Ssl ssl = properties.ssl();
		if (address.socket() != null && (Boolean.TRUE.equals(ssl.enabled()) || StringUtils.hasText(ssl.bundle()))) {
			throw SessionAddress.invalid("socket", address.socket(),
					"It contradicts '%sssl.%s': traffic through a Unix domain socket doesn't leave the machine and is not encrypted. Remove one of the two."
						.formatted(SessionAddress.PREFIX, StringUtils.hasText(ssl.bundle()) ? "bundle" : "enabled"));
		}
		return new ConnectionTarget(configuration, sslBundle(ssl, address.ssl(), sslBundles)).requireUseOf(ssl);
	}

	/**
	 * Requires that encryption options are set only if the connection is encrypted.
	 * @param ssl the encryption options
	 * @return this
	 */
	ConnectionTarget requireUseOf(Ssl ssl) {
		String option = StringUtils.hasText(ssl.host()) ? "ssl.host"
				: (ssl.verifyPeer() != VerifyPeer.FULL) ? "ssl.verify-peer" : ssl.startTls() ? "ssl.start-tls" : null;
		if (option != null && this.sslBundle == null) {
			throw new RedisSessionConfigurationException(
					"The property 'app.session.redis." + option
							+ "' is set, but the connection to Redis is not encrypted.",
					"Set 'app.session.redis.ssl.enabled' to true, set 'app.session.redis.ssl.bundle', or "
							+ "remove the property.");
		}
		return this;
	}

	private static RedisConfiguration configuration(SessionAddress address,
			RedisSessionConnectionProperties properties) {
		if (address.socket() != null) {
			return new RedisSocketConfiguration(address.socket());
		}
		return switch (address.mode()) {
			case STANDALONE -> standalone(address.hosts());
			case SENTINEL -> sentinel(address.sentinelMaster(), address.hosts(), properties.sentinel().username(),
					properties.sentinel().password());
			case CLUSTER -> cluster(address.hosts());
		};
	}

	private static RedisConfiguration standalone(List<HostAndPort> hosts) {
		return (hosts.size() == 1) ? new RedisStandaloneConfiguration(hosts.get(0).host(), hosts.get(0).port())
				: masterReplica(hosts);
	}

	static RedisConfiguration masterReplica(List<HostAndPort> hosts) {
		HostAndPort first = hosts.get(0);
		RedisStaticMasterReplicaConfiguration configuration = new RedisStaticMasterReplicaConfiguration(first.host(),
				first.port());
		hosts.stream().skip(1).forEach((host) -> configuration.addNode(host.host(), host.port()));
		return configuration;
	}

	static RedisConfiguration sentinel(String master, List<HostAndPort> hosts, @Nullable String username,
			@Nullable String password) {
		RedisSentinelConfiguration configuration = new RedisSentinelConfiguration();
		configuration.setMaster(master);
		configuration.setSentinels(nodes(hosts));
		configuration.setSentinelUsername(username);
		configuration.setSentinelPassword(RedisPassword.of(password));
		return configuration;
	}

	static RedisConfiguration cluster(List<HostAndPort> hosts) {
		RedisClusterConfiguration configuration = new RedisClusterConfiguration();
		configuration.setClusterNodes(nodes(hosts));
		return configuration;
	}

	private static List<RedisNode> nodes(List<HostAndPort> hosts) {
		return hosts.stream().map((host) -> new RedisNode(host.host(), host.port())).toList();
	}

	/**
	 * Sets credentials and a database on a configuration, except those that are null.
	 */
	static void authenticate(RedisConfiguration configuration, @Nullable String username, @Nullable String password,
			@Nullable Integer database) {
		if (configuration instanceof WithAuthentication authentication) {
			if (username != null) {
				authentication.setUsername(username);
			}
			if (password != null) {
				authentication.setPassword(RedisPassword.of(password));
			}
		}
		if (database != null && configuration instanceof WithDatabaseIndex withDatabase) {
			withDatabase.setDatabase(database);
		}
	}

	static @Nullable Supplier<SslBundle> sslBundle(Ssl ssl, boolean sslUrl, @Nullable SslBundles sslBundles) {
		String name = StringUtils.hasText(ssl.bundle()) ? ssl.bundle() : null;
		if (Boolean.FALSE.equals(ssl.enabled()) && (sslUrl || name != null)) {
			throw SessionAddress.invalid("ssl.enabled", false,
					"It contradicts '" + SessionAddress.PREFIX
							+ ((name != null) ? "ssl.bundle'" : "url', whose scheme requests encryption")
							+ ". Remove one of the two.");
		}
		if (name == null) {
			return (sslUrl || Boolean.TRUE.equals(ssl.enabled())) ? SslBundle::systemDefault : null;
		}
		if (sslBundles == null) {
			throw SessionAddress.invalid("ssl.bundle", name, "No SSL bundles are configured.");
		}
		sslBundles.getBundle(name);
		return () -> sslBundles.getBundle(name);
	}

}
