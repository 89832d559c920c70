package app.session.redis.servlet;

import jakarta.servlet.http.HttpServletRequest;

/**
 * Tells crawlers from people, so that sessions which nobody comes back to don't live as
 * long as others. Asked when a session is made, once for each.
 */
@FunctionalInterface
public interface BotDetector {

	/**
	 * Whether a request is one of a crawler.
	 * @param request the request that makes the session
	 * @return true if so
	 */
	boolean isBot(HttpServletRequest request);

}
