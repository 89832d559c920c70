package app.session.redis.session;

import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

import app.session.redis.codec.SessionSeal;
import app.session.redis.codec.TypeRefusedException;
import app.session.redis.codec.UnreadableValueException;
import app.session.redis.codec.ValueCodec;
import app.session.redis.settings.AttributeConversion;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.util.ClassUtils;

/**
 * Converts the values of attributes to bytes and back, and detects whether an object has
 * changed. Safe for use by several threads; shared by all sessions of a node.
 */
final class AttributeValues {

	private static final Log logger = LogFactory.getLog(StoredSession.class);

	/**
	 * Types whose objects serialize differently without having changed; each is logged
	 * once.
	 */
	private static final Set<String> UNSTABLE_TYPES = ConcurrentHashMap.newKeySet();

	/** The beginning of the codec's messages. */
	private static final String UNNAMED = "A session attribute";

	private final ValueCodec codec;

	private final AttributeConversion conversion;

	AttributeValues(ValueCodec codec, AttributeConversion conversion) {
		this.codec = codec;
		this.conversion = conversion;
	}

	/** Returns whether a value is kept for the current request only. */
	boolean isTransient(String name, Object value) {
		return this.conversion.isTransient(name, value);
	}

	/** Returns whether a serialized value is, or may be, an instance of a type. */
	boolean mayBe(byte[] serialized, Class<?> type) {
		String name = ValueCodec.type(serialized);
		if (name == null) {
			return true;
		}
		try {
			// Loads the class without initializing it
			return type.isAssignableFrom(ClassUtils.forName(name, ClassUtils.getDefaultClassLoader()));
		}
		catch (ClassNotFoundException | LinkageError ex) {
			return false;
		}
	}

	/**
	 * Deserializes a value.
	 * @throws UnreadableValueException if this node can't read the value
	 */
	Object deserialize(String name, SessionSeal seal, byte[] serialized) {
		return this.conversion.fromStored(name, this.codec.deserialize(seal, serialized));
	}

	/**
	 * Serializes a value for a save.
	 * @throws IllegalArgumentException if the value can't be stored
	 */
	byte[] serialize(String name, Object value) {
		return convert(name, value, (stored) -> this.codec.serialize(name, stored));
	}

	/**
	 * Serializes a value for comparison.
	 * @throws IllegalArgumentException if the value can't be stored
	 */
	byte[] snapshot(String name, Object value) {
		return convert(name, value, this.codec::snapshot);
	}

	/**
	 * Serializes a value that was read, for later comparison.
	 * @return the serialized value, or null if it can't be serialized again
	 */
	byte @Nullable [] baseline(String name, Object value) {
		try {
			return snapshot(name, value);
		}
		catch (IllegalArgumentException ex) {
			logger.debug("An attribute that was read can't be serialized again; changes in place are not detected", ex);
			return null;
		}
	}

	/**
	 * Serializes the object of an attribute if it was changed in place.
	 * @param name the attribute's name
	 * @param attribute the attribute
	 * @param value its object
	 * @param inPlace whether to detect changes in place
	 * @return the serialized object, or null if it hasn't changed
	 * @throws IllegalArgumentException if the value can't be stored
	 */
	byte @Nullable [] changedInPlace(String name, Attribute attribute, Object value, boolean inPlace) {
		byte[] baseline = attribute.baseline;
		if (!inPlace || baseline == null) {
			return null;
		}
		byte[] now = snapshot(name, value);
		if (Arrays.equals(now, baseline)) {
			return null;
		}
		byte[] again = serialize(name, value);
		if (!Arrays.equals(now, again) && !attribute.setAgain) {
			String type = this.conversion.toStored(name, value).getClass().getName();
			if (UNSTABLE_TYPES.add(type)) {
				logger.warn("Objects of " + type + " in a session serialize differently each time, so changes "
						+ "in place can't be detected. They are saved only with setAttribute");
			}
			return null;
		}
		return again;
	}

	/**
	 * Serializes a value. Application code that is called for this may throw any
	 * exception.
	 * @throws IllegalArgumentException if the value can't be stored; the message names
	 * the attribute
	 */
	private byte[] convert(String name, Object value, Function<Object, byte[]> serialization) {
		Object stored = value;
		try {
			stored = this.conversion.toStored(name, value);
			return serialization.apply(stored);
		}
		catch (TypeRefusedException ex) {
			throw ex.withMessage(named(name, String.valueOf(ex.getMessage())));
		}
		catch (IllegalArgumentException ex) {
			throw new IllegalArgumentException(named(name, String.valueOf(ex.getMessage())), ex);
		}
		catch (RuntimeException | LinkageError | StackOverflowError ex) {
			throw new IllegalArgumentException(
					"The session attribute '" + name + "' of type " + stored.getClass().getName()
							+ " can't be stored, because serializing it failed with " + ex.getClass().getName(),
					ex);
		}
	}

	/** Returns the message of a failure with the name of the attribute. */
	private static String named(String name, String message) {
		return message.startsWith(UNNAMED)
				? "The session attribute '" + name + "'" + message.substring(UNNAMED.length())
				: "The session attribute '" + name + "' can't be stored: " + message;
	}

	/** Encrypts and signs a serialized value, if the session is sealed. */
	byte[] seal(SessionSeal seal, String name, byte[] serialized) {
		return this.codec.seal(seal, name, serialized);
	}

	/**
	 * Returns the serialized value of a stored one.
	 * @throws UnreadableValueException if the stored value is not authentic, or can't be
	 * decrypted by this node
	 */
	byte[] open(SessionSeal seal, String name, byte[] stored) {
		return this.codec.open(seal, name, stored);
	}

	/** Returns whether a serialized value may be stored in a sealed session. */
	boolean isSealable(byte[] serialized) {
		return this.codec.isSealable(serialized);
	}

}
