package app.session.redis.autoconfigure;

import java.util.Locale;

import app.session.redis.autoconfigure.properties.PropertyBounds;
import app.session.redis.autoconfigure.properties.RedisSessionConnectionProperties;
import app.session.redis.autoconfigure.properties.RedisSessionProperties;
import app.session.redis.autoconfigure.properties.RedisSessionProperties.RepositoryType;
import app.session.redis.autoconfigure.reactive.ReactiveSessionConfiguration;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.session.autoconfigure.SessionAutoConfiguration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.session.FlushMode;
import org.springframework.session.ReactiveSessionRepository;
import org.springframework.web.reactive.DispatcherHandler;
import org.springframework.web.server.adapter.WebHttpHandlerBuilder;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of web sessions that are kept in
 * Redis, for reactive applications. Backs off when the application defines a
 * {@link ReactiveSessionRepository} or a bean {@code webSessionManager}.
 */
@AutoConfiguration(before = SessionAutoConfiguration.class, beforeName = {
		"org.springframework.boot.session.data.redis.autoconfigure.SessionDataRedisAutoConfiguration",
		"org.springframework.boot.webflux.autoconfigure.WebFluxAutoConfiguration",
		"org.springframework.boot.webflux.autoconfigure.WebSessionIdResolverAutoConfiguration",
		"org.springframework.boot.security.oauth2.client.autoconfigure.reactive.ReactiveOAuth2ClientAutoConfiguration",
		"org.springframework.boot.security.oauth2.client.autoconfigure.reactive.ReactiveOAuth2ClientWebSecurityAutoConfiguration" },
		after = DataRedisAutoConfiguration.class)
@ConditionalOnClass(DispatcherHandler.class)
@ConditionalOnWebApplication(type = Type.REACTIVE)
@ConditionalOnBooleanProperty(name = "app.session.redis.enabled", matchIfMissing = true)
@ConditionalOnMissingBean(value = ReactiveSessionRepository.class,
		name = WebHttpHandlerBuilder.WEB_SESSION_MANAGER_BEAN_NAME)
@EnableConfigurationProperties({ RedisSessionConnectionProperties.class, RedisSessionProperties.class })
@ImportRuntimeHints(PropertyBounds.Hints.class)
@Import({ RedisSessionConnectionConfiguration.class, EngineConfiguration.class, ReactiveSessionConfiguration.class })
public final class RedisSessionReactiveAutoConfiguration {

	RedisSessionReactiveAutoConfiguration(RedisSessionProperties properties) {
		if (properties.repositoryType() != RepositoryType.ATOMIC) {
			throw new InvalidConfigurationPropertyValueException("app.session.redis.repository-type",
					properties.repositoryType().name().toLowerCase(Locale.ROOT),
					"Spring Session's own repositories are available in servlet applications only. Remove the property "
							+ "to use the starter's repository.");
		}
		if (properties.flushMode() == FlushMode.IMMEDIATE) {
			throw new InvalidConfigurationPropertyValueException("app.session.redis.flush-mode", "immediate",
					"In a reactive application, setting an attribute doesn't wait for Redis. Remove the property: the "
							+ "session is written before the response is committed. To write it earlier, call "
							+ "WebSession.save().");
		}
	}

}
