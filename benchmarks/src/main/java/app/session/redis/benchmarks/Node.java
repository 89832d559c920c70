package app.session.redis.benchmarks;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

import app.session.redis.benchmarks.app.BenchmarkApplication;
import app.session.redis.test.RedisCluster;
import app.session.redis.test.RedisServer;
import app.session.redis.test.TcpProxy;
import org.jspecify.annotations.Nullable;

/**
 * An application and the Redis that stores its sessions. Each application has its own
 * Redis, because some settings apply to a whole server: keyspace notifications, which
 * Spring Session's indexed repository enables, would slow down the other stores.
 */
final class Node implements AutoCloseable {

	private final Store store;

	private final List<RedisServer> servers;

	private final @Nullable TcpProxy proxy;

	private final AppProcess app;

	private final Runnable stop;

	private Node(Store store, List<RedisServer> servers, @Nullable TcpProxy proxy, AppProcess app, Runnable stop) {
		this.store = store;
		this.servers = servers;
		this.proxy = proxy;
		this.app = app;
		this.stop = stop;
	}

	static Node start(Store store) {
		return start(store, false, null);
	}

	/**
	 * Starts Redis and the application with this project's store and Actuator. Its
	 * collector is disabled, so that every command belongs to a request. @return the node
	 */
	static Node operated() {
		return start(Store.REDIS_SESSION, false, null, "--" + BenchmarkApplication.OPERATED + "=true",
				"--app.session.redis.collector.enabled=false", "--app.session.redis.indexes=tenant,plan",
				"--management.endpoints.web.exposure.include=*", "--management.endpoint.health.show-details=always");
	}

	/**
	 * Starts Redis and the application.
	 * @param store the store
	 * @param proxied whether the application connects through a proxy
	 * @param virtualJdk the JDK to run the application with on virtual threads, or null
	 * for the current JDK with platform threads
	 * @param more additional arguments
	 * @return the node
	 */
	static Node start(Store store, boolean proxied, @Nullable Path virtualJdk, String... more) {
		RedisServer redis = RedisServer.start();
		TcpProxy proxy = TcpProxy.to(redis);
		Runnable stop = () -> {
			proxy.close();
			redis.close();
		};
		try {
			return new Node(store, List.of(redis), proxy,
					AppProcess.start(store, proxied ? proxy.port() : redis.port(), virtualJdk, more), stop);
		}
		catch (RuntimeException ex) {
			stop.run();
			throw ex;
		}
	}

	/**
	 * Starts a cluster of three primaries and the application.
	 * @param store the store
	 * @return the node
	 */
	static Node onCluster(Store store) {
		RedisCluster cluster = RedisCluster.start();
		try {
			return new Node(store, cluster.nodes(), null, AppProcess.onCluster(store, cluster.seeds()), cluster::close);
		}
		catch (RuntimeException ex) {
			cluster.close();
			throw ex;
		}
	}

	/**
	 * Starts another application with the Redis of this one.
	 * @return the node, which doesn't stop Redis
	 */
	Node another() {
		return new Node(this.store, this.servers, null, AppProcess.start(this.store, redis().port(), null), () -> {
		});
	}

	Store store() {
		return this.store;
	}

	RedisServer redis() {
		return this.servers.get(0);
	}

	RedisStats stats() {
		return this.servers.stream().map(RedisStats::of).reduce(RedisStats::plus).orElseThrow();
	}

	TcpProxy proxy() {
		return Objects.requireNonNull(this.proxy, "On a cluster, there is no proxy");
	}

	AppProcess app() {
		return this.app;
	}

	int port() {
		return this.app.port();
	}

	@Override
	public void close() {
		this.app.close();
		this.stop.run();
	}

}
