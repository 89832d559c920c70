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
import org.springframework.data.redis.connection.RedisNode;
import org.springframework.data.redis.connection.RedisPassword;
import org.springframework.data.redis.connection.RedisSentinelConfiguration;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.RedisStaticMasterReplicaConfiguration;

/**
 * Takes the addresses, credentials and TLS of the application's own Redis, with what the
 * session connection's properties say in their place.
 */
public final class DataRedisTarget {

	private final RedisSessionConnectionProperties properties;

	private final ObjectProvider<DataRedisConnectionDetails> connectionDetails;

	private final ObjectProvider<RedisConfiguration> configurations;

	private final @Nullable SslBundles sslBundles;

	public DataRedisTarget(RedisSessionConnectionProperties properties,
			ObjectProvider<DataRedisConnectionDetails> connectionDetails,
			ObjectProvider<RedisConfiguration> configurations, @Nullable SslBundles sslBundles) {
		this.properties = properties;
		this.connectionDetails = connectionDetails;
		this.configurations = configurations;
		this.sslBundles = sslBundles;
	}

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

	// in Boot's order
	private @Nullable RedisConfiguration configurationBean() {
		List<RedisConfiguration> beans = this.configurations.orderedStream().toList();
		return Stream
			.of(RedisSentinelConfiguration.class, RedisClusterConfiguration.class,
					RedisStaticMasterReplicaConfiguration.class, RedisStandaloneConfiguration.class)
			.flatMap((type) -> beans.stream().filter(type::isInstance))
			.findFirst()
			.orElse(null);
	}

	private RedisConfiguration configuration(DataRedisConnectionDetails details) {
		String username = details.getUsername();
		RedisPassword password = RedisPassword.of(details.getPassword());
		Sentinel sentinel = details.getSentinel();
		if (sentinel != null) {
			RedisSentinelConfiguration configuration = new RedisSentinelConfiguration();
			configuration.master(sentinel.getMaster());
			configuration.setSentinels(nodes(sentinel.getNodes()));
			configuration.setSentinelUsername(sentinel.getUsername());
			configuration.setSentinelPassword(RedisPassword.of(sentinel.getPassword()));
			configuration.setUsername(username);
			configuration.setPassword(password);
			configuration.setDatabase(sentinel.getDatabase());
			return configuration;
		}
		Cluster cluster = details.getCluster();
		if (cluster != null) {
			RedisClusterConfiguration configuration = new RedisClusterConfiguration();
			configuration.setClusterNodes(nodes(cluster.getNodes()));
			configuration.setUsername(username);
			configuration.setPassword(password);
			return configuration;
		}
		MasterReplica masterReplica = details.getMasterReplica();
		if (masterReplica != null) {
			RedisStaticMasterReplicaConfiguration configuration = masterReplica(masterReplica.getNodes());
			configuration.setUsername(username);
			configuration.setPassword(password);
			return configuration;
		}
		Standalone standalone = details.getStandalone();
		if (standalone == null) {
			throw new RedisSessionConfigurationException(
					"Sessions are to be kept in the application's own Redis, but the DataRedisConnectionDetails bean has no address.",
					"Let the bean return one, or name the servers with the property 'app.session.redis.hosts'.");
		}
		RedisStandaloneConfiguration configuration = new RedisStandaloneConfiguration(standalone.getHost(),
				standalone.getPort());
		configuration.setUsername(username);
		configuration.setPassword(password);
		configuration.setDatabase(standalone.getDatabase());
		return configuration;
	}

	private static RedisStaticMasterReplicaConfiguration masterReplica(List<Node> nodes) {
		Node first = nodes.get(0);
		RedisStaticMasterReplicaConfiguration configuration = new RedisStaticMasterReplicaConfiguration(first.host(),
				first.port());
		nodes.stream().skip(1).forEach((node) -> configuration.addNode(node.host(), node.port()));
		return configuration;
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

	private static List<RedisNode> nodes(List<Node> nodes) {
		return nodes.stream().map((node) -> new RedisNode(node.host(), node.port())).toList();
	}

}
