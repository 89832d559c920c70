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
 * Has Spring Security reserve the place of a log-in before it succeeds, so that one which
 * is refused looks like any that fails.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnClass({ HttpSecurity.class, SessionAuthenticationStrategy.class })
public class SessionLimitConfiguration {

	/**
	 * Before what others add: there it is the session of before the log-in, of which the
	 * strategies that follow change the id, or which they replace.
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
