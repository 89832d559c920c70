package app.session.redis.settings;

/**
 * Converts attribute values between the objects that the application uses and the objects
 * that are serialized, for example to unwrap a framework's proxies. A conversion is
 * applied before a value is serialized, also to detect whether an object has changed, and
 * after a value is deserialized. It must be safe for use by several threads, and must not
 * read or change the session.
 */
public interface AttributeConversion {

	/** Stores every value as it is. */
	AttributeConversion NONE = new AttributeConversion() {
	};

	/**
	 * Returns the object that is serialized for a value. It must hold the state of the
	 * value: a change in place is detected only if this object serializes differently.
	 * @param name the name of the attribute
	 * @param value the value that the application has set
	 * @return the object to serialize; by default, the value itself
	 */
	default Object toStored(String name, Object value) {
		return value;
	}

	/**
	 * Returns the value that the application gets for an object that was deserialized.
	 * @param name the name of the attribute
	 * @param stored the deserialized object
	 * @return the value; by default, the object itself
	 */
	default Object fromStored(String name, Object stored) {
		return stored;
	}

	/**
	 * Returns whether a value is never stored. Such a value can be read only by the
	 * request that has set it, never counts as a change, and replaces a value that is
	 * stored under its name. Called once, when the attribute is set.
	 * @param name the name of the attribute
	 * @param value the value
	 * @return whether the value exists only for the current request; by default, false
	 */
	default boolean isTransient(String name, Object value) {
		return false;
	}

}
