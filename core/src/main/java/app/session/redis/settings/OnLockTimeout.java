package app.session.redis.settings;

/**
 * How a request is handled that has waited for the lock of its session for too long.
 */
public enum OnLockTimeout {

	/** The response is 503 with {@code Retry-After}. */
	REJECT,

	/**
	 * The request continues, but its changes to the session are not saved. Operations
	 * that must not be lost silently still fail: a log-in and a change of the session id.
	 */
	READ_ONLY,

	/**
	 * The request takes over the lock. From then on, the previous holder saves nothing,
	 * and its response is 503 if it tries to.
	 */
	BREAK

}
