package app.session.redis.servlet;

import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Pattern;

import app.session.redis.session.ThrowawayClients;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

/**
 * Detects crawlers and other clients that never return the cookie of a session, by their
 * {@code User-Agent} header: monitors, health checks, HTTP libraries, previews. A client
 * without this header is considered one of them: every browser sends it, and several
 * health checks and libraries don't. A client that pretends to be a browser is considered
 * a browser.
 *
 * <p>
 * Only the first {@value #MAX_LENGTH} characters of a header are used. The results for
 * the last {@value #MAX_CACHED} different headers are cached.
 */
public final class UserAgentBotDetector implements BotDetector {

	private static final int MAX_LENGTH = 512;

	private static final int MAX_CACHED = 1000;

	/**
	 * Words in the names of crawlers that the lists don't contain yet. A "Cubot" is a
	 * telephone.
	 */
	private static final Pattern WORDS = Pattern
		.compile("(?<!cu)bot\\b|bot/|crawl|spider|slurp|archiver|fetcher|scrap(?:er|y)|preview|monitor|mediapartners|"
				+ "facebookexternalhit|feedly|lighthouse|headless");

	private final Predicate<String> bots;

	private final Cache<String, Boolean> results = Caffeine.newBuilder()
		.maximumSize(MAX_CACHED)
		.executor(Runnable::run)
		.build();

	/**
	 * Creates a detector of known clients: those of the list
	 * <a href="https://github.com/monperrus/crawler-user-agents">crawler-user-agents</a>
	 * and of a list of this library.
	 */
	public UserAgentBotDetector() {
		ThrowawayClients clients = ThrowawayClients.load();
		this.bots = (userAgent) -> {
			String lower = userAgent.toLowerCase(Locale.ROOT);
			return clients.contain(lower) || WORDS.matcher(lower).find();
		};
	}

	/**
	 * Creates a detector of clients that match a pattern.
	 * @param pattern the pattern, which matches any part of the header
	 */
	public UserAgentBotDetector(Pattern pattern) {
		this.bots = (userAgent) -> pattern.matcher(userAgent).find();
	}

	@Override
	public boolean isBot(HttpServletRequest request) {
		return isBot(request.getHeader("User-Agent"));
	}

	boolean isBot(@Nullable String userAgent) {
		if (userAgent == null || userAgent.isBlank()) {
			return true;
		}
		String bounded = (userAgent.length() > MAX_LENGTH) ? userAgent.substring(0, MAX_LENGTH) : userAgent;
		return this.results.get(bounded, this.bots::test);
	}

}
