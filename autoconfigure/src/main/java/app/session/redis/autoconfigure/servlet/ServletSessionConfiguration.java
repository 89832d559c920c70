package app.session.redis.autoconfigure.servlet;

import java.util.List;

import app.session.redis.autoconfigure.RedisSessionConnection;
import app.session.redis.autoconfigure.connection.ReplicatedConnectionFactory;
import app.session.redis.autoconfigure.properties.RedisSessionConfigurationException;
import app.session.redis.autoconfigure.properties.RedisSessionProperties;
import app.session.redis.autoconfigure.security.AnonymousLogoutConfiguration;
import app.session.redis.autoconfigure.security.HttpSessionEndConfiguration;
import app.session.redis.autoconfigure.security.SessionLimitConfiguration;
import app.session.redis.autoconfigure.values.AdvisedBeanConversion;
import app.session.redis.autoconfigure.values.ValueSettings;
import app.session.redis.event.SessionEndListener;
import app.session.redis.event.SocketSessions;
import app.session.redis.servlet.AtomicRedisSessionRepository;
import app.session.redis.settings.EventDelivery;
import app.session.redis.settings.LockSettings;
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
import org.springframework.context.annotation.Import;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.serializer.RedisSerializer;
import org.springframework.session.DelegatingIndexResolver;
import org.springframework.session.IndexResolver;
import org.springframework.session.Session;
import org.springframework.session.SessionIdGenerator;
import org.springframework.session.config.SessionRepositoryCustomizer;

/**
 * Sessions by {@link AtomicRedisSessionRepository}.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(name = "app.session.redis.repository-type", havingValue = "atomic", matchIfMissing = true)
@Import({ RedisSessionFilterConfiguration.class, AsynchronousRequestConfiguration.class,
		SocketSessionsConfiguration.class, HttpSessionEndConfiguration.class, AnonymousLogoutConfiguration.class,
		LifetimeConfiguration.class, SessionLockConfiguration.class, SessionLimitConfiguration.class })
public class ServletSessionConfiguration {

	@Bean
	AtomicRedisSessionRepository sessionRepository(RedisSessionConnection connection, RedisSessionProperties properties,
			ObjectProvider<SessionTimeout> sessionTimeout, ObjectProvider<SessionIdGenerator> sessionIdGenerator,
			ObjectProvider<IndexResolver<Session>> indexResolvers,
			@Qualifier(ValueSettings.CONVENTION) ObjectProvider<RedisSerializer<Object>> serializer,
			ObjectProvider<SocketSessions> socketSessions, ObjectProvider<SessionEndListener> sessionEndListener,
			ObjectProvider<ObservationRegistry> observationRegistry,
			ObjectProvider<SessionRepositoryCustomizer<AtomicRedisSessionRepository>> customizers,
			ListableBeanFactory beanFactory) {
		AtomicRedisSessionRepository repository = new AtomicRedisSessionRepository(connection.requireLettuce());
		requireOneToWaitAt(connection.getConnectionFactory(), properties);
		repository.setDefaultMaxInactiveInterval(new IdleTimeout(properties, sessionTimeout).get());
		applyProperties(repository, properties);
		sessionIdGenerator.ifAvailable((generator) -> setSessionIdGenerator(repository, generator));
		new ValueSettings(properties, beanFactory).apply(repository, serializer.getIfAvailable());
		repository.setAttributeConversion(new AdvisedBeanConversion(beanFactory));
		socketSessions.ifAvailable(repository::setSocketSessions);
		sessionEndListener.ifAvailable(repository::setSessionEndListener);
		if (properties.getMetrics().isEnabled()) {
			observationRegistry.ifAvailable(repository::setObservationRegistry);
		}
		List<IndexResolver<Session>> resolvers = indexResolvers.orderedStream().toList();
		if (!resolvers.isEmpty()) {
			repository.setIndexResolver(
					(resolvers.size() == 1) ? resolvers.get(0) : new DelegatingIndexResolver<>(resolvers));
		}
		customizers.orderedStream().forEach((customizer) -> customizer.customize(repository));
		return repository;
	}

	private static void applyProperties(AtomicRedisSessionRepository repository, RedisSessionProperties properties) {
		PropertyMapper map = PropertyMapper.get();
		map.from(properties::getNamespace).to(repository::setNamespace);
		map.from(properties::getAbsoluteTimeout).to(repository::setAbsoluteTimeout);
		repository.setTimeoutBounds(properties.getMinTimeout(), properties.getMaxTimeout());
		map.from(properties::getFirstTimeout).to(repository::setFirstTimeout);
		repository.setBotTimeouts(properties.getBot().getFirstTimeout(), properties.getBot().getTimeout());
		map.from(properties::getMigrateFrom).to(repository::setMigrateFrom);
		map.from(properties::getTouchInterval).to(repository::setTouchInterval);
		map.from(properties::getGrace).to(repository::setGrace);
		map.from(properties::getSaveMode).to(repository::setSaveMode);
		map.from(properties::getFlushMode).to(repository::setFlushMode);
		map.from(properties::getSaveAfterDelete).to(repository::setSaveAfterDelete);
		map.from(properties::isProtectIds).to(repository::setProtectIds);
		map.from(properties::getIdBytes).to(repository::setIdBytes);
		map.from(properties::getIndexes).to(repository::setIndexedAttributes);
		map.from(properties::getEvents).as(ServletSessionConfiguration::delivery).to(repository::setEvents);
		map.from(properties::isRecordClient).to(repository::setRecordClient);
		map.from(properties.getCollector()::isEnabled).to(repository::setCollectorEnabled);
		map.from(properties.getCollector()::getInterval).to(repository::setCollectorInterval);
		map.from(properties.getCollector()::getBatchSize).to(repository::setCollectorBatchSize);
		map.from(properties::getOnUnreadable).to(repository::setOnUnreadable);
		map.from(properties::getOnUnavailable).to(repository::setOnUnavailable);
		repository.setLimitPerPrincipal(properties.getLimits().getPerPrincipal(),
				properties.getLimits().getOnExceeded());
		map.from(properties.getLimits()::getTotal).to(repository::setLimitTotal);
		repository.setConfirmReplicas(properties.getConfirmReplicas(), properties.getConfirmTimeout());
		map.from(properties::getCircuitBreaker)
			.when(RedisSessionProperties.CircuitBreaker::isEnabled)
			.as(ServletSessionConfiguration::circuitBreaker)
			.to(repository::setCircuitBreaker);
		map.from(properties::getCommandTimeout).to(repository::setCommandTimeout);
		map.from(properties::getLock)
			.when(RedisSessionProperties.Lock::isEnabled)
			.as(ServletSessionConfiguration::lockSettings)
			.to(repository::setLocks);
	}

	private static void setSessionIdGenerator(AtomicRedisSessionRepository repository, SessionIdGenerator generator) {
		try {
			repository.setSessionIdGenerator(generator);
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

	private static EventDelivery delivery(RedisSessionProperties.Events events) {
		return switch (events) {
			case AUTO, LOCAL -> EventDelivery.LOCAL;
			case BROADCAST -> EventDelivery.BROADCAST;
			case NONE -> EventDelivery.NONE;
		};
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
