package app.session.redis.settings;

/**
 * How a log-in is handled if its principal already has as many sessions as are allowed.
 */
public enum OnExceeded {

	/**
	 * The least recently used session ends, and the log-in succeeds. A session on another
	 * device never locks a user out. However, an attacker with the password can end the
	 * user's sessions, and the ended session is the only sign of the attack.
	 */
	EVICT_OLDEST,

	/**
	 * The log-in is refused. Sessions that are in use continue. However, users who left a
	 * session on another device must end it, or wait until it expires, before they can
	 * log in elsewhere.
	 */
	REJECT

}
