package app.session.redis.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

import org.springframework.session.FindByIndexNameSessionRepository;

/**
 * One value under which a session can be found.
 *
 * @param name the index, for example
 * {@link FindByIndexNameSessionRepository#PRINCIPAL_NAME_INDEX_NAME}
 * @param value the value, which may hold any character
 */
public record IndexEntry(String name, String value) {

	private static final String PRINCIPAL = FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

	private static final String PRINCIPAL_KEY = "principal";

	/**
	 * The entry of a principal.
	 * @param principalName the name of the principal
	 * @return the entry
	 */
	public static IndexEntry principal(String principalName) {
		return new IndexEntry(PRINCIPAL, principalName);
	}

	/**
	 * The index's name as a part of a key: without colons, so that it ends where the
	 * value begins, and with the principal's long name made short.
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

	/** The form in which a session keeps its entries: lengths and bytes. */
	static byte[] encode(Collection<IndexEntry> entries) {
		return concat(entries.stream().flatMap((entry) -> Stream.of(storedName(entry.name()), entry.value())));
	}

	/** The names of indexes in the form in which entries have them. */
	static byte[] encodeNames(Collection<String> names) {
		return concat(names.stream().map(IndexEntry::storedName));
	}

	private static String storedName(String name) {
		return name.equals(PRINCIPAL) ? "" : name;
	}

	private static byte[] concat(Stream<String> texts) {
		List<byte[]> parts = texts.map((text) -> text.getBytes(StandardCharsets.UTF_8)).toList();
		int size = 0;
		for (byte[] part : parts) {
			size += Integer.BYTES + part.length;
		}
		ByteBuffer buffer = ByteBuffer.allocate(size);
		for (byte[] part : parts) {
			buffer.putInt(part.length).put(part);
		}
		return buffer.array();
	}

	static Set<IndexEntry> decode(byte[] encoded) {
		Set<IndexEntry> entries = new LinkedHashSet<>();
		ByteBuffer buffer = ByteBuffer.wrap(encoded);
		while (buffer.hasRemaining()) {
			String name = text(buffer);
			entries.add(new IndexEntry(name.isEmpty() ? PRINCIPAL : name, text(buffer)));
		}
		return entries;
	}

	private static String text(ByteBuffer buffer) {
		byte[] bytes = new byte[buffer.getInt()];
		buffer.get(bytes);
		return new String(bytes, StandardCharsets.UTF_8);
	}

}
