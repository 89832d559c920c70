package app.session.redis.settings;

/**
 * How a request is handled whose client differs from the one that logged in to its
 * session.
 */
public enum OnMismatch {

	/** The difference is logged and counted, and the request uses the session. */
	LOG,

	/**
	 * The request has no session, as if its client had sent no id, so that the client has
	 * to log in again. The session continues for the client that logged in.
	 */
	REAUTHENTICATE,

	/**
	 * The session ends, for the client that logged in as well, and the request has no
	 * session.
	 */
	END

}
