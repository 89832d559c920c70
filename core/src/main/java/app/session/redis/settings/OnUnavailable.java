package app.session.redis.settings;

/**
 * How a request is answered whose session can't be read because Redis can't be asked.
 */
public enum OnUnavailable {

	/** 503 with {@code Retry-After}. The client keeps its cookie. */
	ERROR,

	/**
	 * As if there were no session. One that the request makes is for this request only:
	 * it is not saved, and the client keeps the cookie that it has. What must not be lost
	 * in silence still fails: logging in, logging out, and saving a session that could be
	 * read.
	 */
	ANONYMOUS

}
