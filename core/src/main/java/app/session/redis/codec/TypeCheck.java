package app.session.redis.codec;

/**
 * What becomes of types that are not among the allowed ones.
 */
public enum TypeCheck {

	/** They are refused, when an attribute is written and when it is read. */
	ENFORCE,

	/**
	 * They are stored, and logged once each with the line that allows them. They are read
	 * from sealed sessions only, so that write access to Redis is not enough to have one
	 * created. Types that are never stored are refused all the same.
	 */
	WARN

}
