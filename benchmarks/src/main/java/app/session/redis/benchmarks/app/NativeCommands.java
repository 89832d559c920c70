package app.session.redis.benchmarks.app;

import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;

import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * Opens the shared connection on which the lower bound sends its commands.
 */
final class NativeCommands {

	private NativeCommands() {
	}

	@SuppressWarnings("unchecked")
	static RedisClusterAsyncCommands<byte[], byte[]> of(LettuceConnectionFactory connectionFactory) {
		RedisConnection connection = connectionFactory.getConnection();
		return (RedisClusterAsyncCommands<byte[], byte[]>) connection.getNativeConnection();
	}

}
