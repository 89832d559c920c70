package app.session.redis.servlet;

import jakarta.servlet.http.HttpServletRequest;

/**
 * Detects crawlers, so that their sessions, which are never used again, expire earlier
 * than others. Called once for each session, when it is created.
 */
@FunctionalInterface
public interface BotDetector {

	/**
	 * Returns whether a request was sent by a crawler.
	 * @param request the request that creates the session
	 * @return whether the client is a crawler
	 */
	boolean isBot(HttpServletRequest request);

}
