package app.session.redis.settings;

/**
 * How a save with changes is handled if its session was deleted, has expired or got
 * another id in the meantime. It is refused in any case. A save without changes sends no
 * command to Redis, and is never refused.
 */
public enum SaveAfterDelete {

	/**
	 * The request continues. The refusal is counted, and logged if the session has
	 * expired while the request was running.
	 */
	IGNORE,

	/** The request fails with an {@link IllegalStateException}. */
	FAIL

}
