package app.session.redis.settings;

/**
 * What becomes of a log-in whose principal has as many sessions as are allowed.
 */
public enum OnExceeded {

	/**
	 * The session that was used longest ago ends, and the log-in succeeds. Nobody is
	 * locked out by a session that was left behind on another device; but whoever has the
	 * password can end the sessions of whoever else has it, and is not noticed but by
	 * that.
	 */
	EVICT_OLDEST,

	/**
	 * The log-in is refused. Sessions that are in use stay; but whoever has left one
	 * behind must end it, or wait until it expires, before logging in elsewhere.
	 */
	REJECT

}
