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

	private static final byte ATTRIBUTE = ':';

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
			if (field.length == 1) {
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
			if (field.length > 0 && field[0] == ATTRIBUTE) {
				consumer.accept(attribute(field), this.reply.bytes(index + 1));
			}
		}
	}

	static byte[] field(String attribute) {
		return (":" + StoredName.exchange(attribute)).getBytes(StandardCharsets.UTF_8);
	}

	static String attribute(byte[] field) {
		return StoredName.exchange(new String(field, 1, field.length - 1, StandardCharsets.UTF_8));
	}

}
