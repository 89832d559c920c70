package app.session.redis.store;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import app.session.redis.client.Call;
import app.session.redis.client.LuaScript;
import org.jspecify.annotations.Nullable;

/**
 * A session to be written for the first time.
 */
public final class NewSession {

	private final String handle;

	private final SessionHeader header;

	private final byte[] encodedHeader;

	private final Duration absoluteTimeout;

	private final Set<IndexEntry> entries;

	private final List<byte[]> fields = new ArrayList<>();

	/**
	 * Creates a new session.
	 * @param handle its handle
	 * @param header its header; with a deadline only if the script must not compute it
	 * @param absoluteTimeout the time after which the session ends even if it is in use;
	 * zero if never
	 * @param entries its index entries
	 * @param secret the secret of its id, to be stored; null if ids are protected
	 */
	public NewSession(String handle, SessionHeader header, Duration absoluteTimeout, Set<IndexEntry> entries,
			@Nullable String secret) {
		this.handle = handle;
		this.header = header;
		this.absoluteTimeout = absoluteTimeout;
		this.entries = entries;
		byte[] encoded = IndexEntry.encode(entries);
		if (!header.fits(encoded, !absoluteTimeout.isZero())) {
			field("i", encoded);
			encoded = new byte[0];
		}
		this.encodedHeader = header.encode(encoded);
		if (secret != null) {
			field("s", secret.getBytes(StandardCharsets.UTF_8));
		}
	}

	/**
	 * Writes the field from which the new id is computed for clients that send the id
	 * that the session had in another repository.
	 * @param salt the salt and the time until which it may be used
	 */
	public void writeMigrationSalt(byte[] salt) {
		field("p", salt);
	}

	/**
	 * Writes the field that authenticates the header of a sealed session.
	 * @param sealField the field
	 */
	public void seal(byte[] sealField) {
		field("a", sealField);
	}

	/**
	 * Writes an attribute.
	 * @param attribute its name
	 * @param value its encoded value
	 */
	public void write(String attribute, byte[] value) {
		this.fields.add(StoredName.field(attribute));
		this.fields.add(value);
	}

	private void field(String name, byte[] value) {
		this.fields.add(name.getBytes(StandardCharsets.US_ASCII));
		this.fields.add(value);
	}

	/**
	 * Returns the amount of data that is written: the header, and the names and values of
	 * fields.
	 * @return the number of bytes
	 */
	public long bytes() {
		return this.encodedHeader.length + SessionChange.bytes(this.fields);
	}

	String handle() {
		return this.handle;
	}

	SessionHeader header() {
		return this.header;
	}

	/** Returns the time after which the session can first expire. */
	Duration due() {
		Duration idleTimeout = this.header.idleTimeout();
		boolean absoluteFirst = !this.absoluteTimeout.isZero()
				&& (HintCalls.isEndless(idleTimeout) || this.absoluteTimeout.compareTo(idleTimeout) < 0);
		return absoluteFirst ? this.absoluteTimeout : idleTimeout;
	}

	/** Builds the call of {@code create.lua}. */
	Call call(RedisKeys keys) {
		Duration laterIdleTimeout = this.header.laterIdleTimeout();
		return Call.of(LuaScript.CREATE, keys.session(this.handle))
			.arg(this.encodedHeader)
			.arg(end())
			.arg((laterIdleTimeout != null) ? Long.toString(SessionHeader.millis(laterIdleTimeout)) : "")
			.args(this.fields);
	}

	/**
	 * Returns when the session ends even if it is in use, in the form that
	 * {@code create.lua} takes.
	 */
	private long end() {
		Instant deadline = this.header.deadline();
		return (deadline != null) ? -deadline.toEpochMilli() : this.absoluteTimeout.toMillis();
	}

	/**
	 * Returns the index entries of the session.
	 * @return its index entries
	 */
	public Set<IndexEntry> entries() {
		return this.entries;
	}

}
