package app.session.redis.autoconfigure.actuate;

import app.session.redis.autoconfigure.RedisSessionAutoConfiguration;
import app.session.redis.autoconfigure.RedisSessionReactiveAutoConfiguration;
import app.session.redis.autoconfigure.properties.RedisSessionProperties;
import app.session.redis.autoconfigure.startup.RedisSessionConnection;
import app.session.redis.operations.ServerCheck;
import app.session.redis.operations.SessionOperationsProvider;
import app.session.redis.reactive.ReactiveAtomicRedisSessionRepository;
import app.session.redis.reactive.ReactiveSessionsByHandle;

import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.boot.session.actuate.endpoint.ReactiveSessionsEndpoint;
import org.springframework.boot.session.actuate.endpoint.SessionsEndpoint;
import org.springframework.boot.session.autoconfigure.SessionsEndpointAutoConfiguration;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.util.Assert;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the endpoint
 * {@code redissessions}, and for Spring Boot's endpoint {@code sessions}, which shows
 * handles instead of ids.
 */
@AutoConfiguration(after = { RedisSessionAutoConfiguration.class, RedisSessionReactiveAutoConfiguration.class },
		before = SessionsEndpointAutoConfiguration.class)
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnBean(SessionOperationsProvider.class)
public final class RedisSessionsEndpointAutoConfiguration {

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnAvailableEndpoint(RedisSessionsEndpoint.class)
	@ConditionalOnBean(RedisSessionConnection.class)
	static class RedisSessionsEndpointConfiguration {

		@Bean
		@ConditionalOnMissingBean
		RedisSessionsEndpoint redisSessionsEndpoint(SessionOperationsProvider repository,
				RedisSessionConnection connection, RedisSessionProperties properties,
				ApplicationEventPublisher eventPublisher) {
			ServerCheck check = connection.getServerCheck();
			Assert.state(check != null, "The repository has no Lettuce connection");
			return new RedisSessionsEndpoint(repository.operations(), check, properties.lock().enabled(),
					eventPublisher);
		}

		@Bean
		static IndexParameters.Advisor redisSessionsIndexParameters() {
			return new IndexParameters.Advisor();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnAvailableEndpoint(SessionsEndpoint.class)
	@ConditionalOnWebApplication(type = Type.SERVLET)
	static class SessionsEndpointConfiguration {

		@Bean
		@ConditionalOnMissingBean
		SessionsEndpoint sessionEndpoint(SessionOperationsProvider repository) {
			var sessions = repository.operations().sessionsByHandle();
			return new SessionsEndpoint(sessions, sessions);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnAvailableEndpoint(ReactiveSessionsEndpoint.class)
	@ConditionalOnBean(ReactiveAtomicRedisSessionRepository.class)
	static class ReactiveSessionsEndpointConfiguration {

		@Bean
		@ConditionalOnMissingBean
		ReactiveSessionsEndpoint sessionsEndpoint(ReactiveAtomicRedisSessionRepository repository) {
			ReactiveSessionsByHandle sessions = repository.sessionsByHandle();
			return new ReactiveSessionsEndpoint(sessions, sessions);
		}

	}

}
