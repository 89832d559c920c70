package app.session.redis.autoconfigure.servlet;

import java.time.Duration;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

import app.session.redis.autoconfigure.properties.RedisSessionProperties;
import app.session.redis.servlet.BotDetector;
import app.session.redis.servlet.StaySignedIn;
import app.session.redis.servlet.UserAgentBotDetector;

import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
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
		Duration timeout = properties.longTimeout();
		Duration max = properties.maxTimeout();
		return new StaySignedIn((timeout.compareTo(max) > 0) ? max : timeout);
	}

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnProperty("app.session.redis.bot.enabled")
	BotDetector redisSessionBotDetector(RedisSessionProperties properties) {
		String pattern = properties.bot().pattern();
		return (pattern != null) ? new UserAgentBotDetector(compile(pattern)) : new UserAgentBotDetector();
	}

	private static Pattern compile(String pattern) {
		try {
			return Pattern.compile(pattern, Pattern.CASE_INSENSITIVE);
		}
		catch (PatternSyntaxException ex) {
			throw new InvalidConfigurationPropertyValueException("app.session.redis.bot.pattern", pattern,
					"It is not a valid regular expression: %s near index %s.".formatted(ex.getDescription(),
							ex.getIndex()));
		}
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
