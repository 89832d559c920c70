package app.session.redis.codec;

/**
 * The handling of types that are not allowed.
 */
public enum TypeCheck {

	/** They are rejected when an attribute is written and when it is read. */
	ENFORCE,

	/**
	 * They are stored, and each is logged once with the setting that allows it. They are
	 * read from sealed sessions only, so that write access to Redis is not enough to
	 * create their objects. Types that are never stored are still rejected.
	 */
	WARN

}
