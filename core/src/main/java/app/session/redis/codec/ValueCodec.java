package app.session.redis.codec;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

import app.session.redis.Option;
import app.session.redis.OptionNames;
import app.session.redis.codec.SessionSeal.Sealed;
import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.serializer.RedisSerializer;
import org.springframework.data.redis.serializer.SerializationException;

/**
 * Converts attribute values to bytes and back in two steps: {@link #serialize} converts
 * an object to bytes, {@link #seal} compresses and encrypts them if configured. The first
 * byte identifies the form, so that the configuration can change while sessions exist.
 *
 * <pre>
 * 1  a string, in UTF-8
 * 2  Java serialization
 * 3  the application's own serializer
 * 4  JSON
 * 5  compressed by deflate, 6 by LZ4, 7 by Zstandard: the original length in four bytes, the compressed data
 * 8  encrypted: length of the key's name, the name, 12 bytes of nonce, the ciphertext, 16 bytes of tag
 * 9  authenticated: length of the key's name, the name, 16 bytes of HMAC, the value
 * </pre>
 *
 * An encrypted or authenticated value may contain a compressed one, which contains one of
 * the first four forms. Thread-safe.
 */
public final class ValueCodec {

	/** The maximum size of an uncompressed value in bytes: 64 MB. */
	public static final int MAX_BYTES = 64 << 20;

	/**
	 * A string in UTF-8, the most common type of value: ten times faster than
	 * serialization.
	 */
	private static final byte TEXT = 1;

	private static final byte JAVA = 2;

	private static final byte CUSTOM = 3;

	private static final byte JSON = 4;

	private final @Nullable ClassLoader classLoader;

	private final ValueForm form;

	private final @Nullable RedisSerializer<Object> custom;

	private final JavaSerialization javaSerialization;

	private final Set<ValueForm> readForms;

	/** Null if JSON is neither written nor read. */
	private final @Nullable JsonSerialization json;

	private final UnlistedTypes unlisted;

	/** The types in the current value that are not allowed. */
	private final ThreadLocal<@Nullable Set<String>> found = new ThreadLocal<>();

	/** Null unless types that are not allowed are stored. */
	private final @Nullable JavaSerialization lenientJava;

	private final @Nullable JsonSerialization lenientJson;

	private final ValueCompression compression;

	private final @Nullable ValueSealing sealing;

	private final OptionNames optionNames;

	ValueCodec(ValueCodecBuilder builder) {
		this.classLoader = builder.classLoader;
		this.optionNames = builder.optionNames;
		this.unlisted = new UnlistedTypes(this.optionNames);
		this.form = builder.form;
		this.custom = builder.custom;
		this.javaSerialization = java(builder.allowedTypes);
		this.readForms = EnumSet.noneOf(ValueForm.class);
		this.readForms.addAll(builder.readForms);
		if (this.custom == null) {
			this.readForms.add(this.form);
		}
		this.json = this.readForms.contains(ValueForm.JSON) ? json(builder.allowedTypes) : null;
		boolean lenient = builder.typeCheck == TypeCheck.WARN;
		AllowedTypes all = builder.allowedTypes.lenient(this::found);
		this.lenientJava = lenient ? java(all) : null;
		this.lenientJson = (lenient && this.json != null) ? json(all) : null;
		this.compression = new ValueCompression(builder.compression, builder.threshold);
		this.sealing = (builder.keys != null) ? new ValueSealing(builder.keys, this.optionNames) : null;
	}

	private JavaSerialization java(AllowedTypes types) {
		return new JavaSerialization(types, this.optionNames, this.classLoader);
	}

	private JsonSerialization json(AllowedTypes types) {
		return JsonSerialization.of(types, this.optionNames, this.classLoader);
	}

	/**
	 * Returns a builder. Its defaults are Java serialization of the built-in types,
	 * neither compressed nor encrypted.
	 * @return the builder
	 */
	public static ValueCodecBuilder builder() {
		return new ValueCodecBuilder();
	}

	private void found(String type) {
		Set<String> found = this.found.get();
		if (found != null) {
			found.add(AllowedTypes.printable(type));
		}
	}

	/**
	 * Returns the types that were stored although they are not allowed.
	 * @return the types
	 */
	public UnlistedTypes unlisted() {
		return this.unlisted;
	}

	/**
	 * Serializes the value of an attribute, to be sealed and stored. With
	 * {@link TypeCheck#WARN} it may contain types that are not allowed; the session must
	 * then be sealed.
	 * @param attribute the name of the attribute
	 * @param value the value
	 * @return its bytes
	 * @throws TypeRefusedException if it is or contains objects of types that are not
	 * allowed
	 * @throws IllegalArgumentException if it can't be serialized, or could not be read
	 * again
	 */
	public byte[] serialize(String attribute, Object value) {
		try {
			return serialize(value);
		}
		catch (IllegalArgumentException ex) {
			if (this.lenientJava == null) {
				throw ex;
			}
		}
		Set<String> types = new TreeSet<>();
		this.found.set(types);
		try {
			byte[] bytes = requireSize(value, serialize(value, true, true));
			this.unlisted.add(attribute, types);
			return bytes;
		}
		finally {
			this.found.remove();
		}
	}

	/**
	 * Serializes a value, to be sealed and stored.
	 * @param value the value
	 * @return its bytes
	 * @throws TypeRefusedException if it is or contains objects of types that are not
	 * allowed
	 * @throws IllegalArgumentException if it can't be serialized, or could not be read
	 * again
	 */
	public byte[] serialize(Object value) {
		return requireSize(value, serialize(value, true, false));
	}

	private static byte[] requireSize(Object value, byte[] bytes) {
		if (bytes.length > MAX_BYTES) {
			throw new IllegalArgumentException(
					"A session attribute of type " + value.getClass().getName() + " can't be stored: it has "
							+ bytes.length + " bytes, but at most " + MAX_BYTES + " are supported");
		}
		return bytes;
	}

	/**
	 * Serializes a value for comparison, not for storage. Returns the same bytes, but
	 * without the cost of checking whether they could be read again.
	 * @param value the value
	 * @return its bytes
	 * @throws IllegalArgumentException if it can't be serialized
	 */
	public byte[] snapshot(Object value) {
		try {
			return serialize(value, false, false);
		}
		catch (IllegalArgumentException ex) {
			if (this.lenientJava == null) {
				throw ex;
			}
			return serialize(value, false, true);
		}
	}

	private byte[] serialize(Object value, boolean toStore, boolean lenient) {
		if (this.custom != null) {
			return form(CUSTOM, customBytes(this.custom, value));
		}
		if (value instanceof String text && isEncodable(text)) {
			return form(TEXT, text.getBytes(StandardCharsets.UTF_8));
		}
		return (this.form == ValueForm.JSON) ? json(lenient).write(JSON, value, toStore)
				: java(lenient).write(JAVA, value, toStore);
	}

	/**
	 * Returns whether the text can be encoded in UTF-8, which is not possible for
	 * unpaired surrogates.
	 */
	private static boolean isEncodable(String text) {
		for (int i = 0; i < text.length(); i++) {
			char c = text.charAt(i);
			if (Character.isSurrogate(c)) {
				if (Character.isLowSurrogate(c) || i + 1 == text.length()
						|| !Character.isLowSurrogate(text.charAt(i + 1))) {
					return false;
				}
				i++;
			}
		}
		return true;
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
		throw new IllegalArgumentException("The application's serializer returned null for a session attribute of type "
				+ value.getClass().getName());
	}

	/**
	 * Returns the encoded form of a value that Spring Session's own repository has
	 * written with the application's serializer, if there is one, or otherwise with Java
	 * serialization.
	 * @param raw the value as stored by that repository
	 * @return the encoded form
	 */
	public byte[] form(byte[] raw) {
		return form((this.custom != null) ? CUSTOM : JAVA, raw);
	}

	/**
	 * Returns a string as Spring Session's own repository writes it.
	 * @param text the string
	 * @return its bytes in that repository
	 */
	public byte[] raw(String text) {
		if (this.custom != null) {
			return customBytes(this.custom, text);
		}
		byte[] serialized = this.javaSerialization.write(JAVA, text, false);
		return Arrays.copyOfRange(serialized, 1, serialized.length);
	}

	static byte[] form(byte form, byte[] bytes) {
		byte[] result = new byte[bytes.length + 1];
		result[0] = form;
		System.arraycopy(bytes, 0, result, 1, bytes.length);
		return result;
	}

	/**
	 * Compresses a value if it is large enough and this makes it smaller, and seals it if
	 * the session is sealed. Returns the same array if neither applies.
	 * @param seal the seal of the session
	 * @param attribute the name of the attribute
	 * @param serialized the result of {@link #serialize}
	 * @return the stored form
	 * @throws IllegalStateException if the session was not verified, or there is no key
	 */
	public byte[] seal(SessionSeal seal, String attribute, byte[] serialized) {
		if (seal.isBroken()) {
			throw new IllegalStateException("The session " + seal.handle() + " can't be verified on this node");
		}
		byte[] bytes = this.compression.compress(serialized);
		Sealed sealed = seal.sealed();
		if (sealed == null) {
			return bytes;
		}
		if (this.sealing == null) {
			throw new IllegalStateException(
					"The session " + seal.handle() + " is sealed, but no encryption keys are configured");
		}
		return this.sealing.seal(seal, sealed, attribute, bytes);
	}

	/**
	 * Reverses {@link #seal}, even if the value was sealed with another configuration.
	 * Returns the same array if the value was neither compressed nor sealed.
	 * @param seal the seal of the session
	 * @param attribute the name of the attribute
	 * @param stored the stored form
	 * @return the serialized value for {@link #deserialize}
	 * @throws UnreadableValueException if the value was sealed with an unknown key, is
	 * not authentic for this attribute, or is in plain text in a sealed session
	 */
	public byte[] open(SessionSeal seal, String attribute, byte[] stored) {
		if (seal.isBroken()) {
			throw new UnreadableValueException("Its session can't be verified", null);
		}
		Sealed sealed = seal.sealed();
		byte[] bytes = stored;
		if (ValueSealing.isSealed(bytes)) {
			if (this.sealing == null) {
				throw new UnreadableValueException("It is sealed, but no encryption keys are configured ("
						+ this.optionNames.name(Option.ENCRYPTION_KEYS) + ")", null);
			}
			if (sealed == null) {
				throw new UnreadableValueException("It is sealed, but its session is not", null);
			}
			bytes = this.sealing.open(seal, sealed, attribute, bytes);
		}
		else if (sealed != null) {
			throw new UnreadableValueException("It is in plain text, but the values of its session are sealed", null);
		}
		return ValueCompression.isCompressed(bytes) ? this.compression.decompress(bytes) : bytes;
	}

	/**
	 * Deserializes a value.
	 * @param serialized the result of {@link #serialize}, possibly with another
	 * configuration
	 * @return the value, a new object for each call
	 * @throws UnreadableValueException if it can't be deserialized
	 */
	public Object deserialize(byte[] serialized) {
		return deserialize(serialized, false);
	}

	/**
	 * Deserializes the value of an attribute. With {@link TypeCheck#WARN}, types that are
	 * not allowed are read from sealed sessions, whose values a key authenticates.
	 * @param seal the seal of the session
	 * @param serialized the result of {@link #serialize}, possibly with another
	 * configuration
	 * @return the value, a new object for each call
	 * @throws UnreadableValueException if it can't be deserialized
	 */
	public Object deserialize(SessionSeal seal, byte[] serialized) {
		return deserialize(serialized, seal.isSealed());
	}

	private Object deserialize(byte[] serialized, boolean lenient) {
		if (serialized.length == 0) {
			throw new UnreadableValueException("It is empty", null);
		}
		try {
			return switch (serialized[0]) {
				case TEXT -> new String(serialized, 1, serialized.length - 1, StandardCharsets.UTF_8);
				case JAVA -> readJava(serialized, lenient);
				case CUSTOM -> readCustom(serialized);
				case JSON -> json(lenient).read(serialized);
				default -> throw new UnreadableValueException("Its form " + serialized[0] + " is unknown", null);
			};
		}
		catch (UnreadableValueException ex) {
			throw ex;
		}
		// Exceptions from a stored object's own code, and classes that no longer link
		catch (IOException | ClassNotFoundException | RuntimeException | LinkageError | StackOverflowError ex) {
			throw new UnreadableValueException("It can't be deserialized: " + describe(ex), ex);
		}
	}

	/**
	 * Returns whether a value of an unsealed session may be sealed without changes. If
	 * types that are not allowed are read from sealed sessions, the value may be sealed
	 * only if it contains none of them, because a value in plain text is not authentic.
	 * @param serialized the result of {@link #serialize}
	 * @return whether it may be sealed
	 */
	public boolean isSealable(byte[] serialized) {
		if (this.lenientJava == null) {
			return true;
		}
		try {
			deserialize(serialized);
			return true;
		}
		catch (UnreadableValueException ex) {
			return false;
		}
	}

	/**
	 * Returns the class of a value, as far as it is apparent from its bytes. Nothing is
	 * deserialized, and no class is loaded.
	 * @param serialized the result of {@link #serialize}, possibly with another
	 * configuration
	 * @return the name of the class, or null if it can't be determined
	 */
	public static @Nullable String type(byte[] serialized) {
		if (serialized.length == 0) {
			return null;
		}
		if (serialized[0] == TEXT) {
			return String.class.getName();
		}
		String type = switch (serialized[0]) {
			case JAVA -> StoredType.ofJava(serialized);
			case JSON -> StoredType.ofJson(serialized);
			default -> null;
		};
		return (type != null && AllowedTypes.printable(type).equals(type)) ? type : null;
	}

	/**
	 * Returns the value of a stored string without deserializing anything.
	 * @param seal the seal of the session
	 * @param attribute the name of the attribute
	 * @param stored the stored form
	 * @return the string, or null if the value is not a string or can't be read
	 */
	public @Nullable String text(SessionSeal seal, String attribute, byte[] stored) {
		try {
			byte[] serialized = open(seal, attribute, stored);
			return (serialized.length > 0 && serialized[0] == TEXT)
					? new String(serialized, 1, serialized.length - 1, StandardCharsets.UTF_8) : null;
		}
		catch (UnreadableValueException ex) {
			return null;
		}
	}

	private Object readJava(byte[] serialized, boolean lenient) throws IOException, ClassNotFoundException {
		if (!this.readForms.contains(ValueForm.JDK)) {
			throw notRead(ValueForm.JDK);
		}
		return java(lenient).read(serialized);
	}

	private UnreadableValueException notRead(ValueForm form) {
		return new UnreadableValueException("It was written by the serializer '" + form.name().toLowerCase(Locale.ROOT)
				+ "', which is not among the forms that are accepted (" + this.optionNames.name(Option.READ_FORMS)
				+ ")", null);
	}

	private Object readCustom(byte[] serialized) {
		if (this.custom == null) {
			throw new UnreadableValueException(
					"It was written by a serializer of the application that is no longer configured", null);
		}
		Object value = this.custom.deserialize(Arrays.copyOfRange(serialized, 1, serialized.length));
		if (value != null) {
			return value;
		}
		throw new UnreadableValueException("The application's serializer returned null for it", null);
	}

	private JavaSerialization java(boolean lenient) {
		return (lenient && this.lenientJava != null) ? this.lenientJava : this.javaSerialization;
	}

	private JsonSerialization json(boolean lenient) {
		if (this.json == null) {
			throw notRead(ValueForm.JSON);
		}
		return (lenient && this.lenientJson != null) ? this.lenientJson : this.json;
	}

	/**
	 * Returns the type of the failure and, for a missing class, its name, but never text
	 * that may contain a part of the value.
	 */
	private static String describe(Throwable failure) {
		Throwable cause = failure;
		while (cause.getCause() != null && !(cause instanceof ClassNotFoundException)) {
			cause = cause.getCause();
		}
		return (cause instanceof ClassNotFoundException)
				? cause.getClass().getSimpleName() + " " + AllowedTypes.printable(String.valueOf(cause.getMessage()))
				: cause.getClass().getName();
	}

}
