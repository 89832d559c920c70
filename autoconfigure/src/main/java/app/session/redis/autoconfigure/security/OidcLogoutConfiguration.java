package app.session.redis.autoconfigure.security;

import app.session.redis.engine.SessionEngine;
import app.session.redis.oauth2.OidcIndexResolver;
import app.session.redis.servlet.RedisOidcSessionRegistry;

import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.oauth2.client.oidc.session.OidcSessionRegistry;

/**
 * Configuration of OpenID Connect back-channel logout: Spring Security uses the only
 * {@link OidcSessionRegistry} bean if the application configures {@code oidcLogout}.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnClass(OidcSessionRegistry.class)
@ConditionalOnMissingBean(OidcSessionRegistry.class)
@ConditionalOnBooleanProperty(name = "app.session.redis.logout.oidc-back-channel", matchIfMissing = true)
public class OidcLogoutConfiguration {

	@Bean
	OidcIndexResolver redisSessionOidcIndexResolver() {
		return new OidcIndexResolver();
	}

	@Bean
	RedisOidcSessionRegistry redisSessionOidcSessionRegistry(SessionEngine engine) {
		return new RedisOidcSessionRegistry(engine);
	}

}
