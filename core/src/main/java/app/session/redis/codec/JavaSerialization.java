package app.session.redis.codec;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

import app.session.redis.OptionNames;
import org.jspecify.annotations.Nullable;

/**
 * Java serialization, of allowed types only.
 */
final class JavaSerialization {

	/**
	 * With fewer objects than this, the maximum depth can't be exceeded. The JDK also
	 * counts each superclass as a level.
	 */
	private static final int MAX_FLAT_NODES = ValueInputStream.MAX_DEPTH - 25;

	private final AllowedTypes allowedTypes;

	private final OptionNames optionNames;

	private final @Nullable ClassLoader classLoader;

	JavaSerialization(AllowedTypes allowedTypes, OptionNames optionNames, @Nullable ClassLoader classLoader) {
		this.allowedTypes = allowedTypes;
		this.optionNames = optionNames;
		this.classLoader = classLoader;
	}

	/**
	 * Writes a value. Exceptions in it that can't be stored are replaced; the value
	 * itself is not changed.
	 * @param form the first byte of the result
	 * @param value the value
	 * @param toStore whether to check that the result can be read, by reading it back if
	 * it may be too deep or too large
	 * @throws IllegalArgumentException if the value can't be stored
	 */
	byte[] write(byte form, Object value, boolean toStore) {
		StoredThrowables throwables = new StoredThrowables(this.allowedTypes, false);
		try {
			return write(form, value, toStore, throwables);
		}
		catch (IllegalArgumentException ex) {
			if (!throwables.hasAny()) {
				throw ex;
			}
		}
		// The fields of an exception may be the cause
		return write(form, value, toStore, new StoredThrowables(this.allowedTypes, true));
	}

	private byte[] write(byte form, Object value, boolean toStore, StoredThrowables throwables) {
		ByteArrayOutputStream out = new ByteArrayOutputStream(512);
		out.write(form);
		ValueOutputStream objects;
		try {
			objects = new ValueOutputStream(out, this.allowedTypes, throwables, new Refusals(this.optionNames));
			objects.writeObject(value);
			objects.flush();
		}
		// RuntimeException: thrown by the value's own code
		catch (IOException | RuntimeException ex) {
			throw new IllegalArgumentException(
					"A session attribute of type " + value.getClass().getName() + " can't be serialized", ex);
		}
		catch (StackOverflowError ex) {
			throw new IllegalArgumentException("A session attribute of type " + value.getClass().getName()
					+ " can't be serialized: its objects are nested too deeply", ex);
		}
		if (!objects.refusals().isEmpty()) {
			throw objects.refusals().toException(value);
		}
		byte[] bytes = out.toByteArray();
		if (toStore || objects.hasReplacedAny()) {
			boolean flat = objects.nodes() < MAX_FLAT_NODES && bytes.length <= ValueInputStream.MAX_REFERENCES;
			requireReadable(value, bytes, flat && !objects.hasReplacedAny(), throwables);
		}
		return bytes;
	}

	private void requireReadable(Object value, byte[] bytes, boolean readable, StoredThrowables throwables) {
		try {
			if (!readable) {
				read(bytes);
			}
			else if (bytes.length > StreamWork.HARMLESS_BYTES) {
				StreamWork.check(bytes, 1, ValueInputStream.MAX_DEPTH);
			}
		}
		catch (ClassCastException ex) {
			// A field of the application can't hold the replacement of an exception
			Refusals refusals = new Refusals(this.optionNames);
			throwables.replaced().stream().filter((type) -> !this.allowedTypes.allows(type)).forEach(refusals::add);
			throw refusals.isEmpty() ? notReadable(value, ex) : refusals.toException(value);
		}
		catch (IOException | ClassNotFoundException | RuntimeException | LinkageError | StackOverflowError ex) {
			throw notReadable(value, ex);
		}
	}

	private static IllegalArgumentException notReadable(Object value, Throwable failure) {
		return new IllegalArgumentException("A session attribute of type " + value.getClass().getName()
				+ " can't be stored, because it can't be read back: "
				+ ((failure instanceof UnreadableValueException) ? failure.getMessage() : failure.getClass().getName()),
				failure);
	}

	/** Reads the bytes after the first byte. */
	Object read(byte[] bytes) throws IOException, ClassNotFoundException {
		if (bytes.length > StreamWork.HARMLESS_BYTES) {
			StreamWork.check(bytes, 1, ValueInputStream.MAX_DEPTH);
		}
		ValueInputStream in = ValueInputStream.of(new ByteArrayInputStream(bytes, 1, bytes.length - 1), bytes.length,
				this.classLoader, this.allowedTypes, this.optionNames);
		try {
			Object value = in.readValue();
			if (value != null) {
				return value;
			}
			throw new UnreadableValueException("It is empty", null);
		}
		catch (IOException | ClassNotFoundException | LinkageError | RuntimeException ex) {
			if (in.refusal() != null) {
				throw new UnreadableValueException(in.refusal(), ex);
			}
			throw ex;
		}
	}

}
