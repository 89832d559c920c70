package app.session.redis.reactive;

import org.springframework.web.server.ServerWebExchange;

/**
 * Detects crawlers, so that their sessions, which are never used again, expire earlier
 * than others. Called when a session is created, and when a copy of a session may be kept
 * on the node. Must not block.
 */
@FunctionalInterface
public interface ReactiveBotDetector {

	/**
	 * Returns whether the request of an exchange was sent by a crawler.
	 * @param exchange the exchange that creates the session
	 * @return whether the client is a crawler
	 */
	boolean isBot(ServerWebExchange exchange);

}
