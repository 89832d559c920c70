package app.session.redis.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import app.session.redis.client.Call;
import app.session.redis.client.LuaScript;
import app.session.redis.codec.Digests;
import org.jspecify.annotations.Nullable;

/**
 * The changes to a session that a save writes.
 */
public final class SessionChange {

	/** The argument of {@code save.lua} for a session that must have no seal. */
	private static final byte[] NO_SEAL = { '-' };

	private static final byte[] ANY_SEAL = {};

	private static final byte[] NONE = {};

	/** A checksum has 48 bits. */
	private static final int CHECKSUM_SHIFT = Long.SIZE - 48;

	private final String handle;

	private final byte @Nullable [] expectedDigest;

	private byte @Nullable [] newDigest;

	private byte[] expectedSeal = ANY_SEAL;

	private String expectedChecksum = "";

	private boolean sealChanges;

	/** How long saves under the previous id are accepted, in milliseconds. */
	private String overlap = "";

	private byte[] previousDigest = NONE;

	private @Nullable SessionContent base;

	/** The content with which {@code save.lua} compares the session; null for none. */
	private @Nullable SessionContent compared;

	private @Nullable String fence;

	private @Nullable Duration idleTimeout;

	private @Nullable Duration due;

	private Set<IndexEntry> entriesBefore = Set.of();

	/** In the form that {@code save.lua} takes. */
	private @Nullable String age;

	private Set<String> indexes = Set.of();

	private Set<IndexEntry> entries = Set.of();

	private Duration remaining = Duration.ZERO;

	private final List<byte[]> removed = new ArrayList<>();

	private final List<byte[]> written = new ArrayList<>();

	/**
	 * Creates an empty change.
	 * @param handle the session
	 * @param expectedDigest the digest of the secret with which the session was loaded,
	 * so that a save under an old id is refused; null if it was found by its handle
	 */
	public SessionChange(String handle, byte @Nullable [] expectedDigest) {
		this.handle = handle;
		this.expectedDigest = expectedDigest;
	}

	/**
	 * Gives the session a new id.
	 * @param digest the digest of its secret
	 * @param secret the secret itself, to be stored; null if ids are protected
	 * @param overlap how long the changes of requests that were loaded under the present
	 * id are still accepted; zero for not at all
	 */
	public void changeId(byte[] digest, @Nullable String secret, Duration overlap) {
		this.newDigest = digest;
		if (overlap.isZero()) {
			forgetPreviousId();
		}
		else {
			this.overlap = Long.toString(overlap.toMillis());
		}
		byte[] field = { 's' };
		if (secret != null) {
			this.written.add(field);
			this.written.add(secret.getBytes(StandardCharsets.UTF_8));
		}
		else {
			this.removed.add(field);
		}
	}

	/** Refuses further changes of requests that were loaded under a previous id. */
	public void forgetPreviousId() {
		this.removed.add(new byte[] { 'o' });
	}

	/**
	 * Writes only if the changes of requests that were loaded under the previous id are
	 * still accepted.
	 * @param previousDigest the digest of that id's secret
	 */
	public void expectPreviousId(byte[] previousDigest) {
		this.previousDigest = previousDigest;
	}

	/**
	 * Sets the content on which the change is based.
	 * @param base the content that the session had when it was read, or null
	 */
	public void basedOn(@Nullable SessionContent base) {
		this.base = base;
	}

	/**
	 * Returns the content on which the change is based, if {@code save.lua} can tell
	 * whether the session still has it, and the content after the change is then known: a
	 * change of the id, the seal or an index entry is too complex for this.
	 * @return the content, or null
	 */
	public @Nullable SessionContent comparable() {
		boolean simple = this.newDigest == null && this.indexes.isEmpty() && !this.sealChanges && !isAccessOnly();
		return simple ? this.base : null;
	}

	/**
	 * Makes {@code save.lua} return whether the session still has the base's content. No
	 * effect if there is no base, or if the change only records an access.
	 */
	public void compare() {
		this.compared = isAccessOnly() ? null : this.base;
	}

	/**
	 * Returns the content of the session after the change.
	 * @param header its header; empty if it had another content before the change
	 * @return the content, or null if it isn't known
	 */
	@Nullable SessionContent changed(byte[] header) {
		SessionContent before = comparable();
		if (before == null || header.length == 0) {
			return null;
		}
		Map<String, byte[]> attributes = new LinkedHashMap<>();
		for (int i = 0; i < this.written.size(); i += 2) {
			attributes.put(StoredName.attribute(this.written.get(i)), this.written.get(i + 1));
		}
		return before.after(header, attributes,
				this.removed.stream().map(StoredName::attribute).collect(Collectors.toSet()));
	}

	/** Returns whether {@code save.lua} returns the header after the change. */
	boolean isCompared() {
		return this.compared != null;
	}

	/**
	 * Writes only if the session still has the seal that it had when it was read.
	 * @param sealField the field of that seal, or null if the session had none
	 */
	public void expectSeal(byte @Nullable [] sealField) {
		this.expectedSeal = (sealField != null) ? sealField : NO_SEAL;
	}

	/**
	 * Writes only if the session has the attributes that it had when it was read. All of
	 * them are sealed anew, so an attribute that another request wrote meanwhile would be
	 * lost.
	 * @param attributes the names and stored values of all attributes
	 */
	public void expectAttributes(Map<String, byte[]> attributes) {
		this.expectedChecksum = Long.toString(checksum(attributes));
	}

	/** Computes the same checksum of attributes as {@code save.lua}. */
	private static long checksum(Map<String, byte[]> attributes) {
		long sum = 0;
		MessageDigest sha1 = Digests.of("SHA-1");
		for (Map.Entry<String, byte[]> attribute : attributes.entrySet()) {
			sha1.update(StoredName.field(attribute.getKey()));
			sha1.update((byte) ':');
			sum += ByteBuffer.wrap(sha1.digest(attribute.getValue())).getLong() >>> CHECKSUM_SHIFT;
		}
		return sum & (-1L >>> CHECKSUM_SHIFT);
	}

	/**
	 * Writes a new seal.
	 * @param sealField the field of the seal
	 */
	public void seal(byte[] sealField) {
		this.sealChanges = true;
		this.written.add(new byte[] { 'a' });
		this.written.add(sealField);
	}

	/** Removes the seal; the session is then in plain text again. */
	public void unseal() {
		this.sealChanges = true;
		this.removed.add(new byte[] { 'a' });
	}

	/**
	 * Writes only while the request holds the session's lock.
	 * @param token the value of the lock
	 */
	public void fence(String token) {
		this.fence = token;
	}

	/**
	 * Changes the idle timeout.
	 * @param idleTimeout the new idle timeout; zero or less if it never expires
	 * @param due how soon the session can expire if that is sooner than before, so that
	 * its hints are brought forward first; otherwise null
	 * @param entriesBefore the current index entries of the session
	 */
	public void changeIdleTimeout(Duration idleTimeout, @Nullable Duration due, Set<IndexEntry> entriesBefore) {
		this.idleTimeout = idleTimeout;
		this.due = due;
		this.entriesBefore = entriesBefore;
	}

	/**
	 * Records an access.
	 * @param age the time since the access
	 */
	public void access(Duration age) {
		this.age = Long.toString(age.toMillis());
	}

	/**
	 * Moves the last access back, even if the session has a later one.
	 * @param age the time since the access
	 */
	public void backdateAccess(Duration age) {
		this.age = "=" + Math.max(age.toMillis(), 0);
	}

	/**
	 * Replaces the entries of some indexes. The entries of other indexes stay as they are
	 * in Redis.
	 * @param indexes the names of the indexes
	 * @param entries the new entries of the session in these indexes
	 * @param idleTimeout the session's idle timeout
	 */
	public void index(Set<String> indexes, Set<IndexEntry> entries, Duration idleTimeout) {
		this.indexes = indexes;
		this.entries = entries;
		this.remaining = idleTimeout;
	}

	/**
	 * Writes an attribute.
	 * @param attribute its name
	 * @param value its encoded value
	 */
	public void write(String attribute, byte[] value) {
		this.written.add(StoredName.field(attribute));
		this.written.add(value);
	}

	/**
	 * Removes an attribute.
	 * @param attribute its name
	 */
	public void remove(String attribute) {
		this.removed.add(StoredName.field(attribute));
	}

	/**
	 * Returns whether the change affects the identity of the session: its id or its
	 * principal.
	 * @param index the name of the index of principals
	 * @return whether the id or the entries of that index change
	 */
	public boolean isOfIdentity(String index) {
		return this.newDigest != null || this.indexes.contains(index);
	}

	/**
	 * Returns the size of the written fields: their names and values.
	 * @return the number of bytes
	 */
	public long bytes() {
		return bytes(this.written);
	}

	static long bytes(List<byte[]> fields) {
		long bytes = 0;
		for (byte[] field : fields) {
			bytes += field.length;
		}
		return bytes;
	}

	String handle() {
		return this.handle;
	}

	/**
	 * Builds the call of {@code save.lua}.
	 * @param keys the names of the keys
	 * @param published whether the change is published
	 */
	Call call(RedisKeys keys, boolean published) {
		Call call = Call.of(LuaScript.SAVE, keys.session(this.handle))
			.arg((this.expectedDigest != null) ? this.expectedDigest : NONE)
			.arg((this.newDigest != null) ? this.newDigest : NONE)
			.arg((this.idleTimeout != null) ? Long.toString(SessionHeader.millis(this.idleTimeout)) : "")
			.arg((this.age != null) ? this.age : "")
			.arg(IndexEntry.encodeNames(this.indexes))
			.arg(IndexEntry.encode(this.entries))
			.arg(this.expectedSeal)
			.arg(this.expectedChecksum)
			.arg(this.overlap)
			.arg(this.previousDigest)
			.arg(isAccessOnly() ? NONE : revision(keys, published))
			.arg((this.compared != null) ? this.compared.encodedHeader() : NONE)
			.arg(this.removed.size());
		if (this.fence != null) {
			call.also(keys.lock(this.handle)).arg(this.fence);
		}
		return call.args(this.removed).args(this.written);
	}

	private static byte[] revision(RedisKeys keys, boolean published) {
		byte[] revision = SessionHeader.newRevision();
		if (!published) {
			return revision;
		}
		byte[] channel = keys.changes().getBytes(StandardCharsets.UTF_8);
		return ByteBuffer.allocate(revision.length + channel.length).put(revision).put(channel).array();
	}

	/**
	 * Returns whether the change records an access and nothing else, so that copies of
	 * the session stay valid.
	 * @return whether it is only an access
	 */
	public boolean isAccessOnly() {
		return this.age != null && this.newDigest == null && this.idleTimeout == null && this.indexes.isEmpty()
				&& this.removed.isEmpty() && this.written.isEmpty();
	}

	@Nullable Duration due() {
		return this.due;
	}

	Set<IndexEntry> entriesBefore() {
		return this.entriesBefore;
	}

	/**
	 * Returns whether the change writes the time of an access.
	 * @return whether it writes an access
	 */
	public boolean isAccess() {
		return this.age != null;
	}

	/**
	 * Returns the indexes whose entries are replaced.
	 * @return their names
	 */
	public Set<String> indexes() {
		return this.indexes;
	}

	Set<IndexEntry> entries() {
		return this.entries;
	}

	Duration remaining() {
		return this.remaining;
	}

}
