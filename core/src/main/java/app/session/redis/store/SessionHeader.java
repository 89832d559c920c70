package app.session.redis.store;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Set;

import app.session.redis.codec.Digests;
import app.session.redis.codec.SessionSeals;
import org.jspecify.annotations.Nullable;

/**
 * The header of a session, in the format that {@code session.lua} describes.
 *
 * @param digest the digest of the id's secret
 * @param created when the session was created, by the clock of the creating node
 * @param idleTimeout how long the session lives without an access; zero or less if it
 * never expires
 * @param grace how long its content is kept after it has expired
 * @param deadline when the session ends even if it is in use, by Redis's clock; null if
 * never
 * @param laterIdleTimeout the idle timeout from the client's second request on; null if
 * there was one, or if it is the same
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record SessionHeader(byte[] digest, Instant created, Duration idleTimeout, Duration grace,
		@Nullable Instant deadline, @Nullable Duration laterIdleTimeout) {

	private static final SecureRandom RANDOM = new SecureRandom();

	/** The version of the format that this code writes and reads. */
	private static final int VERSION = 1;

	private static final int CLAIMED = 1;

	private static final int HAS_DEADLINE = 4;

	private static final int HAS_LATER_TIMEOUT = 8;

	/** The length without the optional parts. */
	private static final int LENGTH = 38;

	private static final int REVISION_LENGTH = 6;

	private static final int DEADLINE_LENGTH = 6;

	private static final int LATER_TIMEOUT_LENGTH = 5;

	/**
	 * The maximum length with index entries: the longest value that Redis's compact
	 * encoding of hashes allows.
	 */
	private static final int MAX_LENGTH = 64;

	/**
	 * Half of SHA-256. An id can't be derived from 128 bits of its digest any more than
	 * from 256.
	 */
	private static final int DIGEST_LENGTH = 16;

	/**
	 * The maximum number of milliseconds, about 17 years; longer durations are cut to it.
	 */
	private static final long MAX_MILLIS = (1L << 39) - 1;

	/**
	 * Returns the digest of a secret that the scripts compare.
	 * @param secret the secret
	 * @return the first half of its SHA-256
	 */
	public static byte[] digest(String secret) {
		return Arrays.copyOf(Digests.sha256(secret), DIGEST_LENGTH);
	}

	/**
	 * Returns random bytes that make the revision of a session differ from all others,
	 * those included that a failover has lost. Neither Redis, whose random numbers can
	 * repeat after a restart, nor a counter would do.
	 * @return the bytes
	 */
	static byte[] newRevision() {
		byte[] revision = new byte[REVISION_LENGTH];
		RANDOM.nextBytes(revision);
		return revision;
	}

	/**
	 * Returns a duration in milliseconds as the format can store it: at least 1 for a
	 * positive duration, and at most about 17 years.
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
	 * Returns whether index entries fit behind the header of a new session.
	 * @param entries the entries, encoded
	 * @param deadline whether the script that writes the header adds a deadline
	 */
	boolean fits(byte[] entries, boolean deadline) {
		return LENGTH + (deadline ? DEADLINE_LENGTH : 0) + ((this.laterIdleTimeout != null) ? LATER_TIMEOUT_LENGTH : 0)
				+ entries.length <= MAX_LENGTH;
	}

	/**
	 * Encodes the header with a new revision, without the deadline and the later idle
	 * timeout, which the script adds.
	 * @param entries the encoded index entries that follow it
	 */
	public byte[] encode(byte[] entries) {
		ByteBuffer buffer = ByteBuffer.allocate(LENGTH + entries.length);
		buffer.put((byte) (VERSION << 4)).put(this.digest);
		put48(buffer, this.created.toEpochMilli());
		long idleTimeout = millis(this.idleTimeout);
		buffer.put((byte) (idleTimeout >> 32)).putInt((int) idleTimeout);
		buffer.putInt((int) this.grace.toMillis()).put(newRevision()).put(entries);
		return buffer.array();
	}

	/**
	 * Returns the part of the header that the session's seal authenticates.
	 * @return the digest and the times that no script changes
	 */
	public SessionSeals.Header proven() {
		return new SessionSeals.Header(this.digest, this.created, this.deadline);
	}

	/**
	 * Returns the idle timeout that the session has from the client's second request on.
	 * @return the idle timeout; zero or less if it never expires
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
		buffer.position(LENGTH);
		Instant deadline = has(HAS_DEADLINE, encoded) ? Instant.ofEpochMilli(get48(buffer)) : null;
		Duration later = has(HAS_LATER_TIMEOUT, encoded) ? Duration.ofMillis(get40(buffer)) : null;
		return new SessionHeader(digest, created, idleTimeout, grace, deadline, later);
	}

	/** Returns whether a header has the revision at a position of other bytes. */
	static boolean hasRevision(byte[] encoded, byte[] other, int offset) {
		return offset + REVISION_LENGTH <= other.length
				&& Arrays.equals(encoded, LENGTH - REVISION_LENGTH, LENGTH, other, offset, offset + REVISION_LENGTH);
	}

	/** Returns whether a newer version of the library has written a header. */
	static boolean isNewer(byte[] encoded) {
		return encoded.length > 0 && encoded[0] >> 4 != VERSION;
	}

	/** Returns whether a session has expired and its expiry is being published. */
	static boolean isClaimed(byte[] encoded) {
		return has(CLAIMED, encoded);
	}

	/**
	 * Returns whether a header has all parts that its flags announce, and complete index
	 * entries.
	 * @param encoded the header
	 * @param field the field for entries that don't fit in the header, or null
	 */
	public static boolean isComplete(byte[] encoded, byte @Nullable [] field) {
		int length = length(encoded);
		return encoded.length >= length && IndexEntry.areComplete(encoded, length)
				&& (field == null || IndexEntry.areComplete(field, 0));
	}

	/**
	 * Returns the index entries of a session.
	 * @param encoded its header
	 * @param field its field for entries that don't fit in the header, or null
	 */
	static Set<IndexEntry> entries(byte[] encoded, byte @Nullable [] field) {
		if (field != null) {
			return IndexEntry.decode(field);
		}
		int length = length(encoded);
		return (encoded.length > length) ? IndexEntry.decode(Arrays.copyOfRange(encoded, length, encoded.length))
				: Set.of();
	}

	/** Returns the length of a header without the index entries behind it. */
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
