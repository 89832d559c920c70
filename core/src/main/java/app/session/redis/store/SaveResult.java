package app.session.redis.store;

/**
 * The result of a save.
 */
public enum SaveResult {

	/** The change is in Redis. */
	SAVED,

	/**
	 * The session no longer exists: it was deleted, or it expired and was collected.
	 * Nothing was written.
	 */
	GONE,

	/** The session has expired and has not yet been collected. Nothing was written. */
	EXPIRED,

	/** The id of the session has changed since it was loaded. Nothing was written. */
	ID_CHANGED,

	/**
	 * The request no longer holds the session's lock: its lease expired, or another
	 * request took it over. Nothing was written.
	 */
	LOCK_LOST,

	/**
	 * The seal of the session has changed since it was loaded, because its principal has
	 * changed, or because another node has sealed it. Nothing was written.
	 */
	SEAL_CHANGED

}
