package app.session.redis.autoconfigure.security;

import app.session.redis.engine.SessionEngine;
import app.session.redis.oauth2.OidcIndexResolver;
import app.session.redis.reactive.RedisReactiveOidcSessionRegistry;

import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.oauth2.client.oidc.server.session.ReactiveOidcSessionRegistry;

/**
 * Configuration of OpenID Connect back-channel logout for reactive applications.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnClass(ReactiveOidcSessionRegistry.class)
@ConditionalOnMissingBean(ReactiveOidcSessionRegistry.class)
@ConditionalOnBooleanProperty(name = "app.session.redis.logout.oidc-back-channel", matchIfMissing = true)
public class ReactiveOidcLogoutConfiguration {

	@Bean
	OidcIndexResolver redisSessionOidcIndexResolver() {
		return new OidcIndexResolver();
	}

	@Bean
	RedisReactiveOidcSessionRegistry redisSessionReactiveOidcSessionRegistry(SessionEngine engine) {
		return new RedisReactiveOidcSessionRegistry(engine);
	}

}
