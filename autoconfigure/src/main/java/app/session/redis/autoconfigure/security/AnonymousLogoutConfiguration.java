package app.session.redis.autoconfigure.security;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.servlet.RequestBinding;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.authentication.logout.LogoutHandler;

/**
 * Configuration that makes a logout fail if its session can't be read and requests
 * continue without a session. Otherwise the user would see a successful logout although
 * the session still exists.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnClass({ HttpSecurity.class, LogoutHandler.class })
@ConditionalOnProperty(name = "app.session.redis.on-unavailable", havingValue = "anonymous")
public class AnonymousLogoutConfiguration {

	@Bean
	Customizer<HttpSecurity> redisSessionLogoutCustomizer() {
		return (http) -> http.logout((logout) -> logout.addLogoutHandler(new FailingLogoutHandler()));
	}

	private static final class FailingLogoutHandler implements LogoutHandler {

		@Override
		public void logout(HttpServletRequest request, HttpServletResponse response,
				@Nullable Authentication authentication) {
			request.getSession(false);
			SessionStoreUnavailableException failure = RequestBinding.anonymousBecause(request);
			if (failure != null) {
				throw failure;
			}
		}

	}

}
