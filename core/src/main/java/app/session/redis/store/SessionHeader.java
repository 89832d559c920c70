package app.session.redis.store;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Set;

import app.session.redis.codec.Digests;
import app.session.redis.codec.SessionSeals;
import org.jspecify.annotations.Nullable;

/**
 * The fixed part of a session, in the form that {@code session.lua} describes.
 *
 * @param digest the digest of the id's secret
 * @param created when the session was created, by the clock of the node that did
 * @param idleTimeout how long it lives without an access; zero or less: for ever
 * @param grace how long its content outlives it
 * @param deadline when it ends however active it is, by Redis's clock; null: never
 * @param laterIdleTimeout its idle timeout from the second request of its client on; null
 * when there was one, or it is the same
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record SessionHeader(byte[] digest, Instant created, Duration idleTimeout, Duration grace,
		@Nullable Instant deadline, @Nullable Duration laterIdleTimeout) {

	/** The version of the format that this code writes and reads. */
	private static final int VERSION = 1;

	private static final int HAS_DEADLINE = 4;

	private static final int HAS_LATER_TIMEOUT = 8;

	/** Without what only some have. */
	private static final int LENGTH = 32;

	private static final int DEADLINE_LENGTH = 6;

	private static final int LATER_TIMEOUT_LENGTH = 5;

	/**
	 * How long it may be with index entries behind it: the longest value of a hash in
	 * Redis's compact encoding.
	 */
	private static final int MAX_LENGTH = 64;

	/**
	 * Half of SHA-256. An id can't be found from 128 bits of its digest any more than
	 * from 256.
	 */
	private static final int DIGEST_LENGTH = 16;

	/** Beyond this a number of milliseconds is taken for this: some 17 years. */
	private static final long MAX_MILLIS = (1L << 39) - 1;

	/**
	 * The digest of a secret, as the scripts compare it.
	 * @param secret the secret
	 * @return the first half of its SHA-256
	 */
	public static byte[] digest(String secret) {
		return Arrays.copyOf(Digests.sha256(secret), DIGEST_LENGTH);
	}

	/**
	 * A duration in the milliseconds that the format can hold: a positive one is at least
	 * one, and none is longer than some 17 years.
	 * @param duration the duration
	 * @return milliseconds
	 */
	static long millis(Duration duration) {
		if (duration.compareTo(Duration.ofMillis(MAX_MILLIS)) >= 0) {
			return MAX_MILLIS;
		}
		if (duration.compareTo(Duration.ofMillis(-MAX_MILLIS)) <= 0) {
			return -MAX_MILLIS;
		}
		long millis = duration.toMillis();
		return (millis == 0 && duration.compareTo(Duration.ZERO) > 0) ? 1 : millis;
	}

	/**
	 * Whether index entries fit behind the header of a new session.
	 * @param entries the entries, encoded
	 * @param deadline whether the script that writes it adds a deadline
	 */
	boolean fits(byte[] entries, boolean deadline) {
		return LENGTH + (deadline ? DEADLINE_LENGTH : 0) + ((this.laterIdleTimeout != null) ? LATER_TIMEOUT_LENGTH : 0)
				+ entries.length <= MAX_LENGTH;
	}

	/**
	 * The header in its stored form, without a deadline and the later idle timeout, which
	 * the script adds.
	 * @param entries the index entries to follow it
	 */
	public byte[] encode(byte[] entries) {
		ByteBuffer buffer = ByteBuffer.allocate(LENGTH + entries.length);
		buffer.put((byte) (VERSION << 4)).put(this.digest);
		put48(buffer, this.created.toEpochMilli());
		long idleTimeout = millis(this.idleTimeout);
		buffer.put((byte) (idleTimeout >> 32)).putInt((int) idleTimeout);
		buffer.putInt((int) this.grace.toMillis()).put(entries);
		return buffer.array();
	}

	/**
	 * Returns what the seal of the session proves of the header.
	 * @return the digest and the times that no script changes
	 */
	public SessionSeals.Header proven() {
		return new SessionSeals.Header(this.digest, this.created, this.deadline);
	}

	/**
	 * The idle timeout that it has, or will have once its client has come back.
	 * @return the idle timeout; zero or less: for ever
	 */
	public Duration lastingIdleTimeout() {
		return (this.laterIdleTimeout != null) ? this.laterIdleTimeout : this.idleTimeout;
	}

	public static SessionHeader decode(byte[] encoded) {
		ByteBuffer buffer = ByteBuffer.wrap(encoded, 1, encoded.length - 1);
		byte[] digest = new byte[DIGEST_LENGTH];
		buffer.get(digest);
		Instant created = Instant.ofEpochMilli(get48(buffer));
		Duration idleTimeout = Duration.ofMillis(get40(buffer));
		Duration grace = Duration.ofMillis(Integer.toUnsignedLong(buffer.getInt()));
		Instant deadline = has(HAS_DEADLINE, encoded) ? Instant.ofEpochMilli(get48(buffer)) : null;
		Duration later = has(HAS_LATER_TIMEOUT, encoded) ? Duration.ofMillis(get40(buffer)) : null;
		return new SessionHeader(digest, created, idleTimeout, grace, deadline, later);
	}

	/**
	 * Returns whether a header has all that its flags announce, and complete index
	 * entries.
	 * @param encoded the header
	 * @param field the field for entries that don't fit there, or null
	 */
	public static boolean isComplete(byte[] encoded, byte @Nullable [] field) {
		int length = length(encoded);
		return encoded.length >= length && IndexEntry.areComplete(encoded, length)
				&& (field == null || IndexEntry.areComplete(field, 0));
	}

	/**
	 * The index entries of a session.
	 * @param encoded its header
	 * @param field its field for entries that don't fit there, or null
	 */
	static Set<IndexEntry> entries(byte[] encoded, byte @Nullable [] field) {
		if (field != null) {
			return IndexEntry.decode(field);
		}
		int length = length(encoded);
		return (encoded.length > length) ? IndexEntry.decode(Arrays.copyOfRange(encoded, length, encoded.length))
				: Set.of();
	}

	/** The length of a header without the index entries behind it. */
	private static int length(byte[] encoded) {
		return LENGTH + (has(HAS_DEADLINE, encoded) ? DEADLINE_LENGTH : 0)
				+ (has(HAS_LATER_TIMEOUT, encoded) ? LATER_TIMEOUT_LENGTH : 0);
	}

	private static boolean has(int flag, byte[] encoded) {
		return encoded.length > 0 && (encoded[0] & flag) != 0;
	}

	private static void put48(ByteBuffer buffer, long value) {
		buffer.putShort((short) (value >> 32)).putInt((int) value);
	}

	private static long get40(ByteBuffer buffer) {
		return ((long) buffer.get() << 32) | Integer.toUnsignedLong(buffer.getInt());
	}

	private static long get48(ByteBuffer buffer) {
		return ((long) buffer.getShort() << 32) | Integer.toUnsignedLong(buffer.getInt());
	}

}
