package app.session.redis.store;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.function.BiConsumer;

import org.jspecify.annotations.Nullable;

/**
 * A session as it was read from Redis, its attributes still bytes.
 */
public final class SessionRecord {

	private static final byte ESCAPE = ':';

	private final String handle;

	private final Reply reply;

	private final int fields;

	private final SessionHeader header;

	private final byte[] encodedHeader;

	private final byte @Nullable [] entries;

	private @Nullable String secret;

	SessionRecord(String handle, Reply reply) {
		this.handle = handle;
		this.reply = reply;
		int index = 0;
		byte[] header = null;
		byte[] entries = null;
		while (index < reply.size() && !reply.isInteger(index)) {
			byte[] field = reply.bytes(index);
			if (!isAttribute(field)) {
				byte[] value = reply.bytes(index + 1);
				switch (field[0]) {
					case 'm' -> header = value;
					case 'i' -> entries = value;
					case 's' -> this.secret = new String(value, StandardCharsets.UTF_8);
					default -> {
						// What only the scripts use.
					}
				}
			}
			index += 2;
		}
		if (header == null) {
			throw new IllegalStateException("The session " + handle + " has no header");
		}
		this.header = SessionHeader.decode(header);
		this.encodedHeader = header;
		this.entries = entries;
		this.fields = index;
	}

	/**
	 * The handle of the session: its name in Redis, in logs and in answers; no cookie.
	 * @return the handle
	 */
	public String handle() {
		return this.handle;
	}

	/**
	 * The header.
	 * @return the header
	 */
	public SessionHeader header() {
		return this.header;
	}

	/**
	 * Time since the last access before this one, by Redis's clock.
	 * @return the age
	 */
	public Duration age() {
		return Duration.ofMillis(this.reply.integer(this.fields));
	}

	/**
	 * Whether Redis refused to note this access.
	 * @return true when the access was not noted
	 */
	public boolean touchRefused() {
		return this.reply.size() > this.fields + 1;
	}

	/**
	 * The secret of the id, where ids are not protected.
	 * @return the secret, or null
	 */
	public @Nullable String secret() {
		return this.secret;
	}

	/**
	 * Under what the session can be found; decoded with each call.
	 * @return its index entries
	 */
	public Set<IndexEntry> entries() {
		return SessionHeader.entries(this.encodedHeader, this.entries);
	}

	/**
	 * Hands every attribute over.
	 * @param consumer takes the attribute's name and its encoded value
	 */
	public void forEachAttribute(BiConsumer<String, byte[]> consumer) {
		for (int index = 0; index < this.fields; index += 2) {
			byte[] field = this.reply.bytes(index);
			if (isAttribute(field)) {
				consumer.accept(attribute(field), this.reply.bytes(index + 1));
			}
		}
	}

	private static boolean isAttribute(byte[] field) {
		return field.length > 1 || field[0] == ESCAPE;
	}

	/** The field of an attribute; {@code session.lua} tells which names are escaped. */
	static byte[] field(String attribute) {
		String name = StoredName.exchange(attribute);
		boolean escaped = name.length() <= 1 || name.charAt(0) == ESCAPE;
		return (escaped ? (char) ESCAPE + name : name).getBytes(StandardCharsets.UTF_8);
	}

	static String attribute(byte[] field) {
		int start = (field[0] == ESCAPE) ? 1 : 0;
		return StoredName.exchange(new String(field, start, field.length - start, StandardCharsets.UTF_8));
	}

}
