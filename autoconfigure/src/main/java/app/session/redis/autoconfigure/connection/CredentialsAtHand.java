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
 * Says who connects by Lettuce's {@link StaticCredentialsProvider}. After others, which
 * {@code RedisHandshake} waits for, it goes on in the common pool of the JVM: while the
 * application keeps that busy, which from Java 25 on takes one task where there are two
 * processors, no connection would be made, or made anew.
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

	private static RedisCredentialsProvider provider(@Nullable String username, RedisPassword password) {
		return StringUtils.hasText(username)
				// also who needs no password has to say who it is
				? new StaticCredentialsProvider(username, password.toOptional().orElse(new char[0]))
				: new StaticCredentialsProvider(null, password.toOptional().orElse(null));
	}

}
