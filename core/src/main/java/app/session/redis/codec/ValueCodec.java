package app.session.redis.codec;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.NotSerializableException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

import org.jspecify.annotations.Nullable;

import org.springframework.core.serializer.DefaultDeserializer;
import org.springframework.core.serializer.DefaultSerializer;
import org.springframework.data.redis.serializer.RedisSerializer;
import org.springframework.data.redis.serializer.SerializationException;

/**
 * Turns attribute values into bytes and back. The first byte tells the form, so that the
 * configuration can change under living sessions: every form is read, the configured one
 * is written.
 */
public final class ValueCodec {

	/**
	 * A string in UTF-8: the most frequent value, and ten times cheaper than through
	 * serialization.
	 */
	private static final byte TEXT = 1;

	/** Java serialization. */
	private static final byte JAVA = 2;

	/** The application's own serializer. */
	private static final byte CUSTOM = 3;

	private final DefaultSerializer javaSerializer = new DefaultSerializer();

	private final DefaultDeserializer javaDeserializer;

	private final @Nullable RedisSerializer<Object> custom;

	/**
	 * Creates a codec.
	 * @param classLoader where classes of stored objects come from, or null for the
	 * thread's
	 * @param custom the application's own serializer, or null for Java serialization
	 */
	public ValueCodec(@Nullable ClassLoader classLoader, @Nullable RedisSerializer<Object> custom) {
		this.javaDeserializer = (classLoader != null) ? new DefaultDeserializer(classLoader)
				: new DefaultDeserializer();
		this.custom = custom;
	}

	/**
	 * Encodes a value.
	 * @param value the value
	 * @return its bytes
	 * @throws IllegalArgumentException if it can't be serialized
	 */
	public byte[] encode(Object value) {
		if (this.custom != null) {
			return form(CUSTOM, customBytes(this.custom, value));
		}
		if (value instanceof String text) {
			return form(TEXT, text.getBytes(StandardCharsets.UTF_8));
		}
		ByteArrayOutputStream out = new ByteArrayOutputStream(512);
		out.write(JAVA);
		try {
			this.javaSerializer.serialize(value, out);
		}
		catch (NotSerializableException ex) {
			throw new IllegalArgumentException(
					"A session attribute of type " + value.getClass().getName() + " can't be stored, because "
							+ ex.getMessage() + " is not Serializable. Make it so, or keep it out of the session",
					ex);
		}
		catch (IOException ex) {
			throw new IllegalArgumentException(
					"A session attribute of type " + value.getClass().getName() + " can't be serialized", ex);
		}
		return out.toByteArray();
	}

	private static byte[] customBytes(RedisSerializer<Object> serializer, Object value) {
		try {
			byte[] bytes = serializer.serialize(value);
			if (bytes != null) {
				return bytes;
			}
		}
		catch (SerializationException ex) {
			throw new IllegalArgumentException("A session attribute of type " + value.getClass().getName()
					+ " can't be serialized by the application's serializer", ex);
		}
		throw new IllegalArgumentException("The application's serializer made nothing of a session attribute of type "
				+ value.getClass().getName());
	}

	/**
	 * The encoded form of a value that Spring Session's own repository has written: with
	 * the application's serializer where there is one, else with Java's.
	 * @param raw the value as it stands there
	 * @return the encoded form
	 */
	public byte[] form(byte[] raw) {
		return form((this.custom != null) ? CUSTOM : JAVA, raw);
	}

	/**
	 * A string as Spring Session's own repository writes it.
	 * @param text the string
	 * @return its bytes there
	 */
	public byte[] raw(String text) {
		if (this.custom != null) {
			return customBytes(this.custom, text);
		}
		try {
			return this.javaSerializer.serializeToByteArray(text);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static byte[] form(byte form, byte[] bytes) {
		byte[] result = new byte[bytes.length + 1];
		result[0] = form;
		System.arraycopy(bytes, 0, result, 1, bytes.length);
		return result;
	}

	/**
	 * Decodes a value.
	 * @param bytes what {@link #encode} made, perhaps under another configuration
	 * @return the value, a new object with every call
	 * @throws UnreadableValueException if that can't be done
	 */
	public Object decode(byte[] bytes) {
		if (bytes.length == 0) {
			throw new UnreadableValueException("It is empty", null);
		}
		try {
			switch (bytes[0]) {
				case TEXT -> {
					return new String(bytes, 1, bytes.length - 1, StandardCharsets.UTF_8);
				}
				case JAVA -> {
					return this.javaDeserializer.deserialize(new ByteArrayInputStream(bytes, 1, bytes.length - 1));
				}
				case CUSTOM -> {
					if (this.custom == null) {
						throw new UnreadableValueException(
								"It was written by a serializer of the application that is no longer configured", null);
					}
					Object value = this.custom.deserialize(Arrays.copyOfRange(bytes, 1, bytes.length));
					if (value != null) {
						return value;
					}
					throw new UnreadableValueException("The application's serializer made nothing of it", null);
				}
				default -> throw new UnreadableValueException("Its form " + bytes[0] + " is not known here", null);
			}
		}
		catch (UnreadableValueException ex) {
			throw ex;
		}
		// Whatever a stored object's own code throws, and classes that no longer link
		catch (IOException | RuntimeException | LinkageError | StackOverflowError ex) {
			throw new UnreadableValueException("It can't be deserialized: " + describe(ex), ex);
		}
	}

	/**
	 * The kind of the failure and, for a missing class, its name: never text that may
	 * hold a part of the value.
	 */
	private static String describe(Throwable failure) {
		Throwable cause = failure;
		while (cause.getCause() != null && !(cause instanceof ClassNotFoundException)) {
			cause = cause.getCause();
		}
		return (cause instanceof ClassNotFoundException) ? cause.getClass().getSimpleName() + " " + cause.getMessage()
				: cause.getClass().getName();
	}

}
