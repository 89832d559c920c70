package app.session.redis.autoconfigure;

import java.util.List;

import app.session.redis.autoconfigure.connection.BackoffDelay;
import app.session.redis.autoconfigure.connection.CommandLatency;
import app.session.redis.autoconfigure.connection.ConnectionPipeline;
import app.session.redis.autoconfigure.connection.ConnectionTarget;
import app.session.redis.autoconfigure.connection.DataRedisSettingsNotice;
import app.session.redis.autoconfigure.connection.DataRedisTarget;
import app.session.redis.autoconfigure.connection.LettuceClientFactory;
import app.session.redis.autoconfigure.connection.OnSessionClientCondition;
import app.session.redis.autoconfigure.connection.RedisSessionConnectionDetails;
import app.session.redis.autoconfigure.connection.SessionAddress;
import app.session.redis.autoconfigure.connection.SessionConnectionFactories;
import app.session.redis.autoconfigure.properties.RedisSessionConfigurationException;
import app.session.redis.autoconfigure.properties.RedisSessionConnectionProperties;
import app.session.redis.autoconfigure.properties.RedisSessionProperties;
import app.session.redis.autoconfigure.startup.RedisSessionConnection;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.data.redis.autoconfigure.ClientResourcesBuilderCustomizer;
import org.springframework.boot.data.redis.autoconfigure.DataRedisConnectionDetails;
import org.springframework.boot.data.redis.autoconfigure.LettuceClientOptionsBuilderCustomizer;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.thread.Threading;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.session.data.redis.config.annotation.SpringSessionRedisConnectionFactory;

/**
 * Configuration of the connection to the Redis that keeps the sessions.
 */
@Configuration(proxyBeanMethods = false)
class RedisSessionConnectionConfiguration {

	static final String CONNECTION_FACTORY = "redisSessionConnectionFactory";

	@Bean
	RedisSessionConnection redisSessionConnection(RedisSessionConnectionProperties connection,
			RedisSessionProperties properties,
			@SpringSessionRedisConnectionFactory ObjectProvider<RedisConnectionFactory> forSessions,
			ObjectProvider<RedisConnectionFactory> forAll, ConfigurableListableBeanFactory beanFactory) {
		RedisSessionPropertiesCheck.check(connection, properties);
		boolean ofApplication = !beanFactory.containsBean(CONNECTION_FACTORY);
		RedisConnectionFactory connectionFactory = forSessions.getIfAvailable(() -> only(forAll, beanFactory));
		boolean details = !ofApplication && BeanFactoryUtils.beanNamesForTypeIncludingAncestors(beanFactory,
				RedisSessionConnectionDetails.class, true, false).length > 0;
		return new RedisSessionConnection(connectionFactory, ofApplication, details, connection, properties);
	}

	private static RedisConnectionFactory only(ObjectProvider<RedisConnectionFactory> connectionFactories,
			ConfigurableListableBeanFactory beanFactory) {
		RedisConnectionFactory connectionFactory = connectionFactories.getIfUnique();
		if (connectionFactory == null) {
			List<String> names = new SessionConnectionFactories(beanFactory).applicationOwn();
			throw new RedisSessionConfigurationException(
					"Sessions need a single RedisConnectionFactory bean, but there are several: "
							+ String.join(", ", names) + ".",
					"Qualify one of them with @SpringSessionRedisConnectionFactory, make one of them @Primary, "
							+ "or set 'app.session.redis.host' or 'app.session.redis.url'.");
		}
		return connectionFactory;
	}

	/**
	 * Configuration of the starter's own client. Its beans are not default candidates, so
	 * that they are not injected where Spring Boot or the application expects the
	 * application's own connection.
	 */
	@Configuration(proxyBeanMethods = false)
	@Conditional(OnSessionClientCondition.class)
	static class ClientConfiguration {

		@Bean(defaultCandidate = false, destroyMethod = "shutdown")
		DefaultClientResources redisSessionClientResources(RedisSessionConnectionProperties connection,
				RedisSessionProperties properties, ObjectProvider<ClientResourcesBuilderCustomizer> customizers,
				ListableBeanFactory beanFactory) {
			RedisSessionPropertiesCheck.check(connection, properties);
			DefaultClientResources.Builder builder = DefaultClientResources.builder()
				.nettyCustomizer(new ConnectionPipeline(connection.commandTimeout()));
			customizers.orderedStream().forEach((customizer) -> customizer.customize(builder));
			CommandLatency.configure(builder, properties, beanFactory);
			return builder.reconnectDelay(() -> new BackoffDelay(connection.backoff())).build();
		}

		@Bean(defaultCandidate = false)
		@SpringSessionRedisConnectionFactory
		LettuceConnectionFactory redisSessionConnectionFactory(RedisSessionConnectionProperties properties,
				@Qualifier("redisSessionClientResources") ClientResources resources,
				ObjectProvider<RedisSessionConnectionDetails> connectionDetails,
				ObjectProvider<DataRedisConnectionDetails> dataRedisConnectionDetails,
				ObjectProvider<RedisConfiguration> configurations, ObjectProvider<SslBundles> sslBundles,
				ObjectProvider<LettuceClientOptionsBuilderCustomizer> customizers, Environment environment) {
			RedisSessionConnectionDetails details = connectionDetails.getIfAvailable();
			ConnectionTarget target;
			if (details != null) {
				target = target(details);
			}
			else if (SessionAddress.isNamedBy(properties)) {
				target = ConnectionTarget.of(properties, sslBundles.getIfAvailable());
			}
			else {
				target = new DataRedisTarget(properties, dataRedisConnectionDetails, configurations,
						sslBundles.getIfAvailable())
					.get();
			}
			LettuceConnectionFactory connectionFactory = new LettuceClientFactory(properties, resources,
					environment.getProperty("spring.application.name"), customizers.orderedStream().toList())
				.connectionFactory(target);
			if (Threading.VIRTUAL.isActive(environment)) {
				SimpleAsyncTaskExecutor executor = new SimpleAsyncTaskExecutor("redis-session-");
				executor.setVirtualThreads(true);
				connectionFactory.setExecutor(executor);
			}
			return connectionFactory;
		}

		@Bean
		DataRedisSettingsNotice dataRedisSettingsNotice(RedisSessionConnectionProperties properties,
				ObjectProvider<RedisSessionConnectionDetails> connectionDetails, Environment environment,
				ConfigurableListableBeanFactory beanFactory) {
			boolean shared = connectionDetails.getIfAvailable() == null && !SessionAddress.isNamedBy(properties);
			return new DataRedisSettingsNotice(shared, environment, beanFactory);
		}

		private static ConnectionTarget target(RedisSessionConnectionDetails details) {
			SslBundle bundle = details.getSslBundle();
			return new ConnectionTarget(details.getConfiguration(), (bundle != null) ? () -> {
				SslBundle current = details.getSslBundle();
				return (current != null) ? current : bundle;
			} : null);
		}

	}

}
