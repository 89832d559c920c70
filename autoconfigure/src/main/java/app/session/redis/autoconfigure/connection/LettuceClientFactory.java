package app.session.redis.autoconfigure.connection;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

import app.session.redis.autoconfigure.properties.RedisSessionConfigurationException;
import app.session.redis.autoconfigure.properties.RedisSessionConnectionProperties;
import app.session.redis.autoconfigure.properties.RedisSessionConnectionProperties.Cluster;
import app.session.redis.autoconfigure.properties.RedisSessionConnectionProperties.Pool;
import app.session.redis.autoconfigure.properties.RedisSessionConnectionProperties.Ssl;
import app.session.redis.autoconfigure.properties.RedisSessionConnectionProperties.VerifyPeer;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.ReadFrom;
import io.lettuce.core.RedisException;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SocketOptions.KeepAliveOptions;
import io.lettuce.core.SocketOptions.TcpUserTimeoutOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.SslVerifyMode;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.protocol.RedisCommand;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.EpollProvider;
import io.lettuce.core.resource.IOUringProvider;
import io.lettuce.core.resource.KqueueProvider;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.handler.ssl.SslContextBuilder;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.data.redis.autoconfigure.LettuceClientOptionsBuilderCustomizer;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisSocketConfiguration;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.RedisStaticMasterReplicaConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration.LettuceClientConfigurationBuilder;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration.LettuceSslClientConfigurationBuilder;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettucePoolingClientConfiguration;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

/**
 * Creates the Lettuce client of the session connection. The client is suitable for use
 * within a request: commands complete or fail quickly, and no command is sent twice.
 */
public final class LettuceClientFactory {

	private static final Log logger = LogFactory.getLog(LettuceClientFactory.class);

	/**
	 * The maximum number of commands that wait for their reply. When Redis hangs,
	 * commands that have timed out remain in the queue, so this limits the memory that
	 * they use.
	 */
	static final int REQUEST_QUEUE_SIZE = 10_000;

	/**
	 * The time after which a connection is closed whose peer acknowledges no data, for
	 * example because the network is interrupted. By default, the operating system takes
	 * about 15 minutes.
	 */
	private static final Duration UNACKNOWLEDGED = Duration.ofSeconds(10);

	/**
	 * The minimum time between two adaptive refreshes of the cluster topology. Lettuce's
	 * default of 30 seconds is longer than a failover takes.
	 */
	private static final Duration ADAPTIVE_REFRESH_PAUSE = Duration.ofSeconds(1);

	private static final Duration SHUTDOWN_TIMEOUT = Duration.ofMillis(100);

	private final RedisSessionConnectionProperties properties;

	private final ClientResources resources;

	private final @Nullable String applicationName;

	private final List<LettuceClientOptionsBuilderCustomizer> customizers;

	/**
	 * Creates the factory.
	 * @param properties the properties of the application
	 * @param resources the resources of the client
	 * @param applicationName the name of the application, or null
	 * @param customizers option customizers, applied before the options that requests
	 * rely on, such as timeouts, reconnecting and topology refreshes, which they
	 * therefore can't change
	 */
	public LettuceClientFactory(RedisSessionConnectionProperties properties, ClientResources resources,
			@Nullable String applicationName, List<LettuceClientOptionsBuilderCustomizer> customizers) {
		this.properties = properties;
		this.resources = resources;
		this.applicationName = applicationName;
		this.customizers = customizers;
	}

	/**
	 * Creates a connection factory, which is not started.
	 * @param target where to connect to
	 * @return the connection factory
	 */
	public LettuceConnectionFactory connectionFactory(ConnectionTarget target) {
		ClientOptions options = options(target);
		LettuceClientConfigurationBuilder builder = builder().clientResources(resources(options))
			.clientOptions(options)
			.commandTimeout(this.properties.commandTimeout())
			.redisCredentialsProviderFactory(new ImmediateCredentialsFactory())
			.shutdownQuietPeriod(Duration.ZERO)
			.shutdownTimeout(SHUTDOWN_TIMEOUT);
		if (target.sslBundle() != null) {
			encrypt(builder.useSsl());
		}
		String clientName = clientName();
		if (StringUtils.hasText(clientName)) {
			builder.clientName(clientName);
		}
		readFrom().ifPresent(builder::readFrom);
		LettuceConnectionFactory connectionFactory = connectionFactory(target.configuration(), builder.build());
		connectionFactory.setShareNativeConnection(!this.properties.pool().enabled());
		return connectionFactory;
	}

	private LettuceClientConfigurationBuilder builder() {
		Pool pool = this.properties.pool();
		if (!pool.enabled()) {
			return LettuceClientConfiguration.builder();
		}
		if (!ClassUtils.isPresent("org.apache.commons.pool2.ObjectPool", null)) {
			throw new RedisSessionConfigurationException(
					"The property 'app.session.redis.pool.enabled' enables a connection pool, which requires "
							+ "commons-pool2, but that is not on the class path.",
					"Add the dependency org.apache.commons:commons-pool2, or remove the property: "
							+ "a single connection serves all threads and is faster.");
		}
		return PoolBuilder.of(pool);
	}

	private Optional<ReadFrom> readFrom() {
		String name = this.properties.readFrom();
		try {
			ReadFrom readFrom = ReadFrom.valueOf(name.replaceAll("[-_]", ""));
			return readFrom.equals(ReadFrom.UPSTREAM) ? Optional.empty() : Optional.of(readFrom);
		}
		catch (IllegalArgumentException ex) {
			throw SessionAddress.invalid("read-from", name,
					"It must be one of Lettuce's names: 'master', 'master-preferred', 'replica', 'replica-preferred', "
							+ "'lowest-latency', 'any', 'any-replica', 'subnet:...', 'regex:...'.");
		}
	}

	private static LettuceConnectionFactory connectionFactory(RedisConfiguration configuration,
			LettuceClientConfiguration client) {
		if (configuration instanceof RedisStandaloneConfiguration standalone) {
			return new LettuceConnectionFactory(standalone, client);
		}
		if (configuration instanceof RedisStaticMasterReplicaConfiguration replicated) {
			return new ReplicatedConnectionFactory(replicated, client);
		}
		if (configuration instanceof RedisSocketConfiguration socket) {
			if (!EpollProvider.isAvailable() && !KqueueProvider.isAvailable()) {
				throw new RedisSessionConfigurationException(
						"The property 'app.session.redis.socket' specifies a Unix domain socket, which "
								+ "requires Netty's native transport, but that is not available.",
						"Add the dependency io.netty:netty-transport-native-epoll with the classifier "
								+ "'linux-x86_64' or "
								+ "'linux-aarch_64' (on macOS io.netty:netty-transport-native-kqueue with "
								+ "'osx-x86_64' or 'osx-aarch_64') in the version that Spring Boot manages, "
								+ "or connect with 'app.session.redis.host'.");
			}
			return new LettuceConnectionFactory(socket, client);
		}
		return new LettuceConnectionFactory(configuration, client);
	}

	private void encrypt(LettuceSslClientConfigurationBuilder builder) {
		Ssl ssl = this.properties.ssl();
		builder.verifyPeer(SslVerifyMode.valueOf(ssl.verifyPeer().name()));
		if (ssl.startTls()) {
			builder.startTls();
		}
		if (ssl.verifyPeer() == VerifyPeer.NONE) {
			logger.warn("The certificate of the Redis server for sessions is not verified "
					+ "('app.session.redis.ssl.verify-peer' is 'none'): "
					+ "an attacker between this application and Redis can read and change sessions.");
		}
	}

	private ClientResources resources(ClientOptions options) {
		String host = this.properties.ssl().host();
		if (!StringUtils.hasText(host)) {
			return this.resources;
		}
		NettyCustomizer customizer = new TlsHost(this.resources.nettyCustomizer(), options.getSslOptions(),
				this.properties.ssl(), host);
		return this.resources.mutate().nettyCustomizer(customizer).build();
	}

	private ClientOptions options(ConnectionTarget target) {
		ClientOptions.Builder builder = RedisConfiguration.isClusterConfiguration(target.configuration())
				? ClusterClientOptions.builder() : ClientOptions.builder();
		this.customizers.forEach((customizer) -> customizer.customize(builder));
		if (builder instanceof ClusterClientOptions.Builder clusterBuilder) {
			configure(clusterBuilder);
		}
		builder.timeoutOptions(TimeoutOptions.enabled())
			.socketOptions(socketOptions())
			.autoReconnect(true)
			.disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS)
			.requestQueueSize(REQUEST_QUEUE_SIZE)
			.replayFilter(LettuceClientFactory::failRatherThanReplay)
			.pingBeforeActivateConnection(true);
		Supplier<SslBundle> sslBundle = target.sslBundle();
		if (sslBundle != null) {
			builder.sslOptions(sslOptions(sslBundle));
		}
		return builder.build();
	}

	// Deprecated in Lettuce 7, which enables the triggers by default; Lettuce 6 needs it
	@SuppressWarnings("deprecation")
	private void configure(ClusterClientOptions.Builder builder) {
		Cluster cluster = this.properties.cluster();
		builder.maxRedirects(cluster.maxRedirects())
			.topologyRefreshOptions(ClusterTopologyRefreshOptions.builder()
				.enableAllAdaptiveRefreshTriggers()
				.adaptiveRefreshTriggersTimeout(ADAPTIVE_REFRESH_PAUSE)
				.enablePeriodicRefresh(cluster.refreshPeriod())
				.build());
	}

	private SocketOptions socketOptions() {
		SocketOptions.Builder builder = SocketOptions.builder()
			.connectTimeout(this.properties.connectTimeout())
			.keepAlive(KeepAliveOptions.builder()
				.enable()
				.idle(Duration.ofSeconds(5))
				.interval(Duration.ofSeconds(5))
				.count(2)
				.build());
		// Without a native transport, Lettuce fails to connect with this option
		if (IOUringProvider.isAvailable() || EpollProvider.isAvailable()) {
			builder.tcpUserTimeout(TcpUserTimeoutOptions.builder().enable().tcpUserTimeout(UNACKNOWLEDGED).build());
		}
		return builder.build();
	}

	/**
	 * Fails a command instead of letting Lettuce replay it. If the connection is lost
	 * while a command is written, Lettuce would send the command again, although Redis
	 * may have applied it. Commands that this filter excludes from the replay would
	 * otherwise only fail at their timeout. (For a batch, Lettuce passes {@code null},
	 * and its commands time out.)
	 * @param command the command
	 * @return {@code true}, which excludes the command from the replay
	 */
	private static boolean failRatherThanReplay(@Nullable RedisCommand<?, ?, ?> command) {
		if (command != null) {
			command.completeExceptionally(
					new RedisException("The connection was lost; Redis may or may not have applied the command."));
		}
		return true;
	}

	/**
	 * Returns SSL options that use the current bundle for each connection. Lettuce
	 * creates an SSL context per connection and calls the consumer to complete it, so new
	 * connections use a bundle that was reloaded.
	 * @param sslBundle supplies the current bundle
	 * @return the options
	 */
	private static SslOptions sslOptions(Supplier<SslBundle> sslBundle) {
		return SslOptions.builder()
			.jdkSslProvider()
			.sslContext((context) -> configure(context, sslBundle.get()))
			.build();
	}

	private static void configure(SslContextBuilder context, SslBundle bundle) {
		context.keyManager(bundle.getManagers().getKeyManagerFactory())
			.trustManager(bundle.getManagers().getTrustManagerFactory());
		String[] protocols = bundle.getOptions().getEnabledProtocols();
		if (protocols != null) {
			context.protocols(protocols);
		}
		String[] ciphers = bundle.getOptions().getCiphers();
		if (ciphers != null) {
			context.ciphers(Set.of(ciphers));
		}
	}

	/**
	 * Returns the configured client name, or the application's name with invalid
	 * characters replaced. Redis rejects names with spaces or characters outside ASCII,
	 * which must not prevent the application from starting.
	 */
	private @Nullable String clientName() {
		if (this.properties.clientName() != null || this.applicationName == null) {
			return this.properties.clientName();
		}
		return this.applicationName.strip().replaceAll("[^!-~]+", "-");
	}

	/** A separate class, since commons-pool2 may be absent. */
	private static final class PoolBuilder {

		static LettuceClientConfigurationBuilder of(Pool pool) {
			GenericObjectPoolConfig<StatefulConnection<?, ?>> config = new GenericObjectPoolConfig<>();
			config.setMaxTotal(pool.maxTotal());
			config.setMaxIdle(pool.maxIdle());
			config.setMinIdle(pool.minIdle());
			config.setMaxWait(pool.maxWait());
			return LettucePoolingClientConfiguration.builder().poolConfig(config);
		}

	}

}
