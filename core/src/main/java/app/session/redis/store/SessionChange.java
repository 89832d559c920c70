package app.session.redis.store;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

import app.session.redis.client.Call;
import app.session.redis.client.LuaScript;
import org.jspecify.annotations.Nullable;

/**
 * What a save changes of a session.
 */
public final class SessionChange {

	/** Tells {@code save.lua} that the session must have no seal. */
	private static final byte[] NO_SEAL = { '-' };

	private static final byte[] ANY_SEAL = {};

	private static final byte[] NONE = {};

	private final String handle;

	private final byte @Nullable [] expectedDigest;

	private byte @Nullable [] newDigest;

	private byte[] expectedSeal = ANY_SEAL;

	private String expectedChecksum = "";

	private @Nullable String fence;

	private @Nullable Duration idleTimeout;

	private @Nullable Duration due;

	private Set<IndexEntry> entriesBefore = Set.of();

	/** As {@code save.lua} reads it. */
	private @Nullable String age;

	private Set<String> indexes = Set.of();

	private Set<IndexEntry> entries = Set.of();

	private Duration remaining = Duration.ZERO;

	private final List<byte[]> removed = new ArrayList<>();

	private final List<byte[]> written = new ArrayList<>();

	/**
	 * Begins a change.
	 * @param handle the session
	 * @param expectedDigest the digest of the secret under which it was loaded, so that a
	 * save under an old id is refused; null for a session that was found by its handle
	 */
	public SessionChange(String handle, byte @Nullable [] expectedDigest) {
		this.handle = handle;
		this.expectedDigest = expectedDigest;
	}

	/**
	 * Gives the session a new id.
	 * @param digest the digest of its secret
	 * @param secret the secret itself, to be stored; null where ids are protected
	 */
	public void changeId(byte[] digest, @Nullable String secret) {
		this.newDigest = digest;
		byte[] field = { 's' };
		if (secret != null) {
			this.written.add(field);
			this.written.add(secret.getBytes(StandardCharsets.UTF_8));
		}
		else {
			this.removed.add(field);
		}
	}

	/**
	 * Writes only if the session still has the seal that it had when it was read.
	 * @param sealField the field of that seal; null when the session had none
	 */
	public void expectSeal(byte @Nullable [] sealField) {
		this.expectedSeal = (sealField != null) ? sealField : NO_SEAL;
	}

	/**
	 * Writes only if the session has the attributes that it had when it was read, because
	 * all of them are sealed anew: one that another request wrote meanwhile would be
	 * lost.
	 * @param attributes the names and stored values of all attributes
	 */
	public void expectAttributes(Map<String, byte[]> attributes) {
		this.expectedChecksum = Long.toString(SessionRecord.checksum(attributes));
	}

	/**
	 * Writes a new seal.
	 * @param sealField the field of the seal
	 */
	public void seal(byte[] sealField) {
		this.written.add(new byte[] { 'a' });
		this.written.add(sealField);
	}

	/** Removes the seal, so that the session is in plain text again. */
	public void unseal() {
		this.removed.add(new byte[] { 'a' });
	}

	/**
	 * Writes only as long as the request has the session's lock.
	 * @param token what stands in the lock
	 */
	public void fence(String token) {
		this.fence = token;
	}

	/**
	 * Changes the idle timeout.
	 * @param idleTimeout the new one; zero or less: never
	 * @param due how soon the session can be due when that is sooner than before, so that
	 * its hints are brought forward first; else null
	 * @param entriesBefore under what the session can be found by now
	 */
	public void changeIdleTimeout(Duration idleTimeout, @Nullable Duration due, Set<IndexEntry> entriesBefore) {
		this.idleTimeout = idleTimeout;
		this.due = due;
		this.entriesBefore = entriesBefore;
	}

	/**
	 * Takes an access down.
	 * @param age how long ago it was
	 */
	public void access(Duration age) {
		this.age = Long.toString(age.toMillis());
	}

	/**
	 * Sets the last access back, whatever the session has.
	 * @param age how long ago it was
	 */
	public void backdateAccess(Duration age) {
		this.age = "=" + Math.max(age.toMillis(), 0);
	}

	/**
	 * Replaces the entries of some indexes; those of others stay as they are by then.
	 * @param indexes the names of the indexes
	 * @param entries under what the session can be found there from now on
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
		this.written.add(SessionRecord.field(attribute));
		this.written.add(value);
	}

	/**
	 * Removes an attribute.
	 * @param attribute its name
	 */
	public void remove(String attribute) {
		this.removed.add(SessionRecord.field(attribute));
	}

	/**
	 * Whether it changes who the session belongs to: its id, or its entries in an index.
	 * @param index the name of the index of principals
	 * @return true if so
	 */
	public boolean isOfIdentity(String index) {
		return this.newDigest != null || this.indexes.contains(index);
	}

	/**
	 * How much is written: the names and values of fields.
	 * @return how many bytes
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

	/** Builds the call of {@code save.lua}. */
	Call call(RedisKeys keys) {
		Call call = Call.of(LuaScript.SAVE, keys.session(this.handle))
			.arg((this.expectedDigest != null) ? this.expectedDigest : NONE)
			.arg((this.newDigest != null) ? this.newDigest : NONE)
			.arg((this.idleTimeout != null) ? Long.toString(SessionHeader.millis(this.idleTimeout)) : "")
			.arg((this.age != null) ? this.age : "")
			.arg(IndexEntry.encodeNames(this.indexes))
			.arg(IndexEntry.encode(this.entries))
			.arg(this.expectedSeal)
			.arg(this.expectedChecksum)
			.arg(this.removed.size());
		if (this.fence != null) {
			call.also(keys.lock(this.handle)).arg(this.fence);
		}
		return call.args(this.removed).args(this.written);
	}

	@Nullable Duration due() {
		return this.due;
	}

	Set<IndexEntry> entriesBefore() {
		return this.entriesBefore;
	}

	/**
	 * Returns whether the change writes the time of an access.
	 * @return true if so
	 */
	public boolean isAccess() {
		return this.age != null;
	}

	/**
	 * The indexes whose entries it replaces.
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
