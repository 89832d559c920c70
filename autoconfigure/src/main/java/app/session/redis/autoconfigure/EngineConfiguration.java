package app.session.redis.autoconfigure;

import java.util.List;

import app.session.redis.autoconfigure.connection.ReplicatedConnectionFactory;
import app.session.redis.autoconfigure.properties.PropertyNames;
import app.session.redis.autoconfigure.properties.RedisSessionConfigurationException;
import app.session.redis.autoconfigure.properties.RedisSessionConnectionProperties;
import app.session.redis.autoconfigure.properties.RedisSessionProperties;
import app.session.redis.autoconfigure.startup.RedisSessionConnection;
import app.session.redis.autoconfigure.values.AdvisedBeanConversion;
import app.session.redis.autoconfigure.values.EncryptionKeysFactory;
import app.session.redis.autoconfigure.values.IdleTimeout;
import app.session.redis.autoconfigure.values.ValueOptions;
import app.session.redis.client.BlockingCaller;
import app.session.redis.client.Caller;
import app.session.redis.engine.SessionEngine;
import app.session.redis.event.SessionEndListener;
import app.session.redis.event.SocketSessions;
import app.session.redis.settings.AttributeIndexResolver;
import app.session.redis.settings.SessionSettings;
import app.session.redis.settings.SessionSettingsBuilder;
import app.session.redis.settings.SessionSettingsCustomizer;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowSynchronizationStrategy;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.micrometer.observation.ObservationRegistry;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.session.autoconfigure.SessionTimeout;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.serializer.RedisSerializer;
import org.springframework.session.DelegatingIndexResolver;
import org.springframework.session.IndexResolver;
import org.springframework.session.Session;
import org.springframework.session.SessionIdGenerator;

/**
 * Configuration of the engine that keeps the sessions in Redis. It is shared by all APIs
 * through which the application uses sessions.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(name = "app.session.redis.repository-type", havingValue = "atomic", matchIfMissing = true)
class EngineConfiguration {

	@Bean
	SessionEngine redisSessionEngine(RedisSessionConnection connection,
			RedisSessionConnectionProperties connectionProperties, RedisSessionProperties properties,
			ObjectProvider<SessionTimeout> sessionTimeout, ObjectProvider<SessionIdGenerator> sessionIdGenerator,
			ObjectProvider<IndexResolver<Session>> indexResolvers,
			@Qualifier(ValueOptions.CONVENTION) ObjectProvider<RedisSerializer<Object>> serializer,
			ObjectProvider<SocketSessions> socketSessions, ObjectProvider<SessionEndListener> sessionEndListener,
			ObjectProvider<ObservationRegistry> observationRegistry,
			ObjectProvider<SessionSettingsCustomizer> settingsCustomizers, ObjectProvider<Caller> caller,
			ListableBeanFactory beanFactory) {
		RedisConnectionFactory connectionFactory = connection.requireLettuce();
		requireOneToWaitAt(connectionFactory, properties);
		SessionSettingsBuilder settings = settings(connectionProperties, properties)
			.idleTimeout(new IdleTimeout(properties, sessionTimeout).get())
			.attributeConversion(new AdvisedBeanConversion(beanFactory));
		if (connectionProperties.circuitBreaker().enabled()) {
			settings.circuitBreaker(circuitBreaker(connectionProperties.circuitBreaker()));
		}
		sessionIdGenerator.ifAvailable((generator) -> setSessionIdGenerator(settings, generator));
		new ValueOptions(properties, beanFactory).apply(settings, serializer.getIfAvailable());
		if (properties.metrics().enabled()) {
			observationRegistry.ifAvailable(settings::observationRegistry);
		}
		indexResolvers.stream()
			.filter(AttributeIndexResolver.class::isInstance)
			.map(AttributeIndexResolver.class::cast)
			.forEach(settings::addIndexResolver);
		List<IndexResolver<Session>> resolvers = indexResolvers.orderedStream()
			.filter((resolver) -> !(resolver instanceof AttributeIndexResolver))
			.toList();
		if (!resolvers.isEmpty()) {
			settings
				.indexResolver((resolvers.size() == 1) ? resolvers.get(0) : new DelegatingIndexResolver<>(resolvers));
		}
		settingsCustomizers.orderedStream().forEach((customizer) -> customizer.customize(settings));
		SessionSettings built = settings.build();
		SessionEngine engine = new SessionEngine(connectionFactory, built,
				caller.getIfAvailable(() -> new BlockingCaller(built.availability().commandTimeout())));
		socketSessions.ifAvailable(engine::setSocketSessions);
		sessionEndListener.ifAvailable(engine::setSessionEndListener);
		return engine;
	}

	/**
	 * Returns the settings that the properties define, without those that depend on
	 * beans.
	 */
	static SessionSettingsBuilder settings(RedisSessionConnectionProperties connection,
			RedisSessionProperties properties) {
		SessionSettingsBuilder settings = SessionSettings.builder()
			.optionNames(PropertyNames.INSTANCE)
			.commandTimeout(connection.commandTimeout())
			.encryptionKeys(EncryptionKeysFactory.keys(properties));
		properties.applyTo(settings);
		return settings;
	}

	private static void setSessionIdGenerator(SessionSettingsBuilder settings, SessionIdGenerator generator) {
		try {
			settings.idGenerator(generator);
		}
		catch (IllegalStateException ex) {
			throw new RedisSessionConfigurationException(ex.getMessage() + ".",
					"Correct the SessionIdGenerator bean, or remove it: without one, ids are random.");
		}
	}

	private static CircuitBreaker circuitBreaker(RedisSessionConnectionProperties.CircuitBreaker properties) {
		return CircuitBreaker.of("redisSession",
				CircuitBreakerConfig.custom()
					.failureRateThreshold(properties.failureRate())
					// Threads of the client and event loops record calls, and must not
					// wait for each other
					.slidingWindow(properties.slidingWindow(), properties.slidingWindow(),
							SlidingWindowType.COUNT_BASED, SlidingWindowSynchronizationStrategy.LOCK_FREE)
					.waitDurationInOpenState(properties.openFor())
					.permittedNumberOfCallsInHalfOpenState(properties.halfOpenCalls())
					.build());
	}

	private static void requireOneToWaitAt(RedisConnectionFactory connectionFactory,
			RedisSessionProperties properties) {
		if (properties.confirmReplicas() > 0 && connectionFactory instanceof ReplicatedConnectionFactory) {
			throw new RedisSessionConfigurationException(
					"The property 'app.session.redis.confirm-replicas' doesn't work where 'app.session.redis.hosts' or "
							+ "'spring.data.redis.masterreplica' names a primary and its replicas: the client can't wait "
							+ "at whichever of them is the primary.",
					"Name the primary alone in 'app.session.redis.hosts', or use Sentinel or Cluster.");
		}
	}

}
