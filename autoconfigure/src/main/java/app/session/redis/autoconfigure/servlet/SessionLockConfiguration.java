package app.session.redis.autoconfigure.servlet;

import app.session.redis.autoconfigure.properties.RedisSessionProperties;
import app.session.redis.servlet.RequestEnd;
import app.session.redis.servlet.SessionLockPolicy;

import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingClass;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/**
 * Configuration of which requests lock their session and when they release the lock.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnBooleanProperty("app.session.redis.lock.enabled")
class SessionLockConfiguration {

	/** Registered with the servlet container, as all beans of such listeners are. */
	@Bean
	RequestEnd redisSessionRequestEnd() {
		return new RequestEnd();
	}

	/**
	 * Configuration for applications with Spring MVC.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(RequestMappingHandlerMapping.class)
	static class AnnotationConfiguration {

		@Bean
		@ConditionalOnMissingBean(SessionLockPolicy.class)
		HandlerLockPolicy redisSessionLockPolicy(ApplicationContext context, RedisSessionProperties properties) {
			return new HandlerLockPolicy(context, SessionLockPolicy.forMethods(properties.lock().methods()));
		}

	}

	/**
	 * Configuration for applications without Spring MVC.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnMissingClass("org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping")
	static class MethodConfiguration {

		@Bean
		@ConditionalOnMissingBean(SessionLockPolicy.class)
		SessionLockPolicy redisSessionMethodLockPolicy(RedisSessionProperties properties) {
			return SessionLockPolicy.forMethods(properties.lock().methods());
		}

	}

}
