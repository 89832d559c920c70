package app.session.redis.autoconfigure.security;

import app.session.redis.SessionLimitExceededException.Limit;
import app.session.redis.reactive.RefusedLogIn;

import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.web.authentication.session.SessionAuthenticationException;
import org.springframework.security.web.server.context.WebSessionServerSecurityContextRepository;

/**
 * Configuration that makes a log-in that exceeds the limit on a user's sessions fail like
 * any other one, so that Spring Security's failure handler responds to it.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnClass({ SessionAuthenticationException.class, WebSessionServerSecurityContextRepository.class })
public class ReactiveSessionLimitConfiguration {

	@Bean
	@ConditionalOnMissingBean
	RefusedLogIn redisSessionRefusedLogIn() {
		return (session, refusal) -> {
			if (refusal.getLimit() == Limit.TOTAL) {
				return refusal;
			}
			session.getAttributes()
				.remove(WebSessionServerSecurityContextRepository.DEFAULT_SPRING_SECURITY_CONTEXT_ATTR_NAME);
			return SessionLimitRefusal.exception(refusal.getMaximum());
		};
	}

}
