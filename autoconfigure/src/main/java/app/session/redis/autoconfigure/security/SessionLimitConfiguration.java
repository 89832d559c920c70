package app.session.redis.autoconfigure.security;

import app.session.redis.autoconfigure.properties.RedisSessionProperties;
import app.session.redis.servlet.AtomicRedisSessionRepository;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.authentication.session.SessionAuthenticationStrategy;
import org.springframework.security.web.context.SecurityContextRepository;

/**
 * Configuration that makes Spring Security reserve the place of a login before the login
 * succeeds, so that exceeding the limit is handled like any other failed login.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnClass({ HttpSecurity.class, SessionAuthenticationStrategy.class })
public class SessionLimitConfiguration {

	/**
	 * Runs before strategies that others add, so that it reserves the place in the
	 * session from before the login. The strategies that follow change that session's id
	 * or replace the session.
	 */
	@Bean
	@Order(Ordered.HIGHEST_PRECEDENCE)
	Customizer<HttpSecurity> redisSessionLimitCustomizer(RedisSessionProperties properties,
			ObjectProvider<AtomicRedisSessionRepository> repository) {
		if (properties.limits().perPrincipal() == 0) {
			return Customizer.withDefaults();
		}
		return (http) -> http.sessionManagement(
				(sessions) -> sessions.addSessionAuthenticationStrategy(new LimitingSessionAuthenticationStrategy(
						repository, () -> http.getSharedObject(SecurityContextRepository.class))));
	}

}
