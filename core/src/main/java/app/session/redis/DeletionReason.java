package app.session.redis;

import app.session.redis.settings.OnUnreadable;

/**
 * Why a session was deleted.
 */
public enum DeletionReason {

	/**
	 * The application asked for it: the user logged out, or the session was invalidated.
	 */
	APPLICATION,

	/** All sessions of an index value were deleted, those of a principal for instance. */
	INDEX,

	/** Who looks after sessions ended it. */
	OPERATOR,

	/** It made room for a log-in of the same principal. */
	LIMIT,

	/** It had an attribute that could not be read ({@link OnUnreadable#DROP_SESSION}). */
	UNREADABLE

}
