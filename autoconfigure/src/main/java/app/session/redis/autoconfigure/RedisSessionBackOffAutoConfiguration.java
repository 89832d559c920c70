package app.session.redis.autoconfigure;

import app.session.redis.autoconfigure.startup.RedisSessionConnection;
import jakarta.servlet.Filter;

import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.session.SessionRepository;
import org.springframework.session.config.annotation.web.http.SpringHttpSessionConfiguration;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for applications that configure
 * sessions themselves. {@link RedisSessionAutoConfiguration} doesn't replace their
 * configuration. Reports that {@code app.session.redis} has no effect there.
 */
@AutoConfiguration(before = RedisSessionAutoConfiguration.class)
@ConditionalOnClass(Filter.class)
@ConditionalOnWebApplication(type = Type.SERVLET)
@ConditionalOnBooleanProperty(name = "app.session.redis.enabled", matchIfMissing = true)
public final class RedisSessionBackOffAutoConfiguration {

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnBean(SessionRepository.class)
	@ConditionalOnMissingBean(RedisSessionConnection.class)
	static class OtherRepositoryConfiguration {

		// Runs before any bean connects to a Redis other than the one of these properties
		@Bean
		static BeanFactoryPostProcessor redisSessionOtherRepositoryCheck(Environment environment) {
			return (beanFactory) -> new OtherSessionConfiguration(beanFactory, environment).checkRepository();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnBean(SpringHttpSessionConfiguration.class)
	@ConditionalOnMissingBean(SessionRepository.class)
	static class OtherFilterConfiguration {

		@Bean
		static BeanFactoryPostProcessor redisSessionOtherFilterCheck(Environment environment) {
			return (beanFactory) -> new OtherSessionConfiguration(beanFactory, environment).checkFilter();
		}

	}

}
