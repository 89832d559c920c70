package app.session.redis.web;

import java.util.regex.Pattern;

import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

/**
 * Knows crawlers by what they call themselves in {@code User-Agent}, and takes a client
 * that doesn't say for one. Who pretends to be a browser is taken for a browser.
 */
public final class UserAgentBotDetector implements BotDetector {

	/**
	 * Words that crawlers, previews, feed readers and monitors have in their name. A
	 * "Cubot" is a telephone.
	 */
	public static final Pattern KNOWN_BOTS = Pattern
		.compile("(?<!cu)bot\\b|bot/|crawl|spider|slurp|archiver|fetcher|scrap(er|y)|preview|monitor|mediapartners|"
				+ "facebookexternalhit|whatsapp|feedly|lighthouse|headless|"
				+ "^(curl|wget|libwww-perl|python-requests|python-urllib|go-http-client|java|okhttp|apache-httpclient)/",
				Pattern.CASE_INSENSITIVE);

	private final Pattern pattern;

	/**
	 * Creates a detector.
	 * @param pattern what is found somewhere in the name of a crawler
	 */
	public UserAgentBotDetector(Pattern pattern) {
		this.pattern = pattern;
	}

	@Override
	public boolean isBot(HttpServletRequest request) {
		return isBot(request.getHeader("User-Agent"));
	}

	boolean isBot(@Nullable String userAgent) {
		return userAgent == null || userAgent.isBlank() || this.pattern.matcher(userAgent).find();
	}

}
