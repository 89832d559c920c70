package app.session.redis.autoconfigure.connection;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.autoconfigure.service.connection.ConnectionDetails;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.session.data.redis.config.annotation.SpringSessionRedisConnectionFactory;

/**
 * Details required to connect to the Redis that keeps the sessions. A bean of this type
 * overrides the address, credentials and encryption of {@code app.session.redis} and
 * {@code spring.data.redis}. It does not extend {@code DataRedisConnectionDetails}, so it
 * doesn't affect the application's own Redis. Only a connection factory that the
 * application qualifies with {@link SpringSessionRedisConnectionFactory} takes precedence
 * over it.
 */
public interface RedisSessionConnectionDetails extends ConnectionDetails {

	/**
	 * Returns the addresses and the credentials: a standalone server, a primary with its
	 * replicas, a Unix domain socket, sentinels, or a cluster.
	 * @return the configuration
	 */
	RedisConfiguration getConfiguration();

	/**
	 * Returns the SSL bundle to use. The method is called each time a connection is
	 * established.
	 * @return the bundle, or {@code null} for a connection that is not encrypted
	 */
	default @Nullable SslBundle getSslBundle() {
		return null;
	}

}
