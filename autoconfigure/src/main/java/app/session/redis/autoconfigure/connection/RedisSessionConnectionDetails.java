package app.session.redis.autoconfigure.connection;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.autoconfigure.service.connection.ConnectionDetails;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.session.data.redis.config.annotation.SpringSessionRedisConnectionFactory;

/**
 * Details required to connect to the Redis that keeps the sessions. A bean of this type
 * takes the place of the address, credentials and encryption that
 * {@code app.session.redis} and {@code spring.data.redis} name. It is no
 * {@code DataRedisConnectionDetails}, so that the application's own Redis stays where it
 * is. Only a connection factory that the application qualifies with
 * {@link SpringSessionRedisConnectionFactory} goes before it.
 */
public interface RedisSessionConnectionDetails extends ConnectionDetails {

	/**
	 * Return the addresses and the credentials: a standalone server, a primary with its
	 * replicas, a Unix domain socket, sentinels, or a cluster.
	 * @return the configuration
	 */
	RedisConfiguration getConfiguration();

	/**
	 * Return the SSL bundle to use. It is asked for each time that a connection is made.
	 * @return the bundle, or {@code null} for a connection that is not encrypted
	 */
	default @Nullable SslBundle getSslBundle() {
		return null;
	}

}
