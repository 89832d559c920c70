package app.session.redis.settings;

/**
 * Which attributes are written when a session is saved.
 */
public enum SaveMode {

	/**
	 * Attributes that were set or removed, or that were read and have changed since, for
	 * example by {@code cart.add(item)} without {@code setAttribute}. An object that was
	 * read and is set again is written only if it has changed; Spring sets each
	 * session-scoped bean again that a request has used. Every mutable attribute that a
	 * request reads is serialized twice.
	 */
	ON_CHANGE,

	/**
	 * Attributes that were set or removed. An object that is changed in place is not
	 * written.
	 */
	ON_SET_ATTRIBUTE,

	/**
	 * Attributes that were set, removed or read. A request that only reads can overwrite
	 * the changes of a concurrent request.
	 */
	ON_GET_ATTRIBUTE,

	/**
	 * All attributes, on every request that uses the session. Concurrent changes can be
	 * overwritten, as with {@link #ON_GET_ATTRIBUTE}.
	 */
	ALWAYS

}
