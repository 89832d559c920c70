package app.session.redis.test;

import org.jspecify.annotations.Nullable;

/**
 * Redis servers that the tests of a JVM share. Each is started when it is first requested
 * and ends with the JVM. Tests must not close it, and must leave it running with its
 * initial configuration.
 */
public final class SharedRedis {

	private static @Nullable RedisServer standalone;

	private static @Nullable RedisCluster cluster;

	private SharedRedis() {
	}

	/**
	 * Returns the shared server.
	 * @return the server
	 */
	public static synchronized RedisServer standalone() {
		RedisServer server = standalone;
		if (server == null) {
			server = RedisServer.start();
			standalone = server;
		}
		return server;
	}

	/**
	 * Returns the shared cluster of three primaries.
	 * @return the cluster
	 */
	public static synchronized RedisCluster cluster() {
		RedisCluster started = cluster;
		if (started == null) {
			started = RedisCluster.start();
			cluster = started;
		}
		return started;
	}

}
