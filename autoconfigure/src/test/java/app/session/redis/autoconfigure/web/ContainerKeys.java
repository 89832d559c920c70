package app.session.redis.autoconfigure.web;

import java.util.List;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;

/**
 * Reads the keys of a Redis from outside the application.
 */
final class ContainerKeys {

	private ContainerKeys() {
	}

	static List<String> of(String host, int port) {
		RedisClient client = RedisClient.create(RedisURI.create(host, port));
		try (StatefulRedisConnection<String, String> connection = client.connect()) {
			return connection.sync().keys("*");
		}
		finally {
			client.shutdown();
		}
	}

}
