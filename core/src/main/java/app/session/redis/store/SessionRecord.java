package app.session.redis.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

import app.session.redis.SessionId;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import app.session.redis.client.Reply;
import app.session.redis.codec.Digests;
import app.session.redis.codec.SessionSeal;
import app.session.redis.codec.SessionSeals;
import org.jspecify.annotations.Nullable;

/**
 * A session as it was read from Redis, with attributes that are still encoded.
 */
public final class SessionRecord {

	private static final byte ESCAPE = ':';

	/** A checksum has 48 bits. */
	private static final int CHECKSUM_SHIFT = Long.SIZE - 48;

	private final String handle;

	private final Reply reply;

	private final int fields;

	private final SessionHeader header;

	private final byte[] encodedHeader;

	private final byte @Nullable [] entries;

	private final SessionSeal seal;

	private final byte @Nullable [] sealField;

	private @Nullable String secret;

	/**
	 * Reads a session.
	 * @param handle the session
	 * @param reply its fields and values, and its age
	 * @param seals verifies the session
	 * @throws SessionStoreUnavailableException with {@link Reason#DAMAGED} if the reply
	 * isn't a session that this library has written
	 */
	SessionRecord(String handle, Reply reply, SessionSeals seals) {
		this.handle = handle;
		this.reply = reply;
		int index = 0;
		byte[] header = null;
		byte[] entries = null;
		byte[] sealField = null;
		while (index < reply.size() && !reply.isInteger(index)) {
			byte[] field = reply.bytes(index);
			if (field.length == 1 && !isAttribute(field)) {
				byte[] value = reply.bytes(index + 1);
				switch ((field.length == 1) ? field[0] : ESCAPE) {
					case 'm' -> header = value;
					case 'i' -> entries = value;
					case 'a' -> sealField = value;
					case 's' -> this.secret = reply.text(index + 1);
					default -> {
						// Fields that only the scripts use.
					}
				}
			}
			index += 2;
		}
		if (header == null || !SessionHeader.isComplete(header, entries)) {
			throw SessionReplies.damaged();
		}
		this.header = SessionHeader.decode(header);
		this.encodedHeader = header;
		this.entries = entries;
		this.fields = index;
		this.sealField = sealField;
		this.seal = seals.verify(handle, this.header.proven(), sealField);
		if (this.secret != null && !isSecret(this.secret)) {
			this.secret = null;
		}
	}

	/**
	 * Returns whether a secret can be trusted. Anyone with write access to Redis can
	 * write any secret; only the digest may be authenticated.
	 */
	private boolean isSecret(String secret) {
		return !this.seal.isSealed() && SessionId.parse(this.handle + secret) != null
				&& Arrays.equals(SessionHeader.digest(secret), this.header.digest());
	}

	/**
	 * Returns the seal that was verified when the session was read.
	 * @return the seal; broken if the session is not authentic
	 */
	public SessionSeal seal() {
		return this.seal;
	}

	/**
	 * Returns the field that authenticates the header, as it is stored.
	 * @return the field, or null if the session is not sealed
	 */
	public byte @Nullable [] sealField() {
		return this.sealField;
	}

	/**
	 * Returns the handle of the session: its name in Redis, in logs and in responses. It
	 * can't be used as a cookie.
	 * @return the handle
	 */
	public String handle() {
		return this.handle;
	}

	/**
	 * Returns the header.
	 * @return the header
	 */
	public SessionHeader header() {
		return this.header;
	}

	/**
	 * Returns the time since the last access before this one, by Redis's clock.
	 * @return the age
	 */
	public Duration age() {
		return Duration.ofMillis(this.reply.integer(this.fields));
	}

	/**
	 * Returns whether Redis refused to record this access.
	 * @return whether the access was not recorded
	 */
	public boolean touchRefused() {
		return this.reply.size() > this.fields + 1;
	}

	/**
	 * Returns why Redis refused to record this access, if the reason indicates that the
	 * client may be connected to the wrong server; otherwise null.
	 */
	@Nullable Reason touchRefusal() {
		if (!touchRefused()) {
			return null;
		}
		return switch ((int) this.reply.integer(this.fields + 1)) {
			case 2 -> Reason.READ_ONLY;
			case 3 -> Reason.NO_REPLICAS;
			default -> null;
		};
	}

	/**
	 * Returns the secret of the id if ids are not protected.
	 * @return the secret, or null
	 */
	public @Nullable String secret() {
		return this.secret;
	}

	/**
	 * Returns the index entries of the session. Each call decodes them.
	 * @return its index entries
	 */
	public Set<IndexEntry> entries() {
		return SessionHeader.entries(this.encodedHeader, this.entries);
	}

	/**
	 * Passes each attribute to a consumer.
	 * @param consumer receives the attribute's name and its encoded value
	 */
	public void forEachAttribute(BiConsumer<String, byte[]> consumer) {
		for (int index = 0; index < this.fields; index += 2) {
			byte[] field = this.reply.bytes(index);
			if (isAttribute(field)) {
				consumer.accept(attribute(field), this.reply.bytes(index + 1));
			}
		}
	}

	/**
	 * Returns whether a field is an attribute. A name that needs no escape has only one
	 * valid field.
	 */
	private static boolean isAttribute(byte[] field) {
		if (field.length == 0) {
			return false;
		}
		return (field[0] == ESCAPE) ? field.length <= 2 || field[1] == ESCAPE : field.length > 1;
	}

	/**
	 * Returns the field of an attribute; {@code session.lua} documents which names are
	 * escaped.
	 */
	public static byte[] field(String attribute) {
		byte[] name = StoredName.exchange(attribute).getBytes(StandardCharsets.UTF_8);
		if (name.length > 1 && name[0] != ESCAPE) {
			return name;
		}
		byte[] field = new byte[name.length + 1];
		field[0] = ESCAPE;
		System.arraycopy(name, 0, field, 1, name.length);
		return field;
	}

	/** Computes the same checksum of attributes as {@code save.lua}. */
	static long checksum(Map<String, byte[]> attributes) {
		long sum = 0;
		MessageDigest sha1 = Digests.of("SHA-1");
		for (Map.Entry<String, byte[]> attribute : attributes.entrySet()) {
			sha1.update(field(attribute.getKey()));
			sha1.update((byte) ':');
			sum += ByteBuffer.wrap(sha1.digest(attribute.getValue())).getLong() >>> CHECKSUM_SHIFT;
		}
		return sum & (-1L >>> CHECKSUM_SHIFT);
	}

	public static String attribute(byte[] field) {
		int start = (field[0] == ESCAPE) ? 1 : 0;
		return StoredName.exchange(new String(field, start, field.length - start, StandardCharsets.UTF_8));
	}

}
