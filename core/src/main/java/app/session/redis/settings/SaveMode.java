package app.session.redis.settings;

/**
 * What of a session's attributes is written when it is saved.
 */
public enum SaveMode {

	/**
	 * What was set or removed, and what was read and has changed since, as by
	 * {@code cart.add(item)} without {@code setAttribute}. An object that was read and is
	 * set again, as Spring does with each session-scoped bean that a request has used, is
	 * written only if it has changed. Costs the serialization of every mutable attribute
	 * that a request reads, twice.
	 */
	ON_CHANGE,

	/** What was set or removed. An object that is changed in place is not written. */
	ON_SET_ATTRIBUTE,

	/**
	 * What was set, removed or read. Of two requests at a time, one that only reads
	 * overwrites what the other writes.
	 */
	ON_GET_ATTRIBUTE,

	/** All attributes, by every request that uses the session; likewise. */
	ALWAYS

}
