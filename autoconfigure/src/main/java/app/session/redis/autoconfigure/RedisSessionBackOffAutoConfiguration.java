package app.session.redis.autoconfigure;

import java.util.List;

import app.session.redis.autoconfigure.startup.RedisSessionConnection;
import jakarta.servlet.Filter;

import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.AnyNestedCondition;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.session.ReactiveSessionRepository;
import org.springframework.session.SessionRepository;
import org.springframework.session.config.annotation.web.http.SpringHttpSessionConfiguration;
import org.springframework.session.data.redis.config.annotation.web.http.EnableRedisHttpSession;
import org.springframework.session.data.redis.config.annotation.web.http.EnableRedisIndexedHttpSession;
import org.springframework.session.data.redis.config.annotation.web.server.EnableRedisIndexedWebSession;
import org.springframework.session.data.redis.config.annotation.web.server.EnableRedisWebSession;
import org.springframework.web.server.adapter.WebHttpHandlerBuilder;
import org.springframework.web.server.session.WebSessionManager;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for applications that configure
 * sessions themselves. {@link RedisSessionAutoConfiguration} and
 * {@link RedisSessionReactiveAutoConfiguration} don't replace their configuration.
 * Reports that {@code app.session.redis} has no effect there.
 */
@AutoConfiguration(before = { RedisSessionAutoConfiguration.class, RedisSessionReactiveAutoConfiguration.class })
@ConditionalOnBooleanProperty(name = "app.session.redis.enabled", matchIfMissing = true)
public final class RedisSessionBackOffAutoConfiguration {

	/** Configuration for servlet applications. */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(Filter.class)
	@ConditionalOnWebApplication(type = Type.SERVLET)
	static class ServletConfiguration {

		@Configuration(proxyBeanMethods = false)
		@ConditionalOnBean(SessionRepository.class)
		@ConditionalOnMissingBean(RedisSessionConnection.class)
		static class OtherRepositoryConfiguration {

			// Runs before any bean connects to a Redis other than the one of these
			// properties
			@Bean
			static BeanFactoryPostProcessor redisSessionOtherRepositoryCheck(Environment environment) {
				return (beanFactory) -> new OtherSessionConfiguration(beanFactory, environment).checkRepository(
						List.of(EnableRedisHttpSession.class, EnableRedisIndexedHttpSession.class),
						SessionRepository.class);
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

	/** Configuration for reactive applications. */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnWebApplication(type = Type.REACTIVE)
	@Conditional(OtherWebSessions.class)
	@ConditionalOnMissingBean(RedisSessionConnection.class)
	static class ReactiveConfiguration {

		@Bean
		static BeanFactoryPostProcessor redisSessionOtherWebSessionCheck(Environment environment) {
			return (beanFactory) -> new OtherSessionConfiguration(beanFactory, environment).checkRepository(
					List.of(EnableRedisWebSession.class, EnableRedisIndexedWebSession.class),
					ReactiveSessionRepository.class, WebSessionManager.class);
		}

	}

	/** Whether the application stores the sessions of a reactive application. */
	static final class OtherWebSessions extends AnyNestedCondition {

		OtherWebSessions() {
			super(ConfigurationPhase.REGISTER_BEAN);
		}

		@ConditionalOnBean(ReactiveSessionRepository.class)
		static class Repository {

		}

		@ConditionalOnBean(name = WebHttpHandlerBuilder.WEB_SESSION_MANAGER_BEAN_NAME)
		static class Manager {

		}

	}

}
