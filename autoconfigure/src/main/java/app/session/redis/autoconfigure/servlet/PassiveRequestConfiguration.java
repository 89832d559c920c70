package app.session.redis.autoconfigure.servlet;

import app.session.redis.autoconfigure.properties.RedisSessionProperties;
import app.session.redis.servlet.PassiveRequest;
import app.session.redis.servlet.PassiveRequestPolicy;

import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingClass;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/**
 * Configuration of which requests don't extend the lifetime of their session.
 */
@Configuration(proxyBeanMethods = false)
class PassiveRequestConfiguration {

	/**
	 * Configuration for applications with Spring MVC.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(RequestMappingHandlerMapping.class)
	static class AnnotationConfiguration {

		@Bean
		@ConditionalOnMissingBean(PassiveRequestPolicy.class)
		PassiveRequestPolicy redisSessionPassiveRequestPolicy(ApplicationContext context,
				RedisSessionProperties properties) {
			HandlerAnnotations<PassiveRequest> annotations = new HandlerAnnotations<>(context, PassiveRequest.class);
			PassiveRequestPolicy configured = new ConfiguredPassiveRequests(properties.passive());
			return (request) -> {
				PassiveRequest annotation = annotations.find(request);
				return (annotation != null) ? annotation.value() : configured.isPassive(request);
			};
		}

	}

	/**
	 * Configuration for applications without Spring MVC.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnMissingClass("org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping")
	static class PropertyConfiguration {

		@Bean
		@ConditionalOnMissingBean(PassiveRequestPolicy.class)
		PassiveRequestPolicy redisSessionConfiguredPassiveRequests(RedisSessionProperties properties) {
			return new ConfiguredPassiveRequests(properties.passive());
		}

	}

}
