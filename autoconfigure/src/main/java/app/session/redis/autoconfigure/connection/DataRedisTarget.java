package app.session.redis.autoconfigure.connection;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

import app.session.redis.autoconfigure.properties.RedisSessionConfigurationException;
import app.session.redis.autoconfigure.properties.RedisSessionConnectionProperties;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.data.redis.autoconfigure.DataRedisConnectionDetails;
import org.springframework.boot.data.redis.autoconfigure.DataRedisConnectionDetails.Cluster;
import org.springframework.boot.data.redis.autoconfigure.DataRedisConnectionDetails.MasterReplica;
import org.springframework.boot.data.redis.autoconfigure.DataRedisConnectionDetails.Node;
import org.springframework.boot.data.redis.autoconfigure.DataRedisConnectionDetails.Sentinel;
import org.springframework.boot.data.redis.autoconfigure.DataRedisConnectionDetails.Standalone;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisSentinelConfiguration;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.RedisStaticMasterReplicaConfiguration;

/**
 * Determines the target from the addresses, credentials and TLS settings of the
 * application's own Redis. Properties of the session connection override the credentials,
 * the database and TLS.
 */
public final class DataRedisTarget {

	private final RedisSessionConnectionProperties properties;

	private final ObjectProvider<DataRedisConnectionDetails> connectionDetails;

	private final ObjectProvider<RedisConfiguration> configurations;

	private final @Nullable SslBundles sslBundles;

	/**
	 * Creates the target.
	 * @param properties the properties of the application
	 * @param connectionDetails the details of Spring Boot's connection
	 * @param configurations the application's configurations of Redis
	 * @param sslBundles the SSL bundles, or null
	 */
	public DataRedisTarget(RedisSessionConnectionProperties properties,
			ObjectProvider<DataRedisConnectionDetails> connectionDetails,
			ObjectProvider<RedisConfiguration> configurations, @Nullable SslBundles sslBundles) {
		this.properties = properties;
		this.connectionDetails = connectionDetails;
		this.configurations = configurations;
		this.sslBundles = sslBundles;
	}

	/**
	 * Returns the server of the application's own Redis.
	 * @return the server
	 */
	public ConnectionTarget get() {
		SessionAddress.checkUnaddressed(this.properties);
		DataRedisConnectionDetails details = this.connectionDetails.getIfAvailable();
		RedisConfiguration configuration = configurationBean();
		if (configuration == null) {
			configuration = overrideCredentials((details != null) ? configuration(details)
					: new RedisStandaloneConfiguration("localhost", HostAndPort.DEFAULT_PORT));
		}
		return new ConnectionTarget(configuration, sslBundle(details)).requireUseOf(this.properties.ssl());
	}

	// In Spring Boot's order
	private @Nullable RedisConfiguration configurationBean() {
		List<RedisConfiguration> beans = this.configurations.orderedStream().toList();
		return Stream
			.of(RedisSentinelConfiguration.class, RedisClusterConfiguration.class,
					RedisStaticMasterReplicaConfiguration.class, RedisStandaloneConfiguration.class)
			.flatMap((type) -> beans.stream().filter(type::isInstance))
			.findFirst()
			.orElse(null);
	}

	private static RedisConfiguration configuration(DataRedisConnectionDetails details) {
		Sentinel sentinel = details.getSentinel();
		Standalone standalone = details.getStandalone();
		RedisConfiguration configuration = servers(details, sentinel, standalone);
		Integer database = (sentinel != null) ? Integer.valueOf(sentinel.getDatabase())
				: (configuration instanceof RedisStandaloneConfiguration && standalone != null)
						? Integer.valueOf(standalone.getDatabase()) : null;
		ConnectionTarget.authenticate(configuration, details.getUsername(), details.getPassword(), database);
		return configuration;
	}

	private static RedisConfiguration servers(DataRedisConnectionDetails details, @Nullable Sentinel sentinel,
			@Nullable Standalone standalone) {
		if (sentinel != null) {
			return ConnectionTarget.sentinel(sentinel.getMaster(), hosts(sentinel.getNodes()), sentinel.getUsername(),
					sentinel.getPassword());
		}
		Cluster cluster = details.getCluster();
		if (cluster != null) {
			return ConnectionTarget.cluster(hosts(cluster.getNodes()));
		}
		MasterReplica masterReplica = details.getMasterReplica();
		if (masterReplica != null) {
			return ConnectionTarget.masterReplica(hosts(masterReplica.getNodes()));
		}
		if (standalone == null) {
			throw new RedisSessionConfigurationException(
					"Sessions are to be stored in the application's own Redis, but the "
							+ "DataRedisConnectionDetails bean has no address.",
					"Return an address from the bean, or specify the servers with the property "
							+ "'app.session.redis.hosts'.");
		}
		return new RedisStandaloneConfiguration(standalone.getHost(), standalone.getPort());
	}

	private RedisConfiguration overrideCredentials(RedisConfiguration configuration) {
		Integer database = this.properties.database();
		ConnectionTarget.authenticate(configuration, this.properties.username(), this.properties.password(),
				(database != null) ? SessionAddress.database(database) : null);
		return configuration;
	}

	private @Nullable Supplier<SslBundle> sslBundle(@Nullable DataRedisConnectionDetails details) {
		Supplier<SslBundle> own = ConnectionTarget.sslBundle(this.properties.ssl(), false, this.sslBundles);
		if (own != null || details == null) {
			return own;
		}
		SslBundle bundle = details.getSslBundle();
		return (bundle != null) ? () -> {
			SslBundle current = details.getSslBundle();
			return (current != null) ? current : bundle;
		} : null;
	}

	private static List<HostAndPort> hosts(List<Node> nodes) {
		return nodes.stream().map((node) -> new HostAndPort(node.host(), node.port())).toList();
	}

}
