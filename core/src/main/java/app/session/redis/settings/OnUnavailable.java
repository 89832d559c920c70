package app.session.redis.settings;

/**
 * How a request is handled if its session can't be read because Redis is unavailable.
 */
public enum OnUnavailable {

	/** The response is 503 with {@code Retry-After}. The client keeps its cookie. */
	ERROR,

	/**
	 * The request is handled as if there were no session. A session that it creates
	 * exists only for this request: it is not saved, and the client keeps its cookie.
	 * Operations that must not be lost silently still fail: logging in, logging out, and
	 * saving a session that was read.
	 */
	ANONYMOUS

}
