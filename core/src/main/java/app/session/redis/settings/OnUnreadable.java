package app.session.redis.settings;

/**
 * How a session is handled that has an attribute that can't be read, for example because
 * a deployment has changed its class.
 */
public enum OnUnreadable {

	/**
	 * The attribute is treated as absent. It stays in Redis until it is set or removed,
	 * so that an older version of the application can still read it.
	 */
	DROP_ATTRIBUTE,

	/**
	 * The session is deleted on the next request of its client. Each lookup of a client's
	 * session then reads all of its attributes.
	 */
	DROP_SESSION,

	/** Reading the attribute fails. */
	FAIL

}
