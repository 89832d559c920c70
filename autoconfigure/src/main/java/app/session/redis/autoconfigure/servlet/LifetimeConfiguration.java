package app.session.redis.autoconfigure.servlet;

import app.session.redis.autoconfigure.properties.RedisSessionProperties;
import app.session.redis.autoconfigure.values.UserAgentMatcherFactory;
import app.session.redis.servlet.BotDetector;
import app.session.redis.servlet.StaySignedIn;
import app.session.redis.session.UserAgentMatcher;

import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.web.authentication.RememberMeServices;
import org.springframework.session.security.web.authentication.SpringSessionRememberMeServices;

/**
 * Configuration of sessions with a longer or shorter timeout than others: those of users
 * who stay signed in and those of crawlers.
 */
@Configuration(proxyBeanMethods = false)
class LifetimeConfiguration {

	@Bean
	@ConditionalOnMissingBean
	StaySignedIn redisSessionStaySignedIn(RedisSessionProperties properties) {
		return new StaySignedIn(properties.boundedLongTimeout());
	}

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnProperty("app.session.redis.bot.enabled")
	BotDetector redisSessionBotDetector(RedisSessionProperties properties) {
		UserAgentMatcher matcher = UserAgentMatcherFactory.create(properties.bot());
		return (request) -> matcher.isBot(request.getHeader("User-Agent"));
	}

	/**
	 * Configuration for {@code HttpSecurity.rememberMe(…)}: a user who logs in with the
	 * parameter {@code remember-me} stays signed in.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(RememberMeServices.class)
	static class RememberMeConfiguration {

		@Bean
		@ConditionalOnMissingBean(RememberMeServices.class)
		SpringSessionRememberMeServices redisSessionRememberMeServices(StaySignedIn staySignedIn) {
			SpringSessionRememberMeServices services = new SpringSessionRememberMeServices();
			services.setValiditySeconds(Math.toIntExact(staySignedIn.timeout().toSeconds()));
			return services;
		}

	}

}
