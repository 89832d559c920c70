package app.session.redis.autoconfigure;

import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisCredentialsProvider;
import io.lettuce.core.RedisCredentialsProvider.ImmediateRedisCredentialsProvider;
import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisPassword;
import org.springframework.data.redis.connection.RedisSentinelConfiguration;
import org.springframework.data.redis.connection.lettuce.RedisCredentialsProviderFactory;
import org.springframework.util.StringUtils;

/**
 * Says who connects without having to be waited for. After any other provider Lettuce's
 * {@code RedisHandshake} goes on in the common pool of the JVM: while the application
 * keeps that busy, which from Java 25 on takes one task where there are two processors,
 * no connection would be made, or made anew.
 */
final class CredentialsAtHand implements RedisCredentialsProviderFactory {

	@Override
	public RedisCredentialsProvider createCredentialsProvider(RedisConfiguration configuration) {
		return (configuration instanceof RedisConfiguration.WithAuthentication with)
				? provider(with.getUsername(), with.getPassword()) : provider(null, RedisPassword.none());
	}

	@Override
	public RedisCredentialsProvider createSentinelCredentialsProvider(RedisSentinelConfiguration configuration) {
		return provider(configuration.getSentinelUsername(), configuration.getSentinelPassword());
	}

	private static ImmediateRedisCredentialsProvider provider(@Nullable String username, RedisPassword password) {
		char[] characters = password.toOptional().orElse(null);
		RedisCredentials credentials = (characters == null && !StringUtils.hasText(username))
				? AbsentRedisCredentials.ANONYMOUS
				: RedisCredentials.just(username, (characters != null) ? characters : new char[0]);
		return () -> credentials;
	}

}
