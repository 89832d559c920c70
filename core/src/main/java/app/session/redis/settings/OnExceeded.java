package app.session.redis.settings;

/**
 * How a log-in is handled if its principal already has as many sessions as are allowed.
 */
public enum OnExceeded {

	/**
	 * The least recently used session ends, and the log-in succeeds. Users aren't locked
	 * out by a session that they left on another device. However, an attacker who has the
	 * password can end the user's sessions, and the ended session is the only sign that
	 * the user notices.
	 */
	EVICT_OLDEST,

	/**
	 * The log-in is refused. Sessions that are in use continue. However, users who left a
	 * session on another device must end it, or wait until it expires, before they can
	 * log in elsewhere.
	 */
	REJECT

}
