package app.session.redis.autoconfigure;

import java.util.List;

import app.session.redis.autoconfigure.connection.ReplicatedConnectionFactory;
import app.session.redis.autoconfigure.properties.RedisSessionConfigurationException;
import app.session.redis.autoconfigure.properties.RedisSessionProperties;
import app.session.redis.autoconfigure.servlet.IdleTimeout;
import app.session.redis.autoconfigure.values.AdvisedBeanConversion;
import app.session.redis.autoconfigure.values.ValueSettings;
import app.session.redis.engine.SessionEngine;
import app.session.redis.event.SessionEndListener;
import app.session.redis.event.SocketSessions;
import app.session.redis.settings.LockSettings;
import app.session.redis.settings.SessionSettings;
import app.session.redis.settings.SessionSettingsCustomizer;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.micrometer.observation.ObservationRegistry;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.PropertyMapper;
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
 * The engine that keeps the sessions in Redis, whichever face the application uses.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(name = "app.session.redis.repository-type", havingValue = "atomic", matchIfMissing = true)
class EngineConfiguration {

	@Bean
	SessionEngine redisSessionEngine(RedisSessionConnection connection, RedisSessionProperties properties,
			ObjectProvider<SessionTimeout> sessionTimeout, ObjectProvider<SessionIdGenerator> sessionIdGenerator,
			ObjectProvider<IndexResolver<Session>> indexResolvers,
			@Qualifier(ValueSettings.CONVENTION) ObjectProvider<RedisSerializer<Object>> serializer,
			ObjectProvider<SocketSessions> socketSessions, ObjectProvider<SessionEndListener> sessionEndListener,
			ObjectProvider<ObservationRegistry> observationRegistry,
			ObjectProvider<SessionSettingsCustomizer> settingsCustomizers, ListableBeanFactory beanFactory) {
		RedisConnectionFactory connectionFactory = connection.requireLettuce();
		requireOneToWaitAt(connectionFactory, properties);
		SessionSettings settings = new SessionSettings();
		settings.setDefaultMaxInactiveInterval(new IdleTimeout(properties, sessionTimeout).get());
		applyProperties(settings, properties);
		sessionIdGenerator.ifAvailable((generator) -> setSessionIdGenerator(settings, generator));
		new ValueSettings(properties, beanFactory).apply(settings, serializer.getIfAvailable());
		settings.setAttributeConversion(new AdvisedBeanConversion(beanFactory));
		if (properties.getMetrics().isEnabled()) {
			observationRegistry.ifAvailable(settings::setObservationRegistry);
		}
		List<IndexResolver<Session>> resolvers = indexResolvers.orderedStream().toList();
		if (!resolvers.isEmpty()) {
			settings.setIndexResolver(
					(resolvers.size() == 1) ? resolvers.get(0) : new DelegatingIndexResolver<>(resolvers));
		}
		settingsCustomizers.orderedStream().forEach((customizer) -> customizer.customize(settings));
		SessionEngine engine = new SessionEngine(connectionFactory, settings);
		socketSessions.ifAvailable(engine::setSocketSessions);
		sessionEndListener.ifAvailable(engine::setSessionEndListener);
		return engine;
	}

	private static void applyProperties(SessionSettings settings, RedisSessionProperties properties) {
		PropertyMapper map = PropertyMapper.get();
		map.from(properties::getNamespace).to(settings::setNamespace);
		map.from(properties::getAbsoluteTimeout).to(settings::setAbsoluteTimeout);
		settings.setTimeoutBounds(properties.getMinTimeout(), properties.getMaxTimeout());
		map.from(properties::getFirstTimeout).to(settings::setFirstTimeout);
		settings.setBotTimeouts(properties.getBot().getFirstTimeout(), properties.getBot().getTimeout());
		map.from(properties::getMigrateFrom).to(settings::setMigrateFrom);
		map.from(properties::getTouchInterval).to(settings::setTouchInterval);
		map.from(properties::getGrace).to(settings::setGrace);
		map.from(properties::getSaveMode).to(settings::setSaveMode);
		map.from(properties::getFlushMode).to(settings::setFlushMode);
		map.from(properties::getSaveAfterDelete).to(settings::setSaveAfterDelete);
		map.from(properties::isProtectIds).to(settings::setProtectIds);
		map.from(properties::getIdBytes).to(settings::setIdBytes);
		map.from(properties::getIndexes).to(settings::setIndexedAttributes);
		map.from(properties::getEvents).to(settings::setEvents);
		map.from(properties::isRecordClient).to(settings::setRecordClient);
		map.from(properties.getCollector()::isEnabled).to(settings::setCollectorEnabled);
		map.from(properties.getCollector()::getInterval).to(settings::setCollectorInterval);
		map.from(properties.getCollector()::getBatchSize).to(settings::setCollectorBatchSize);
		map.from(properties::getOnUnreadable).to(settings::setOnUnreadable);
		map.from(properties::getOnUnavailable).to(settings::setOnUnavailable);
		settings.setLimitPerPrincipal(properties.getLimits().getPerPrincipal(), properties.getLimits().getOnExceeded());
		map.from(properties.getLimits()::getTotal).to(settings::setLimitTotal);
		settings.setConfirmReplicas(properties.getConfirmReplicas(), properties.getConfirmTimeout());
		map.from(properties::getCircuitBreaker)
			.when(RedisSessionProperties.CircuitBreaker::isEnabled)
			.as(EngineConfiguration::circuitBreaker)
			.to(settings::setCircuitBreaker);
		map.from(properties::getCommandTimeout).to(settings::setCommandTimeout);
		map.from(properties::getLock)
			.when(RedisSessionProperties.Lock::isEnabled)
			.as(EngineConfiguration::lockSettings)
			.to(settings::setLocks);
	}

	private static void setSessionIdGenerator(SessionSettings settings, SessionIdGenerator generator) {
		try {
			settings.setSessionIdGenerator(generator);
		}
		catch (IllegalStateException ex) {
			throw new RedisSessionConfigurationException(ex.getMessage() + ".",
					"Correct the SessionIdGenerator bean, or remove it: without one, ids are random.");
		}
	}

	private static LockSettings lockSettings(RedisSessionProperties.Lock properties) {
		return new LockSettings(properties.getWait(), properties.getLease(), properties.getOnTimeout(),
				properties.getMaxWaiters());
	}

	private static CircuitBreaker circuitBreaker(RedisSessionProperties.CircuitBreaker properties) {
		int failures = Math.max(1, properties.getSlidingWindow() * properties.getFailureRate() / 100);
		return CircuitBreaker.of("redisSession",
				CircuitBreakerConfig.custom()
					.failureRateThreshold(properties.getFailureRate())
					.slidingWindow(properties.getSlidingWindow(), failures, SlidingWindowType.COUNT_BASED)
					.waitDurationInOpenState(properties.getOpenFor())
					.permittedNumberOfCallsInHalfOpenState(properties.getHalfOpenCalls())
					.build());
	}

	private static void requireOneToWaitAt(RedisConnectionFactory connectionFactory,
			RedisSessionProperties properties) {
		if (properties.getConfirmReplicas() > 0 && connectionFactory instanceof ReplicatedConnectionFactory) {
			throw new RedisSessionConfigurationException(
					"The property 'app.session.redis.confirm-replicas' doesn't work where 'app.session.redis.hosts' or "
							+ "'spring.data.redis.masterreplica' names a primary and its replicas: the client can't wait "
							+ "at whichever of them is the primary.",
					"Name the primary alone in 'app.session.redis.hosts', or use Sentinel or Cluster.");
		}
	}

}
