package app.session.redis.settings;

/**
 * What becomes of a save with changes whose session was deleted, has expired or got
 * another id in the meantime. It is refused in any case. A save without a change doesn't
 * ask Redis, and is never refused.
 */
public enum SaveAfterDelete {

	/**
	 * The request goes on; the refusal is counted, and logged if the session has expired
	 * while the request ran.
	 */
	IGNORE,

	/** The request fails with an {@link IllegalStateException}. */
	FAIL

}
