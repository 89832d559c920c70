package app.session.redis.autoconfigure.servlet;

import app.session.redis.autoconfigure.properties.RedisSessionProperties;
import app.session.redis.autoconfigure.values.ConfiguredPassiveRequests;
import app.session.redis.servlet.PassiveRequestPolicy;
import app.session.redis.session.PassiveRequest;
import jakarta.servlet.http.HttpServletRequest;

import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingClass;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.util.ServletRequestPathUtils;

/**
 * Configuration of which requests don't extend the lifetime of their session.
 */
@Configuration(proxyBeanMethods = false)
class PassiveRequestConfiguration {

	private static PassiveRequestPolicy configured(RedisSessionProperties properties) {
		ConfiguredPassiveRequests passive = new ConfiguredPassiveRequests(properties.passive());
		return (request) -> passive.contain(request, HttpServletRequest::getHeader,
				(requested) -> ServletRequestPathUtils.parse(requested).pathWithinApplication());
	}

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
			PassiveRequestPolicy configured = configured(properties);
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
			return configured(properties);
		}

	}

}
