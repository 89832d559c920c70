package app.session.redis.session;

import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Pattern;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import org.jspecify.annotations.Nullable;

/**
 * Recognizes crawlers and other clients that never return the cookie of a session, by
 * their {@code User-Agent} header: monitors, health checks, HTTP libraries, previews. A
 * client without this header is considered one of them: every browser sends it, and
 * several health checks and libraries don't. A client that pretends to be a browser is
 * considered a browser.
 *
 * <p>
 * Only the first {@value #MAX_LENGTH} characters of a header are used. The results for
 * the last {@value #MAX_CACHED} different headers are cached.
 */
public final class UserAgentMatcher {

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
	 * Creates a matcher of known clients: those of the list
	 * <a href="https://github.com/monperrus/crawler-user-agents">crawler-user-agents</a>
	 * and of a list of this library.
	 */
	public UserAgentMatcher() {
		ThrowawayClients clients = ThrowawayClients.load();
		this.bots = (userAgent) -> {
			String lower = userAgent.toLowerCase(Locale.ROOT);
			return clients.contain(lower) || WORDS.matcher(lower).find();
		};
	}

	/**
	 * Creates a matcher of clients that match a pattern.
	 * @param pattern the pattern, which matches any part of the header
	 */
	public UserAgentMatcher(Pattern pattern) {
		this.bots = (userAgent) -> pattern.matcher(userAgent).find();
	}

	/**
	 * Returns whether a client is considered a crawler.
	 * @param userAgent its header {@code User-Agent}, or null
	 * @return whether it is a crawler
	 */
	public boolean isBot(@Nullable String userAgent) {
		if (userAgent == null || userAgent.isBlank()) {
			return true;
		}
		String bounded = (userAgent.length() > MAX_LENGTH) ? userAgent.substring(0, MAX_LENGTH) : userAgent;
		return this.results.get(bounded, this.bots::test);
	}

}
