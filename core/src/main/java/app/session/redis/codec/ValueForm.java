package app.session.redis.codec;

/**
 * The format in which values are serialized. A string is stored as text in both formats.
 */
public enum ValueForm {

	/** Java serialization. */
	JDK,

	/** JSON, written by Jackson 3, with class names where they are needed. */
	JSON

}
