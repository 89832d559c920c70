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
 * Turns attribute values into bytes and back, in two steps: {@link #serialize} makes
 * bytes of an object, {@link #seal} makes them smaller and secret where that is set. The
 * first byte identifies the form, so that the configuration can change under living
 * sessions.
 *
 * <pre>
 * 1  a string, in UTF-8
 * 2  Java serialization
 * 3  the application's own serializer
 * 4  JSON
 * 5  compressed by deflate, 6 by LZ4, 7 by Zstandard: the original length in four bytes, what was compressed
 * 8  encrypted: length of the key's name, the name, 12 bytes of nonce, the ciphertext, 16 bytes of tag
 * 9  authenticated: length of the key's name, the name, 16 bytes of HMAC, the value
 * </pre>
 *
 * An encrypted or authenticated value may hold a compressed one, which holds one of the
 * first four. Safe for use by several threads.
 */
public final class ValueCodec {

	/** How many bytes a value may have when it is not compressed: 64 MB. */
	public static final int MAX_BYTES = 64 << 20;

	/**
	 * A string in UTF-8: the most frequent value, and ten times cheaper than through
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

	/** Null where JSON is neither written nor read. */
	private final @Nullable JsonSerialization json;

	private final UnlistedTypes unlisted;

	/** The types that the value at hand has and that are not listed. */
	private final ThreadLocal<@Nullable Set<String>> found = new ThreadLocal<>();

	/** Null unless unlisted types are stored. */
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
	 * The types that are not among the allowed ones and were stored all the same.
	 * @return the types
	 */
	public UnlistedTypes unlisted() {
		return this.unlisted;
	}

	/**
	 * Turns the value of an attribute into bytes that can be stored once they are sealed.
	 * With {@link TypeCheck#WARN} it may be of types that are not listed; the session
	 * must be sealed then.
	 * @param attribute the name of the attribute
	 * @param value the value
	 * @return its bytes
	 * @throws TypeRefusedException if it is or holds objects of types that are not
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
	 * Turns a value into bytes that can be stored once they are sealed.
	 * @param value the value
	 * @return its bytes
	 * @throws TypeRefusedException if it is or holds objects of types that are not
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
							+ bytes.length + " bytes, and at most " + MAX_BYTES + " are possible");
		}
		return bytes;
	}

	/**
	 * Turns a value into the same bytes to compare them with others, not to store them:
	 * what it costs to find out whether they could be read again is spared.
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
	 * Whether UTF-8 has a form for the text: it has none for a surrogate without its
	 * pair.
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
	 * Compresses what is large enough and gets smaller by it, and seals it if the session
	 * is sealed. Returns the same array when neither applies.
	 * @param seal the seal of the session
	 * @param attribute the name of the attribute
	 * @param serialized the result of {@link #serialize}
	 * @return the stored form
	 * @throws IllegalStateException if the session was not verified, or there is no key
	 */
	public byte[] seal(SessionSeal seal, String attribute, byte[] serialized) {
		if (seal.isBroken()) {
			throw new IllegalStateException("The session " + seal.handle() + " can't be verified here");
		}
		byte[] bytes = this.compression.compress(serialized);
		Sealed sealed = seal.sealed();
		if (sealed == null) {
			return bytes;
		}
		if (this.sealing == null) {
			throw new IllegalStateException("The session " + seal.handle() + " is sealed, and there are no keys");
		}
		return this.sealing.seal(seal, sealed, attribute, bytes);
	}

	/**
	 * Undoes {@link #seal}, perhaps of another configuration. Returns the same array when
	 * it was neither compressed nor sealed.
	 * @param seal the seal of the session
	 * @param attribute the name of the attribute
	 * @param stored the stored form
	 * @return what {@link #deserialize} reads
	 * @throws UnreadableValueException if the value was sealed with a key that is not
	 * there, is not what was sealed for this attribute, or is in plain text in a sealed
	 * session
	 */
	public byte[] open(SessionSeal seal, String attribute, byte[] stored) {
		if (seal.isBroken()) {
			throw new UnreadableValueException("Its session can't be verified", null);
		}
		Sealed sealed = seal.sealed();
		byte[] bytes = stored;
		if (ValueSealing.isSealed(bytes)) {
			if (this.sealing == null) {
				throw new UnreadableValueException("It was sealed, but no encryption keys are configured ("
						+ this.optionNames.name(Option.ENCRYPTION_KEYS) + ")", null);
			}
			if (sealed == null) {
				throw new UnreadableValueException("It was sealed, and is in a session that is not", null);
			}
			bytes = this.sealing.open(seal, sealed, attribute, bytes);
		}
		else if (sealed != null) {
			throw new UnreadableValueException("It is in plain text, in a session whose values are sealed", null);
		}
		return ValueCompression.isCompressed(bytes) ? this.compression.decompress(bytes) : bytes;
	}

	/**
	 * Turns bytes into the value that they are of.
	 * @param serialized what {@link #serialize} made, perhaps under another configuration
	 * @return the value, a new object with every call
	 * @throws UnreadableValueException if that can't be done
	 */
	public Object deserialize(byte[] serialized) {
		return deserialize(serialized, false);
	}

	/**
	 * Turns the bytes of an attribute into the value that they are of. From a sealed
	 * session, whose values a key authenticates, types that are not listed are read with
	 * {@link TypeCheck#WARN}.
	 * @param seal the seal of the session
	 * @param serialized what {@link #serialize} made, perhaps under another configuration
	 * @return the value, a new object with every call
	 * @throws UnreadableValueException if that can't be done
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
				default -> throw new UnreadableValueException("Its form " + serialized[0] + " is not known here", null);
			};
		}
		catch (UnreadableValueException ex) {
			throw ex;
		}
		// Whatever a stored object's own code throws, and classes that no longer link
		catch (IOException | ClassNotFoundException | RuntimeException | LinkageError | StackOverflowError ex) {
			throw new UnreadableValueException("It can't be deserialized: " + describe(ex), ex);
		}
	}

	/**
	 * Returns whether a value of a session that is not sealed may be sealed as it is.
	 * Where types that are not listed are read from sealed sessions, only a value that
	 * can be read without them may: what was written in plain text is not authentic.
	 * @param serialized what {@link #serialize} made
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
	 * The class of a value, where its bytes tell it to who only looks at them: nothing is
	 * deserialized, and no class loaded.
	 * @param serialized what {@link #serialize} made, perhaps under another configuration
	 * @return the name of the class, or null when it can't be told
	 */
	public static @Nullable String type(byte[] serialized) {
		if (serialized.length == 0) {
			return null;
		}
		String type = switch (serialized[0]) {
			case TEXT -> String.class.getName();
			case JAVA -> StoredType.ofJava(serialized);
			case JSON -> StoredType.ofJson(serialized);
			default -> null;
		};
		return (type != null && AllowedTypes.printable(type).equals(type)) ? type : null;
	}

	/**
	 * The value of a string that is stored, without deserializing anything.
	 * @param seal the seal of the session
	 * @param attribute the name of the attribute
	 * @param stored the stored form
	 * @return the string, or null when it is none, or can't be read here
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
				+ "', which is not among the forms that are read (" + this.optionNames.name(Option.READ_FORMS) + ")",
				null);
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
		throw new UnreadableValueException("The application's serializer made nothing of it", null);
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
	 * The kind of the failure and, for a missing class, its name: never text that may
	 * hold a part of the value.
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
