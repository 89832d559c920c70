package app.session.redis.autoconfigure.connection;

import io.lettuce.core.RedisCredentialsProvider;
import io.lettuce.core.StaticCredentialsProvider;
import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisPassword;
import org.springframework.data.redis.connection.RedisSentinelConfiguration;
import org.springframework.data.redis.connection.lettuce.RedisCredentialsProviderFactory;
import org.springframework.util.StringUtils;

/**
 * Provides credentials through Lettuce's {@link StaticCredentialsProvider}.
 * {@code RedisHandshake} waits for other providers and then continues in the common pool
 * of the JVM. While the application keeps that pool busy, which as of Java 25 takes a
 * single task on two processors, no connection could be established or restored.
 */
final class ImmediateCredentialsFactory implements RedisCredentialsProviderFactory {

	@Override
	public RedisCredentialsProvider createCredentialsProvider(RedisConfiguration configuration) {
		return (configuration instanceof RedisConfiguration.WithAuthentication with)
				? provider(with.getUsername(), with.getPassword()) : provider(null, RedisPassword.none());
	}

	@Override
	public RedisCredentialsProvider createSentinelCredentialsProvider(RedisSentinelConfiguration configuration) {
		return provider(configuration.getSentinelUsername(), configuration.getSentinelPassword());
	}

	private static RedisCredentialsProvider provider(@Nullable String username, RedisPassword password) {
		return StringUtils.hasText(username)
				// A user without a password also has to send its name
				? new StaticCredentialsProvider(username, password.toOptional().orElse(new char[0]))
				: new StaticCredentialsProvider(null, password.toOptional().orElse(null));
	}

}
