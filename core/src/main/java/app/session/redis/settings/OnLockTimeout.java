package app.session.redis.settings;

/**
 * What becomes of a request that has waited for the lock of its session for too long.
 */
public enum OnLockTimeout {

	/** 503 with {@code Retry-After}. */
	REJECT,

	/**
	 * It goes on, and nothing that it changes in the session is saved. What must not be
	 * lost in silence still fails: logging in, and a change of the id.
	 */
	READ_ONLY,

	/**
	 * It takes the lock over. The request that had it saves nothing from then on, and is
	 * answered with 503 if it tries to.
	 */
	BREAK

}
