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
 * Which requests lock their session, and when they give the lock up.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnBooleanProperty("app.session.redis.lock.enabled")
class SessionLockConfiguration {

	/** The servlet container is told of it, as of all such listeners. */
	@Bean
	RequestEnd redisSessionRequestEnd() {
		return new RequestEnd();
	}

	/**
	 * Where there is Spring MVC.
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
	 * Where there is none.
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
