package app.session.redis.servlet;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

import app.session.redis.client.BlockingCaller;
import app.session.redis.client.Caller;
import app.session.redis.client.NonBlockingCaller;
import app.session.redis.client.NonBlockingThread;
import app.session.redis.engine.SessionEngine;
import app.session.redis.reactive.ReactiveCaller;
import app.session.redis.settings.SessionSettings;
import app.session.redis.settings.SessionSettingsBuilder;
import app.session.redis.test.RedisCluster;
import app.session.redis.test.RedisSentinel;
import app.session.redis.test.RedisServer;
import app.session.redis.test.TcpProxy;
import app.session.redis.test.TcpProxy.Direction;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.resource.ClientResources;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationEvent;
import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisSentinelConfiguration;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration.LettuceClientConfigurationBuilder;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettucePoolingClientConfiguration;
import org.springframework.session.FlushMode;

/**
 * Makes repositories, each a node of its own with its own connection, and closes them
 * all.
 */
public final class TestRepositories implements AutoCloseable {

	private final RedisConfiguration configuration;

	private final boolean cluster;

	private final @Nullable ClientResources resources;

	private final @Nullable GenericObjectPoolConfig<StatefulConnection<?, ?>> pool;

	private final List<Node> nodes = new CopyOnWriteArrayList<>();

	private boolean reactive;

	private @Nullable NonBlockingThread thread;

	private @Nullable TcpProxy proxy;

	private @Nullable MessageFaults messageFaults;

	private TestRepositories(RedisConfiguration configuration, boolean cluster, @Nullable ClientResources resources,
			@Nullable GenericObjectPoolConfig<StatefulConnection<?, ?>> pool) {
		this.configuration = configuration;
		this.cluster = cluster;
		this.resources = resources;
		this.pool = pool;
	}

	public static TestRepositories on(RedisServer server) {
		return on(server.host(), server.port());
	}

	public static TestRepositories on(String host, int port) {
		return new TestRepositories(new RedisStandaloneConfiguration(host, port), false, null, null);
	}

	/**
	 * Over a pool of a few connections for each node, which are lent in turn rather than
	 * the one that came back last.
	 */
	public static TestRepositories pooled(String host, int port) {
		GenericObjectPoolConfig<StatefulConnection<?, ?>> pool = new GenericObjectPoolConfig<>();
		pool.setMaxTotal(4);
		pool.setMaxIdle(4);
		pool.setLifo(false);
		pool.setMaxWait(Duration.ofSeconds(5));
		return new TestRepositories(new RedisStandaloneConfiguration(host, port), false, null, pool);
	}

	/**
	 * Over one connection for each node. Use cases start and continue on a thread that
	 * must not be blocked, and replies are late.
	 */
	public static TestRepositories nonBlocking(RedisServer server) {
		TcpProxy proxy = TcpProxy.to(server);
		return on(proxy.host(), proxy.port()).nonBlocking(proxy);
	}

	/** As {@link #nonBlocking(RedisServer)}, but over a pool for each node. */
	public static TestRepositories pooledNonBlocking(RedisServer server) {
		TcpProxy proxy = TcpProxy.to(server);
		return pooled(proxy.host(), proxy.port()).nonBlocking(proxy);
	}

	private TestRepositories nonBlocking(TcpProxy proxy) {
		this.thread = new NonBlockingThread();
		this.proxy = proxy;
		proxy.delay(Direction.TO_CLIENT, Duration.ofMillis(1));
		return this;
	}

	/** Through the reactive repository, whose publishers the repository waits for. */
	TestRepositories reactive() {
		this.reactive = true;
		return this;
	}

	/** With faults in the delivery of messages that nodes publish. */
	TestRepositories with(MessageFaults faults) {
		this.messageFaults = faults;
		return this;
	}

	public static TestRepositories on(RedisCluster cluster) {
		return new TestRepositories(new RedisClusterConfiguration(cluster.seeds()), true, null, null);
	}

	public static TestRepositories on(RedisSentinel sentinels) {
		RedisSentinelConfiguration configuration = new RedisSentinelConfiguration(sentinels.masterName(),
				new HashSet<>(sentinels.addresses()));
		return new TestRepositories(configuration, false, null, null);
	}

	/** Over connections that go where the resources of the client lead them. */
	public static TestRepositories on(RedisCluster cluster, ClientResources resources) {
		return new TestRepositories(new RedisClusterConfiguration(cluster.seeds()), true, resources, null);
	}

	/** A node that is started. */
	public Node node(Consumer<SessionSettingsBuilder> customizer) {
		return node(customizer, (engine) -> {
		});
	}

	/** A node that is started, with listeners of the test. */
	public Node node(Consumer<SessionSettingsBuilder> customizer, Consumer<SessionEngine> listeners) {
		Node node = unstarted(customizer, listeners);
		node.engine().start();
		return node;
	}

	/** A node whose collector does not run. */
	public Node unstarted(Consumer<SessionSettingsBuilder> customizer) {
		return unstarted(customizer, (engine) -> {
		});
	}

	/** A node whose collector does not run, with listeners of the test. */
	public Node unstarted(Consumer<SessionSettingsBuilder> customizer, Consumer<SessionEngine> listeners) {
		ClientOptions.Builder options = this.cluster ? ClusterClientOptions.builder() : ClientOptions.builder();
		ClientOptions clientOptions = options.disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS)
			.timeoutOptions(TimeoutOptions.enabled())
			.replayFilter((command) -> true)
			.build();
		LettuceClientConfigurationBuilder builder = (this.pool != null)
				? LettucePoolingClientConfiguration.builder().poolConfig(this.pool)
				: LettuceClientConfiguration.builder();
		LettuceClientConfigurationBuilder client = builder.commandTimeout(Duration.ofSeconds(2))
			.shutdownTimeout(Duration.ZERO)
			.clientOptions(clientOptions);
		if (this.resources != null) {
			client.clientResources(this.resources);
		}
		LettuceConnectionFactory factory = (this.messageFaults != null)
				? this.messageFaults.connectionFactory(this.configuration, client.build())
				: new LettuceConnectionFactory(this.configuration, client.build());
		factory.setShareNativeConnection(this.pool == null);
		factory.afterPropertiesSet();
		factory.start();
		List<ApplicationEvent> events = new CopyOnWriteArrayList<>();
		SessionSettingsBuilder settingsBuilder = SessionSettings.builder()
			.commandTimeout(Duration.ofSeconds(2))
			.collectorInterval(Duration.ofMillis(100))
			.allowedTypes(List.of("app.session.redis"));
		customizer.accept(settingsBuilder);
		SessionSettings settings = settingsBuilder.build();
		SessionEngine engine = new SessionEngine(factory, settings, caller(settings));
		engine.setApplicationEventPublisher((event) -> events.add((ApplicationEvent) event));
		engine.setBeanClassLoader(TestRepositories.class.getClassLoader());
		listeners.accept(engine);
		engine.afterPropertiesSet();
		AtomicRedisSessionRepository repository = repository(engine);
		Node node = new Node(engine, repository, factory, events);
		this.nodes.add(node);
		return node;
	}

	private Caller caller(SessionSettings settings) {
		Duration commandTimeout = settings.availability().commandTimeout();
		if (this.thread != null) {
			return new NonBlockingCaller(this.thread.executor(), commandTimeout);
		}
		return this.reactive ? new ReactiveCaller() : new BlockingCaller(commandTimeout);
	}

	private AtomicRedisSessionRepository repository(SessionEngine engine) {
		if (this.thread != null) {
			return new AtomicRedisSessionRepository(NonBlockingEngine.of(engine, this.thread));
		}
		AtomicRedisSessionRepository repository = new AtomicRedisSessionRepository(engine);
		return (this.reactive && engine.settings().saves().flushMode() != FlushMode.IMMEDIATE)
				? ReactiveFace.of(engine, repository) : repository;
	}

	/** The thread that must not be blocked, or null. */
	public @Nullable NonBlockingThread thread() {
		return this.thread;
	}

	/** The network that makes replies late, or null. */
	public @Nullable TcpProxy proxy() {
		return this.proxy;
	}

	@Override
	public void close() {
		this.nodes.forEach(Node::close);
		this.nodes.clear();
		try (TcpProxy closed = this.proxy; NonBlockingThread ended = this.thread) {
			if (ended != null) {
				ended.assertNothingBlocked();
			}
		}
	}

	/**
	 * A repository with what belongs to it.
	 */
	public record Node(SessionEngine engine, AtomicRedisSessionRepository repository,
			LettuceConnectionFactory connectionFactory, List<ApplicationEvent> events) {

		public <T extends ApplicationEvent> List<T> events(Class<T> type) {
			List<T> result = new ArrayList<>();
			this.events.stream().filter(type::isInstance).map(type::cast).forEach(result::add);
			return result;
		}

		void close() {
			this.engine.stop();
			this.connectionFactory.destroy();
		}

	}

}
