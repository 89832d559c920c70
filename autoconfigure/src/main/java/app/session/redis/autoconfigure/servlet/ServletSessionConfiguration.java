package app.session.redis.autoconfigure.servlet;

import app.session.redis.autoconfigure.security.AnonymousLogoutConfiguration;
import app.session.redis.autoconfigure.security.ClearSiteDataConfiguration;
import app.session.redis.autoconfigure.security.HttpSessionEndConfiguration;
import app.session.redis.autoconfigure.security.OidcLogoutConfiguration;
import app.session.redis.autoconfigure.security.SessionLimitConfiguration;
import app.session.redis.autoconfigure.security.TokenRefreshConfiguration;
import app.session.redis.engine.SessionEngine;
import app.session.redis.servlet.AtomicRedisSessionRepository;
import app.session.redis.servlet.ForwardedRequestFilter;
import jakarta.servlet.DispatcherType;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Lazy;
import org.springframework.session.config.SessionRepositoryCustomizer;
import org.springframework.session.web.http.SessionRepositoryFilter;

/**
 * Configuration of the engine's servlet API and of the features that depend on it.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(name = "app.session.redis.repository-type", havingValue = "atomic", matchIfMissing = true)
@Import({ RedisSessionFilterConfiguration.class, SessionListenerConfiguration.class, PassiveRequestConfiguration.class,
		AsynchronousRequestConfiguration.class, SocketSessionsConfiguration.class, HttpSessionEndConfiguration.class,
		AnonymousLogoutConfiguration.class, LifetimeConfiguration.class, SessionLockConfiguration.class,
		SessionLimitConfiguration.class, OidcLogoutConfiguration.class, ClearSiteDataConfiguration.class,
		TokenRefreshConfiguration.class })
public class ServletSessionConfiguration {

	/**
	 * Creates the repository, never lazily: it is the source of events, which may be
	 * published before the first request.
	 */
	@Bean
	@Lazy(false)
	AtomicRedisSessionRepository sessionRepository(SessionEngine engine,
			ObjectProvider<SessionRepositoryCustomizer<AtomicRedisSessionRepository>> customizers) {
		AtomicRedisSessionRepository repository = new AtomicRedisSessionRepository(engine);
		customizers.orderedStream().forEach((customizer) -> customizer.customize(repository));
		return repository;
	}

	@Bean
	FilterRegistrationBean<ForwardedRequestFilter> redisSessionForwardedRequestFilter() {
		FilterRegistrationBean<ForwardedRequestFilter> registration = new FilterRegistrationBean<>(
				new ForwardedRequestFilter());
		registration.setDispatcherTypes(DispatcherType.FORWARD);
		registration.setAsyncSupported(true);
		registration.setOrder(SessionRepositoryFilter.DEFAULT_ORDER);
		return registration;
	}

}
