package app.session.redis.autoconfigure;

import app.session.redis.autoconfigure.properties.PropertyBounds;
import app.session.redis.autoconfigure.properties.RedisSessionConnectionProperties;
import app.session.redis.autoconfigure.properties.RedisSessionProperties;
import app.session.redis.autoconfigure.servlet.RedisSessionCookieCustomizer;
import app.session.redis.autoconfigure.servlet.ServletSessionConfiguration;
import app.session.redis.autoconfigure.servlet.WarCookieCustomizer;
import app.session.redis.autoconfigure.springsession.SpringSessionRepositoryConfigurations.DefaultRepositoryConfiguration;
import app.session.redis.autoconfigure.springsession.SpringSessionRepositoryConfigurations.IndexedRepositoryConfiguration;
import app.session.redis.autoconfigure.springsession.SpringSessionSettingsNotice;
import jakarta.servlet.Filter;
import jakarta.servlet.ServletContext;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWarDeployment;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.session.autoconfigure.SessionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.core.env.Environment;
import org.springframework.session.SessionRepository;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of HTTP sessions that are kept in
 * Redis, for servlet applications. Backs off when the application defines a
 * {@link SessionRepository}.
 */
@AutoConfiguration(before = SessionAutoConfiguration.class, beforeName = {
		"org.springframework.boot.session.data.redis.autoconfigure.SessionDataRedisAutoConfiguration",
		"org.springframework.boot.session.jdbc.autoconfigure.JdbcSessionAutoConfiguration",
		"org.springframework.boot.security.oauth2.client.autoconfigure.OAuth2ClientAutoConfiguration",
		"org.springframework.boot.security.oauth2.client.autoconfigure.servlet.OAuth2ClientWebSecurityAutoConfiguration" },
		after = DataRedisAutoConfiguration.class)
@ConditionalOnClass(Filter.class)
@ConditionalOnWebApplication(type = Type.SERVLET)
@ConditionalOnBooleanProperty(name = "app.session.redis.enabled", matchIfMissing = true)
@ConditionalOnMissingBean(SessionRepository.class)
@EnableConfigurationProperties({ RedisSessionConnectionProperties.class, RedisSessionProperties.class })
@ImportRuntimeHints(PropertyBounds.Hints.class)
@Import({ RedisSessionConnectionConfiguration.class, EngineConfiguration.class, ServletSessionConfiguration.class,
		DefaultRepositoryConfiguration.class, IndexedRepositoryConfiguration.class })
public final class RedisSessionAutoConfiguration {

	@Bean
	RedisSessionCookieCustomizer redisSessionCookieCustomizer(RedisSessionProperties properties) {
		return new RedisSessionCookieCustomizer(properties.cookie());
	}

	@Bean
	SpringSessionSettingsNotice springSessionSettingsNotice(RedisSessionProperties properties, Environment environment,
			ConfigurableListableBeanFactory beanFactory) {
		return new SpringSessionSettingsNotice(properties, environment, beanFactory);
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnWarDeployment
	static class WarDeploymentConfiguration {

		@Bean
		WarCookieCustomizer redisSessionWarCookieCustomizer(ServletContext servletContext) {
			return new WarCookieCustomizer(servletContext);
		}

	}

}
