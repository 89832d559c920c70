package app.session.redis.store;

/**
 * What became of a save.
 */
public enum SaveResult {

	/** The change is in Redis. */
	SAVED,

	/**
	 * The session is not there any more: it was deleted, or it has expired and was
	 * collected. Nothing was written.
	 */
	GONE,

	/** The session has expired and was not yet collected. Nothing was written. */
	EXPIRED,

	/** The session got another id since it was loaded. Nothing was written. */
	ID_CHANGED,

	/**
	 * The request no longer has the session's lock: its lease ran out, or another took it
	 * over. Nothing was written.
	 */
	LOCK_LOST,

	/**
	 * The session got another seal since it was loaded, because its principal has
	 * changed, or because another node has sealed it. Nothing was written.
	 */
	SEAL_CHANGED

}
