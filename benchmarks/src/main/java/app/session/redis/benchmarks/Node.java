package app.session.redis.benchmarks;

import java.nio.file.Path;

import app.session.redis.benchmarks.app.BenchmarkApplication;
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

	private final RedisServer redis;

	private final TcpProxy proxy;

	private final AppProcess app;

	private Node(Store store, RedisServer redis, TcpProxy proxy, AppProcess app) {
		this.store = store;
		this.redis = redis;
		this.proxy = proxy;
		this.app = app;
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
				"--app.session.redis.collector.enabled=false", "--management.endpoints.web.exposure.include=*",
				"--management.endpoint.health.show-details=always");
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
		try {
			return new Node(store, redis, proxy,
					AppProcess.start(store, proxied ? proxy.port() : redis.port(), virtualJdk, more));
		}
		catch (RuntimeException ex) {
			proxy.close();
			redis.close();
			throw ex;
		}
	}

	Store store() {
		return this.store;
	}

	RedisServer redis() {
		return this.redis;
	}

	RedisStats stats() {
		return RedisStats.of(this.redis);
	}

	TcpProxy proxy() {
		return this.proxy;
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
		this.proxy.close();
		this.redis.close();
	}

}
