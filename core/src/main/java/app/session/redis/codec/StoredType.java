package app.session.redis.codec;

import java.io.ObjectStreamConstants;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * Determines the class of a stored value from its first bytes. The first byte is its
 * form.
 */
final class StoredType {

	/** The offset of the first object, after the form and a header of four bytes. */
	private static final int FIRST_OBJECT = 5;

	/** Long enough for the name of a class and the bytes before it. */
	private static final int BEGINNING = 400;

	/**
	 * The format of types in Jackson's JSON: an object that begins with its
	 * {@code @class}, or an array of a name and the value.
	 */
	private static final Pattern JSON_TYPE = Pattern.compile("(?:\\{\"@class\":|\\[)\"([^\"]+)\"[,}].*",
			Pattern.DOTALL);

	private StoredType() {
	}

	/**
	 * Returns the class of an object in a stream of Java serialization, whose grammar is
	 * in the Java Object Serialization Specification, 6.4.
	 */
	static @Nullable String ofJava(byte[] bytes) {
		if (bytes.length <= FIRST_OBJECT) {
			return null;
		}
		return switch (bytes[FIRST_OBJECT]) {
			case ObjectStreamConstants.TC_STRING, ObjectStreamConstants.TC_LONGSTRING -> String.class.getName();
			case ObjectStreamConstants.TC_OBJECT, ObjectStreamConstants.TC_ARRAY, ObjectStreamConstants.TC_ENUM ->
				described(bytes);
			default -> null;
		};
	}

	private static @Nullable String described(byte[] bytes) {
		int name = FIRST_OBJECT + 4;
		if (bytes.length < name || bytes[FIRST_OBJECT + 1] != ObjectStreamConstants.TC_CLASSDESC) {
			return null;
		}
		int length = ((bytes[name - 2] & 0xff) << 8) | (bytes[name - 1] & 0xff);
		return (bytes.length >= name + length) ? new String(bytes, name, length, StandardCharsets.UTF_8) : null;
	}

	static @Nullable String ofJson(byte[] bytes) {
		String beginning = new String(bytes, 1, Math.min(bytes.length - 1, BEGINNING), StandardCharsets.UTF_8);
		Matcher type = JSON_TYPE.matcher(beginning);
		return type.matches() ? type.group(1) : null;
	}

}
