package app.session.redis.store;

import java.nio.charset.StandardCharsets;

import org.springframework.session.FindByIndexNameSessionRepository;

/**
 * The names of attributes and indexes as they are stored in Redis. The name of the
 * principal index has 86 characters and would by itself keep every small hash out of
 * Redis's compact encoding, which allows at most 64, so it is exchanged with the empty
 * name. {@code session.lua} documents which names of attributes are escaped.
 */
public final class StoredName {

	private static final String PRINCIPAL = FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

	private static final byte ESCAPE = ':';

	private StoredName() {
	}

	/**
	 * Returns the stored name for the application's name, and vice versa.
	 */
	static String exchange(String name) {
		return name.isEmpty() ? PRINCIPAL : name.equals(PRINCIPAL) ? "" : name;
	}

	/**
	 * Returns the field of an attribute.
	 * @param attribute its name
	 * @return the field
	 */
	public static byte[] field(String attribute) {
		byte[] name = exchange(attribute).getBytes(StandardCharsets.UTF_8);
		if (name.length > 1 && name[0] != ESCAPE) {
			return name;
		}
		byte[] field = new byte[name.length + 1];
		field[0] = ESCAPE;
		System.arraycopy(name, 0, field, 1, name.length);
		return field;
	}

	/**
	 * Returns whether a field is an attribute. A name that needs no escape has only one
	 * valid field.
	 */
	static boolean isAttribute(byte[] field) {
		if (field.length == 0) {
			return false;
		}
		return (field[0] == ESCAPE) ? field.length <= 2 || field[1] == ESCAPE : field.length > 1;
	}

	/**
	 * Returns the name of an attribute.
	 * @param field the field of an attribute
	 * @return its name
	 */
	public static String attribute(byte[] field) {
		int start = (field[0] == ESCAPE) ? 1 : 0;
		return exchange(new String(field, start, field.length - start, StandardCharsets.UTF_8));
	}

}
