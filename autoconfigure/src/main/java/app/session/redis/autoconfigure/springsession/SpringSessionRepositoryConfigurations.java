package app.session.redis.autoconfigure.springsession;

import app.session.redis.autoconfigure.properties.RedisSessionProperties;
import app.session.redis.autoconfigure.startup.RedisSessionConnection;
import app.session.redis.autoconfigure.values.IdleTimeout;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.session.autoconfigure.SessionTimeout;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.session.SaveMode;
import org.springframework.session.data.redis.config.annotation.web.http.AbstractRedisHttpSessionConfiguration;
import org.springframework.session.data.redis.config.annotation.web.http.RedisHttpSessionConfiguration;
import org.springframework.session.data.redis.config.annotation.web.http.RedisIndexedHttpSessionConfiguration;

/**
 * Configurations of Spring Session's own repositories.
 */
public final class SpringSessionRepositoryConfigurations {

	private SpringSessionRepositoryConfigurations() {
	}

	private static void configure(AbstractRedisHttpSessionConfiguration<?> configuration,
			RedisSessionProperties properties, ObjectProvider<SessionTimeout> sessionTimeout) {
		configuration.setMaxInactiveInterval(new IdleTimeout(properties, sessionTimeout).get());
		configuration.setRedisNamespace(properties.namespace());
		configuration.setFlushMode(properties.flushMode());
		configuration.setSaveMode(saveMode(properties));
	}

	/**
	 * Returns Spring Session's equivalent of a save mode. Spring Session doesn't detect
	 * changes in place, so {@code ON_CHANGE} becomes its default,
	 * {@code ON_SET_ATTRIBUTE}.
	 */
	private static SaveMode saveMode(RedisSessionProperties properties) {
		return switch (properties.saveMode()) {
			case ON_CHANGE, ON_SET_ATTRIBUTE -> SaveMode.ON_SET_ATTRIBUTE;
			case ON_GET_ATTRIBUTE -> SaveMode.ON_GET_ATTRIBUTE;
			case ALWAYS -> SaveMode.ALWAYS;
		};
	}

	/** Configures Spring Session's {@code RedisSessionRepository}. */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnProperty(name = "app.session.redis.repository-type", havingValue = "default")
	public static final class DefaultRepositoryConfiguration extends RedisHttpSessionConfiguration {

		private final RedisSessionConnection connection;

		DefaultRepositoryConfiguration(RedisSessionConnection connection, RedisSessionProperties properties,
				ObjectProvider<SessionTimeout> sessionTimeout) {
			this.connection = connection;
			configure(this, properties, sessionTimeout);
		}

		@Override
		protected RedisConnectionFactory getRedisConnectionFactory() {
			return this.connection.getConnectionFactory();
		}

	}

	/** Configures Spring Session's {@code RedisIndexedSessionRepository}. */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnProperty(name = "app.session.redis.repository-type", havingValue = "indexed")
	public static final class IndexedRepositoryConfiguration extends RedisIndexedHttpSessionConfiguration {

		private final RedisSessionConnection connection;

		IndexedRepositoryConfiguration(RedisSessionConnection connection, RedisSessionProperties properties,
				ObjectProvider<SessionTimeout> sessionTimeout) {
			this.connection = connection;
			configure(this, properties, sessionTimeout);
		}

		@Override
		protected RedisConnectionFactory getRedisConnectionFactory() {
			return this.connection.getConnectionFactory();
		}

	}

}
