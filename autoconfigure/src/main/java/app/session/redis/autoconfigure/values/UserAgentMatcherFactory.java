package app.session.redis.autoconfigure.values;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

import app.session.redis.autoconfigure.properties.RedisSessionProperties.Bot;
import app.session.redis.session.UserAgentMatcher;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * Creates the matcher of crawlers that the properties define.
 */
public final class UserAgentMatcherFactory {

	private UserAgentMatcherFactory() {
	}

	/**
	 * Creates the matcher.
	 * @param properties the properties
	 * @return the matcher of the configured pattern, or of known crawlers
	 * @throws InvalidConfigurationPropertyValueException if the pattern is invalid
	 */
	public static UserAgentMatcher create(Bot properties) {
		String pattern = properties.pattern();
		return (pattern != null) ? new UserAgentMatcher(compile(pattern)) : new UserAgentMatcher();
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

}
