package app.session.redis.autoconfigure.startup;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

import app.session.redis.autoconfigure.connection.HostAndPort;
import app.session.redis.autoconfigure.connection.ReplicatedConnectionFactory;
import app.session.redis.autoconfigure.connection.SessionAddress;
import app.session.redis.autoconfigure.properties.PropertyNames;
import app.session.redis.autoconfigure.properties.RedisSessionConfigurationException;
import app.session.redis.autoconfigure.properties.RedisSessionConnectionProperties;
import app.session.redis.autoconfigure.properties.RedisSessionConnectionProperties.Startup;
import app.session.redis.autoconfigure.properties.RedisSessionProperties;
import app.session.redis.autoconfigure.properties.RedisSessionProperties.RepositoryType;
import app.session.redis.operations.ServerCheck;
import app.session.redis.operations.ServerCheck.Requirements;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.RedisSentinelConfiguration;
import org.springframework.data.redis.connection.RedisSocketConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

/**
 * The connection over which sessions are kept, whether the application or this starter
 * defines it. The connection to Redis is checked before any other bean can use it.
 */
public final class RedisSessionConnection implements InitializingBean, DisposableBean {

	private static final Log logger = LogFactory.getLog(RedisSessionConnection.class);

	private final RedisConnectionFactory connectionFactory;

	/** The same factory, or null if it isn't a Lettuce connection factory. */
	private final @Nullable LettuceConnectionFactory lettuce;

	private final boolean ofApplication;

	private final boolean details;

	private final RedisSessionConnectionProperties connection;

	private final RedisSessionProperties properties;

	private final @Nullable ServerCheck serverCheck;

	/**
	 * Creates the connection.
	 * @param connectionFactory the connection factory
	 * @param ofApplication whether the application defines the connection factory
	 * @param details whether connection details for the sessions name the server
	 * @param connection the properties of the connection
	 * @param properties the properties of the application
	 */
	public RedisSessionConnection(RedisConnectionFactory connectionFactory, boolean ofApplication, boolean details,
			RedisSessionConnectionProperties connection, RedisSessionProperties properties) {
		this.connectionFactory = connectionFactory;
		this.lettuce = (connectionFactory instanceof LettuceConnectionFactory lettuce) ? lettuce : null;
		this.ofApplication = ofApplication;
		this.details = details;
		this.connection = connection;
		this.properties = properties;
		this.serverCheck = (this.lettuce != null) ? serverCheck() : null;
	}

	private ServerCheck serverCheck() {
		return new ServerCheck(this.connectionFactory, this.properties.namespace(), this.connection.commandTimeout(),
				new Requirements(this.properties.confirmReplicas(), this.properties.lock().enabled(),
						this.properties.publishesChanges(), isDedicated()),
				Clock.systemUTC(), PropertyNames.INSTANCE);
	}

	@Override
	public void afterPropertiesSet() {
		if (this.ofApplication) {
			warnAboutShortcomings();
			warnAboutProperties();
		}
		try {
			checkServers();
		}
		catch (RuntimeException ex) {
			destroy();
			throw ex;
		}
	}

	private void checkServers() {
		new StartupCheck(this.connectionFactory, server(), this.connection, this.properties).run();
		if (this.serverCheck != null && this.connection.startup() != Startup.LAZY
				&& this.properties.repositoryType() == RepositoryType.ATOMIC) {
			new ServerCheckAtStart(this.serverCheck, this.connection.serverCheck()).run();
		}
	}

	@Override
	public void destroy() {
		if (this.serverCheck != null) {
			this.serverCheck.close();
		}
	}

	/**
	 * Returns the check for server settings that put sessions at risk, or null if the
	 * connection doesn't use Lettuce.
	 * @return the check for server settings that put sessions at risk, or null if the
	 * connection doesn't use Lettuce
	 */
	public @Nullable ServerCheck getServerCheck() {
		return this.serverCheck;
	}

	/**
	 * Returns whether a server or a database is configured for the sessions. Otherwise,
	 * they share the application's own Redis with its other keys.
	 */
	private boolean isDedicated() {
		return this.details || (!this.ofApplication
				&& (SessionAddress.isNamedBy(this.connection) || this.connection.database() != null));
	}

	/**
	 * Returns the connection factory.
	 * @return the connection factory
	 */
	public RedisConnectionFactory getConnectionFactory() {
		return this.connectionFactory;
	}

	/**
	 * Returns the connection factory as a Lettuce connection factory.
	 * @return the connection factory as a Lettuce connection factory
	 * @throws RedisSessionConfigurationException if it is of another type
	 */
	public LettuceConnectionFactory requireLettuce() {
		if (this.lettuce == null) {
			throw new RedisSessionConfigurationException(
					"The session repository requires a LettuceConnectionFactory, but the application's "
							+ "RedisConnectionFactory bean is a "
							+ ClassUtils.getShortName(this.connectionFactory.getClass()) + ".",
					"Set 'app.session.redis.host' or 'app.session.redis.url' to configure a separate "
							+ "connection for sessions.");
		}
		return this.lettuce;
	}

	private void warnAboutShortcomings() {
		List<String> shortcomings = shortcomings();
		if (!shortcomings.isEmpty()) {
			logger
				.warn("Sessions use the application's connection factory as it is configured, but " + join(shortcomings)
						+ ". For a client that is configured for sessions, set 'app.session.redis.host' or "
						+ "'app.session.redis.url'.");
		}
	}

	private List<String> shortcomings() {
		List<String> shortcomings = new ArrayList<>();
		LettuceConnectionFactory lettuce = this.lettuce;
		if (lettuce != null) {
			ClientOptions options = lettuce.getClientConfiguration()
				.getClientOptions()
				.orElseGet(ClientOptions::create);
			if (lettuce.getClientConfiguration().getCommandTimeout().compareTo(this.connection.commandTimeout()) > 0) {
				shortcomings
					.add("its commands time out after %s, which is longer than 'app.session.redis.command-timeout' (%s)"
						.formatted(lettuce.getClientConfiguration().getCommandTimeout(),
								this.connection.commandTimeout()));
			}
			if (options.getDisconnectedBehavior() != DisconnectedBehavior.REJECT_COMMANDS
					&& options.isAutoReconnect()) {
				shortcomings.add("it queues commands while it is disconnected");
			}
			if (options.getRequestQueueSize() == ClientOptions.DEFAULT_REQUEST_QUEUE_SIZE) {
				shortcomings.add("its command queue is unbounded");
			}
			if (options.getReplayFilter() == ClientOptions.DEFAULT_REPLAY_FILTER && options.isAutoReconnect()) {
				shortcomings.add("it resends commands that Redis may already have applied");
			}
			if (lettuce.getPassword() != null
					&& lettuce.getClientConfiguration().getRedisCredentialsProviderFactory().isEmpty()) {
				shortcomings.add("it connects on the common pool of the JVM, where tasks of the application can delay "
						+ "it, because its password has no ImmediateRedisCredentialsProvider");
			}
		}
		return shortcomings;
	}

	private void warnAboutProperties() {
		List<String> unused = new ArrayList<>();
		addIfSet(unused, "url", this.connection.url());
		addIfSet(unused, "hosts", this.connection.hosts());
		addIfSet(unused, "host", this.connection.host());
		addIfSet(unused, "port", this.connection.port());
		addIfSet(unused, "socket", this.connection.socket());
		addIfSet(unused, "mode", this.connection.mode());
		addIfSet(unused, "sentinel.master", this.connection.sentinel().master());
		addIfSet(unused, "sentinel.username", this.connection.sentinel().username());
		addIfSet(unused, "sentinel.password", this.connection.sentinel().password());
		addIfSet(unused, "username", this.connection.username());
		addIfSet(unused, "password", this.connection.password());
		addIfSet(unused, "database", this.connection.database());
		addIfSet(unused, "client-name", this.connection.clientName());
		addIfSet(unused, "ssl.enabled", this.connection.ssl().enabled());
		addIfSet(unused, "ssl.bundle", this.connection.ssl().bundle());
		addIfSet(unused, "ssl.host", this.connection.ssl().host());
		addIfSet(unused, "metrics.command-latency", this.properties.metrics().commandLatency() ? true : null);
		if (!unused.isEmpty()) {
			logger.warn("Sessions use the application's connection factory, to which " + join(unused)
					+ ((unused.size() == 1) ? " does" : " do") + " not apply. Remove one or the other.");
		}
	}

	private static void addIfSet(List<String> names, String name, @Nullable Object value) {
		if (value != null) {
			names.add("'app.session.redis." + name + "'");
		}
	}

	private static String join(List<String> items) {
		return StringUtils.collectionToDelimitedString(items, ", ");
	}

	private String server() {
		LettuceConnectionFactory lettuce = this.lettuce;
		if (lettuce == null) {
			return "Redis (through " + ClassUtils.getShortName(this.connectionFactory.getClass()) + ")";
		}
		RedisClusterConfiguration cluster = lettuce.getClusterConfiguration();
		if (cluster != null) {
			return "the Redis Cluster of " + nodes(cluster.getClusterNodes());
		}
		RedisSentinelConfiguration sentinel = lettuce.getSentinelConfiguration();
		if (sentinel != null) {
			return "Redis with the sentinels " + nodes(sentinel.getSentinels());
		}
		RedisSocketConfiguration socket = lettuce.getSocketConfiguration();
		if (socket != null) {
			return "Redis at " + socket.getSocket();
		}
		if (lettuce instanceof ReplicatedConnectionFactory replicated) {
			return "Redis with a primary and replicas at " + nodes(replicated.nodes());
		}
		return "Redis at " + new HostAndPort(lettuce.getHostName(), lettuce.getPort());
	}

	private static String nodes(Iterable<?> nodes) {
		return StreamSupport.stream(nodes.spliterator(), false).map(String::valueOf).collect(Collectors.joining(", "));
	}

}
