package app.session.redis.settings;

/**
 * Converts attribute values between the objects that the application uses and the objects
 * that are serialized: for objects of a framework that wrap those of the application, for
 * example. It is applied before a value is serialized, also to find out whether an object
 * has changed, and after a value is deserialized. Must be safe for use by several
 * threads, and must not read or change the session.
 */
public interface AttributeConversion {

	/** Stores every value as it is. */
	AttributeConversion NONE = new AttributeConversion() {
	};

	/**
	 * Returns the object that is serialized for a value. It must hold the state of the
	 * value: a change in place is found only if this object serializes differently.
	 * @param name the name of the attribute
	 * @param value the value as the application has it
	 * @return the object to serialize; the value itself by default
	 */
	default Object toStored(String name, Object value) {
		return value;
	}

	/**
	 * Returns the value that the application gets for an object that was deserialized.
	 * @param name the name of the attribute
	 * @param stored the object as it was deserialized
	 * @return the value; the object itself by default
	 */
	default Object fromStored(String name, Object stored) {
		return stored;
	}

	/**
	 * Whether a value is never stored. Such a value can be read by the request that has
	 * set it, never counts as a change, and replaces a value that is stored under its
	 * name. Asked once, when the attribute is set.
	 * @param name the name of the attribute
	 * @param value the value
	 * @return whether only the present request sees it; false by default
	 */
	default boolean isTransient(String name, Object value) {
		return false;
	}

}
