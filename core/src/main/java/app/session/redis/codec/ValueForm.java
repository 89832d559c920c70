package app.session.redis.codec;

/**
 * How values are turned into bytes. A string is stored as its text by either.
 */
public enum ValueForm {

	/** Java serialization. */
	JDK,

	/** JSON, by Jackson 3, with the names of classes where they are needed. */
	JSON

}
