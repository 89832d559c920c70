package app.session.redis.store;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

import app.session.redis.SessionId;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import app.session.redis.client.Reply;
import app.session.redis.codec.SessionSeal;
import app.session.redis.codec.SessionSeals;
import org.jspecify.annotations.Nullable;

/**
 * The content of a session at one revision, as it is stored: attributes are still
 * encoded. Immutable, so that requests can share it; no array may be changed.
 */
public final class SessionContent {

	/** The approximate memory of a content without entries and attributes, in bytes. */
	private static final int BASE_BYTES = 600;

	/** The approximate memory of an attribute without its characters and bytes. */
	private static final int ATTRIBUTE_BYTES = 80;

	private final String handle;

	private final String[] names;

	private final byte[][] values;

	private final SessionHeader header;

	private final byte[] encodedHeader;

	private final byte @Nullable [] entries;

	private final SessionSeal seal;

	private final byte @Nullable [] sealField;

	private final @Nullable String secret;

	private SessionContent(String handle, String[] names, byte[][] values, byte[] encodedHeader,
			byte @Nullable [] entries, SessionSeal seal, byte @Nullable [] sealField, @Nullable String secret) {
		this.handle = handle;
		this.names = names;
		this.values = values;
		this.header = SessionHeader.decode(encodedHeader);
		this.encodedHeader = encodedHeader;
		this.entries = entries;
		this.seal = seal;
		this.sealField = sealField;
		this.secret = secret;
	}

	/**
	 * Reads the content of a session from a reply.
	 * @param handle the session
	 * @param reply its fields and values
	 * @param size the number of fields and values
	 * @param seals verifies the session
	 * @return the content
	 * @throws SessionStoreUnavailableException with {@link Reason#DAMAGED} if the reply
	 * isn't a session that this library has written
	 */
	static SessionContent read(String handle, Reply reply, int size, SessionSeals seals) {
		byte[] header = null;
		byte[] entries = null;
		byte[] sealField = null;
		String secret = null;
		String[] names = new String[size / 2];
		byte[][] values = new byte[size / 2][];
		int attributes = 0;
		for (int index = 0; index < size; index += 2) {
			byte[] field = reply.bytes(index);
			byte[] value = reply.bytes(index + 1);
			if (StoredName.isAttribute(field)) {
				names[attributes] = StoredName.attribute(field);
				values[attributes++] = value;
			}
			else if (field.length == 1) {
				switch (field[0]) {
					case 'm' -> header = value;
					case 'i' -> entries = value;
					case 'a' -> sealField = value;
					case 's' -> secret = reply.text(index + 1);
					default -> {
						// Fields that only the scripts use.
					}
				}
			}
		}
		if (header == null || !SessionHeader.isComplete(header, entries)) {
			throw SessionReplies.damaged();
		}
		SessionHeader decoded = SessionHeader.decode(header);
		SessionSeal seal = seals.verify(handle, decoded.proven(), sealField);
		return new SessionContent(handle, Arrays.copyOf(names, attributes), Arrays.copyOf(values, attributes), header,
				entries, seal, sealField, isSecret(secret, handle, seal, decoded) ? secret : null);
	}

	/**
	 * Returns whether a secret can be trusted. Anyone with write access to Redis can
	 * write any secret; only the digest may be authenticated.
	 */
	private static boolean isSecret(@Nullable String secret, String handle, SessionSeal seal, SessionHeader header) {
		return secret != null && !seal.isSealed() && SessionId.parse(handle + secret) != null
				&& Arrays.equals(SessionHeader.digest(secret), header.digest());
	}

	/**
	 * Returns the content after a save that has changed attributes or the idle timeout.
	 * @param header the header after the save
	 * @param written the values that were written, by the names of the attributes
	 * @param removed the names of the attributes that were removed
	 * @return the content
	 */
	SessionContent after(byte[] header, Map<String, byte[]> written, Set<String> removed) {
		Map<String, byte[]> attributes = new LinkedHashMap<>();
		forEachAttribute(attributes::put);
		attributes.keySet().removeAll(removed);
		attributes.putAll(written);
		return new SessionContent(this.handle, attributes.keySet().toArray(String[]::new),
				attributes.values().toArray(byte[][]::new), header, this.entries, this.seal, this.sealField,
				this.secret);
	}

	/**
	 * Returns the content if it is still accepted: unsealed sessions may be accepted for
	 * a limited time only.
	 */
	SessionContent verified(SessionSeals seals) {
		if (this.seal.isSealed() || seals.isPlainAccepted()) {
			return this;
		}
		return new SessionContent(this.handle, this.names, this.values, this.encodedHeader, this.entries,
				seals.verify(this.handle, this.header.proven(), null), this.sealField, this.secret);
	}

	/**
	 * Returns the handle of the session.
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
	 * Returns the header as it is stored. Equal headers of a session belong to equal
	 * contents.
	 * @return the header
	 */
	public byte[] encodedHeader() {
		return this.encodedHeader;
	}

	/**
	 * Returns whether this is the content at a revision that was published.
	 * @param message the bytes that contain the revision
	 * @param offset the position of the revision in them
	 * @return whether the content has this revision
	 */
	public boolean hasRevision(byte[] message, int offset) {
		return SessionHeader.hasRevision(this.encodedHeader, message, offset);
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
		for (int i = 0; i < this.names.length; i++) {
			consumer.accept(this.names[i], this.values[i]);
		}
	}

	/**
	 * Returns the value of an attribute.
	 * @param name the name of the attribute
	 * @return its encoded value, or null if there is no such attribute
	 */
	public byte @Nullable [] value(String name) {
		for (int i = 0; i < this.names.length; i++) {
			if (this.names[i].equals(name)) {
				return this.values[i];
			}
		}
		return null;
	}

	/**
	 * Returns the approximate memory that the content takes in a 64-bit JVM, object
	 * headers and references included.
	 * @return the number of bytes
	 */
	public long memory() {
		long bytes = BASE_BYTES + (long) ATTRIBUTE_BYTES * this.names.length + this.encodedHeader.length
				+ ((this.entries != null) ? this.entries.length : 0);
		for (int i = 0; i < this.names.length; i++) {
			bytes += this.names[i].length() + this.values[i].length;
		}
		return bytes;
	}

	@Override
	public String toString() {
		return "SessionContent[" + this.handle + "]";
	}

}
