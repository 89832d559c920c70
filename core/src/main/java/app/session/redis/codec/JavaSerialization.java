package app.session.redis.codec;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.NotSerializableException;

import org.jspecify.annotations.Nullable;

/**
 * Java serialization, of allowed types only.
 */
final class JavaSerialization {

	/**
	 * With fewer objects than this none can lie too deep, superclasses counted as a level
	 * each, as the JDK does.
	 */
	private static final int SURELY_FLAT = ValueInputStream.MAX_DEPTH - 25;

	private final AllowedTypes allowedTypes;

	private final @Nullable ClassLoader classLoader;

	JavaSerialization(AllowedTypes allowedTypes, @Nullable ClassLoader classLoader) {
		this.allowedTypes = allowedTypes;
		this.classLoader = classLoader;
	}

	/**
	 * Writes a value.
	 * @param form what its first byte is to be
	 * @param value the value
	 * @param toStore whether to try to read what can be too deep or too much to be read
	 */
	byte[] write(byte form, Object value, boolean toStore) {
		ByteArrayOutputStream out = new ByteArrayOutputStream(512);
		out.write(form);
		boolean readable;
		try {
			ValueOutputStream objects = new ValueOutputStream(out, this.allowedTypes);
			objects.writeObject(value);
			objects.flush();
			readable = objects.nodes() < SURELY_FLAT && out.size() <= ValueInputStream.MAX_REFERENCES;
		}
		catch (TypeRefusedException ex) {
			throw new IllegalArgumentException(
					"A session attribute of type " + AllowedTypes.printable(value.getClass().getName())
							+ " can't be stored, because it is or holds " + ex.getMessage(),
					ex);
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
		catch (StackOverflowError ex) {
			throw new IllegalArgumentException("A session attribute of type " + value.getClass().getName()
					+ " can't be serialized: its objects lie too deep in each other", ex);
		}
		byte[] bytes = out.toByteArray();
		if (toStore) {
			requireReadable(value, bytes, readable);
		}
		return bytes;
	}

	private void requireReadable(Object value, byte[] bytes, boolean readable) {
		try {
			if (!readable) {
				read(bytes);
			}
			else if (bytes.length > StreamWork.HARMLESS_BYTES) {
				StreamWork.check(bytes, 1, ValueInputStream.MAX_DEPTH);
			}
		}
		catch (IOException | ClassNotFoundException | RuntimeException | LinkageError | StackOverflowError ex) {
			throw new IllegalArgumentException(
					"A session attribute of type " + value.getClass().getName()
							+ " can't be stored, because it could not be read again: "
							+ ((ex instanceof UnreadableValueException) ? ex.getMessage() : ex.getClass().getName()),
					ex);
		}
	}

	/** Reads what follows the first byte. */
	Object read(byte[] bytes) throws IOException, ClassNotFoundException {
		if (bytes.length > StreamWork.HARMLESS_BYTES) {
			StreamWork.check(bytes, 1, ValueInputStream.MAX_DEPTH);
		}
		ValueInputStream in = ValueInputStream.of(new ByteArrayInputStream(bytes, 1, bytes.length - 1), bytes.length,
				this.classLoader, this.allowedTypes);
		try {
			Object value = in.readValue();
			if (value != null) {
				return value;
			}
			throw new UnreadableValueException("It holds nothing", null);
		}
		catch (IOException | RuntimeException ex) {
			if (in.refusal() != null) {
				throw new UnreadableValueException(in.refusal(), ex);
			}
			throw ex;
		}
	}

}
