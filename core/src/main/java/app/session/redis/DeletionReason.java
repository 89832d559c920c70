package app.session.redis;

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
	UNREADABLE

}
