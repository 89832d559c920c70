package app.session.redis.store;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;

import org.springframework.session.FindByIndexNameSessionRepository;

/**
 * One value under which a session can be found.
 *
 * @param name the name of the index, for example
 * {@link FindByIndexNameSessionRepository#PRINCIPAL_NAME_INDEX_NAME}
 * @param value the value, which may have any characters
 */
public record IndexEntry(String name, String value) {

	private static final String PRINCIPAL = FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

	private static final String PRINCIPAL_KEY = "principal";

	/** The marker of a length that follows in three bytes. */
	private static final int LONG = 255;

	private static final int MAX_LENGTH = (1 << 24) - 1;

	/**
	 * Returns the entry of a principal.
	 * @param principalName the name of the principal
	 * @return the entry
	 */
	public static IndexEntry principal(String principalName) {
		return new IndexEntry(PRINCIPAL, principalName);
	}

	/**
	 * Returns the name of the index as a part of a key: without colons, so that a colon
	 * separates it from the value, and with a short form of the principal index's long
	 * name.
	 */
	String keyName() {
		if (this.name.equals(PRINCIPAL)) {
			return PRINCIPAL_KEY;
		}
		if (this.name.equals(PRINCIPAL_KEY)) {
			return "%70rincipal";
		}
		return this.name.replace("%", "%25").replace(":", "%3A");
	}

	/**
	 * Encodes the entries of a session in the format that {@code session.lua} describes.
	 */
	static byte[] encode(Collection<IndexEntry> entries) {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		for (IndexEntry entry : entries) {
			writeName(out, entry.name());
			byte[] value = entry.value().getBytes(StandardCharsets.UTF_8);
			if (value.length > MAX_LENGTH) {
				throw new IllegalArgumentException("The value of index '" + entry.name()
						+ "' has more than 16 MB. Index a shorter value, for example a digest");
			}
			write(out, value);
		}
		return out.toByteArray();
	}

	/** Encodes the names of indexes in the same format as in entries. */
	static byte[] encodeNames(Collection<String> names) {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		names.forEach((name) -> writeName(out, name));
		return out.toByteArray();
	}

	private static void writeName(ByteArrayOutputStream out, String name) {
		byte[] bytes = StoredName.exchange(name).getBytes(StandardCharsets.UTF_8);
		if (bytes.length > MAX_LENGTH) {
			throw new IllegalArgumentException(
					"The name of an index has " + bytes.length + " bytes, but must have less than 16 MB");
		}
		write(out, bytes);
	}

	private static void write(ByteArrayOutputStream out, byte[] bytes) {
		if (bytes.length >= LONG) {
			out.write(LONG);
			out.write(bytes.length >> 16);
			out.write(bytes.length >> 8);
		}
		out.write(bytes.length);
		out.writeBytes(bytes);
	}

	/**
	 * Returns whether encoded entries are complete, with nothing after the last one.
	 * @param encoded an array that ends with the entries
	 * @param start the position of the first entry
	 */
	public static boolean areComplete(byte[] encoded, int start) {
		int position = start;
		int texts = 0;
		while (position < encoded.length) {
			int length = Byte.toUnsignedInt(encoded[position++]);
			if (length == LONG) {
				if (encoded.length - position < 3) {
					return false;
				}
				length = (Byte.toUnsignedInt(encoded[position]) << 16)
						| (Byte.toUnsignedInt(encoded[position + 1]) << 8) | Byte.toUnsignedInt(encoded[position + 2]);
				position += 3;
			}
			if (encoded.length - position < length) {
				return false;
			}
			position += length;
			texts++;
		}
		return texts % 2 == 0;
	}

	public static Set<IndexEntry> decode(byte[] encoded) {
		Set<IndexEntry> entries = new LinkedHashSet<>();
		ByteBuffer buffer = ByteBuffer.wrap(encoded);
		while (buffer.hasRemaining()) {
			String name = text(buffer);
			entries.add(new IndexEntry(StoredName.exchange(name), text(buffer)));
		}
		return entries;
	}

	private static String text(ByteBuffer buffer) {
		int length = Byte.toUnsignedInt(buffer.get());
		if (length == LONG) {
			length = (Byte.toUnsignedInt(buffer.get()) << 16) | Short.toUnsignedInt(buffer.getShort());
		}
		byte[] bytes = new byte[length];
		buffer.get(bytes);
		return new String(bytes, StandardCharsets.UTF_8);
	}

}
