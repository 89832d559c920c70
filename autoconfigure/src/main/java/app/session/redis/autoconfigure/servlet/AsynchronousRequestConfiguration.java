package app.session.redis.autoconfigure.servlet;

import app.session.redis.servlet.RequestBindingInterceptor;

import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.servlet.config.annotation.AsyncSupportConfigurer;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * Configuration of sessions on the threads of Spring MVC's asynchronous requests.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnClass(WebMvcConfigurer.class)
class AsynchronousRequestConfiguration {

	@Bean
	WebMvcConfigurer redisSessionAsynchronousRequests() {
		return new WebMvcConfigurer() {

			@Override
			public void configureAsyncSupport(AsyncSupportConfigurer configurer) {
				configurer.registerCallableInterceptors(new RequestBindingInterceptor());
			}

		};
	}

}
