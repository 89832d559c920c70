package app.session.redis.servlet;

import jakarta.servlet.http.HttpServletRequest;

/**
 * Determines which requests don't extend the lifetime of their session, such as polling
 * and keep-alive checks that a page sends without its user. A passive request finds and
 * can change its session, but doesn't count as an access. It doesn't renew the client's
 * cookie either, and doesn't count as the second request of a new session.
 */
@FunctionalInterface
public interface PassiveRequestPolicy {

	/**
	 * Returns whether a request is passive.
	 * @param request the request; it has no session yet, and must not be changed
	 * @return whether the request is passive
	 */
	boolean isPassive(HttpServletRequest request);

}
