package app.session.redis;

import app.session.redis.settings.OnMismatch;
import app.session.redis.settings.OnUnreadable;

/**
 * The reason why a session was deleted.
 */
public enum DeletionReason {

	/**
	 * The application deleted the session: the user logged out, or the session was
	 * invalidated.
	 */
	APPLICATION,

	/** All sessions of an index value were deleted, for example those of a principal. */
	INDEX,

	/** An operator ended the session. */
	OPERATOR,

	/** The session was evicted by a log-in of the same principal. */
	LIMIT,

	/**
	 * The session had an attribute that could not be read
	 * ({@link OnUnreadable#DROP_SESSION}).
	 */
	UNREADABLE,

	/**
	 * The provider of the user's identity logged the user out (OpenID Connect
	 * back-channel logout).
	 */
	OIDC_LOGOUT,

	/**
	 * A client that differs from the one that logged in has sent the session's id
	 * ({@link OnMismatch#END}).
	 */
	CLIENT_MISMATCH

}
