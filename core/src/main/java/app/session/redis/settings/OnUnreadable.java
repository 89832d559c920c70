package app.session.redis.settings;

/**
 * What becomes of a session with an attribute that can't be read, as after a deployment
 * that changed its class.
 */
public enum OnUnreadable {

	/**
	 * The attribute is as if it were absent. It stays in Redis until it is set or
	 * removed, so that an older version of the application can still read it.
	 */
	DROP_ATTRIBUTE,

	/**
	 * The session is deleted when its client comes next. Costs reading every attribute
	 * then.
	 */
	DROP_SESSION,

	/** Reading the attribute fails. */
	FAIL

}
