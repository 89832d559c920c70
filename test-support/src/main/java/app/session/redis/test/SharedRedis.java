package app.session.redis.test;

import org.jspecify.annotations.Nullable;

/**
 * Redis that the tests of a JVM share. Each is started when it is first asked for and
 * ends with the JVM: tests do not close it, and leave it running and in its first
 * configuration.
 */
public final class SharedRedis {

	private static @Nullable RedisServer standalone;

	private static @Nullable RedisCluster cluster;

	private SharedRedis() {
	}

	/**
	 * Return the shared server.
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
	 * Return the shared cluster of three primaries.
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
