package app.session.redis.codec;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;

import app.session.redis.codec.SessionSeal.Sealed;
import org.jspecify.annotations.Nullable;

/**
 * Creates and verifies the seals of sessions, so that a session in Redis is accepted only
 * if this application has written it and it is unchanged. A sealed session has a field of
 * {@value #FIELD_BYTES} bytes: a random <em>epoch</em> of 16 bytes, and the first 16
 * bytes of
 *
 * <pre>
 * HMAC-SHA256(header key, version, namespace, handle, digest of the id, epoch, creation time, absolute deadline)
 * </pre>
 *
 * where each part is preceded by its length. All values of the session are bound to the
 * epoch, which is renewed when the principal changes. The idle timeout, the flags and the
 * time to live are not authenticated, because scripts change them.
 *
 * <p>
 * Thread-safe.
 */
public final class SessionSeals {

	/** The length of the field that holds the seal. */
	public static final int FIELD_BYTES = 32;

	private static final int EPOCH_BYTES = 16;

	private static final byte[] VERSION = "app.session.redis header 1".getBytes(StandardCharsets.US_ASCII);

	/** The length of a salt. */
	public static final int SALT_BYTES = 16;

	private static final byte[] MIGRATION_SALT = "app.session.redis migration salt 1"
		.getBytes(StandardCharsets.US_ASCII);

	private static final byte[] MIGRATION_SECRET = "app.session.redis migration secret 1"
		.getBytes(StandardCharsets.US_ASCII);

	private final SecureRandom random = new SecureRandom();

	private final String namespace;

	private final @Nullable EncryptionKeys keys;

	private final @Nullable Instant acceptPlainUntil;

	private final Clock clock;

	/**
	 * Creates seals.
	 * @param namespace the namespace of the sessions
	 * @param keys the keys, or null if sessions are not sealed
	 * @param acceptPlainUntil the time until which a store with encryption accepts
	 * unsealed sessions; null for never
	 * @param clock the clock
	 */
	public SessionSeals(String namespace, @Nullable EncryptionKeys keys, @Nullable Instant acceptPlainUntil,
			Clock clock) {
		this.namespace = namespace;
		this.keys = keys;
		this.acceptPlainUntil = acceptPlainUntil;
		this.clock = clock;
	}

	/**
	 * Creates the seals of a store without keys.
	 * @param namespace the namespace of the sessions
	 * @return the seals
	 */
	public static SessionSeals none(String namespace) {
		return new SessionSeals(namespace, null, null, Clock.systemUTC());
	}

	/**
	 * Returns whether sessions are sealed when they are written.
	 * @return whether there is an active key
	 */
	public boolean areWritten() {
		return this.keys != null && this.keys.active() != null;
	}

	/**
	 * Returns whether there are keys. If so, another node may seal sessions that this
	 * node has read in plain text.
	 * @return whether there are keys
	 */
	public boolean hasKeys() {
		return this.keys != null;
	}

	/**
	 * Returns whether unsealed sessions are currently accepted.
	 * @return whether they are accepted
	 */
	public boolean isPlainAccepted() {
		if (this.keys == null || !this.keys.encrypts()) {
			return true;
		}
		return this.acceptPlainUntil != null && this.clock.instant().isBefore(this.acceptPlainUntil);
	}

	/**
	 * Returns whether a session in plain text was accepted only because the time until
	 * which the store accepts such sessions has not passed.
	 * @param seal the seal of the session
	 * @return whether the session should have been sealed
	 */
	public boolean isTolerated(SessionSeal seal) {
		return this.keys != null && this.keys.encrypts() && !seal.isSealed() && !seal.isBroken();
	}

	/**
	 * Creates the seal of a new session.
	 * @param handle the handle of the session
	 * @return the seal
	 */
	public SessionSeal create(String handle) {
		String keyName = (this.keys != null) ? this.keys.active() : null;
		return (keyName != null) ? sealed(handle, keyName) : SessionSeal.none(handle);
	}

	/**
	 * Creates a seal with a new epoch for a session whose values are all sealed again.
	 * @param seal the current seal
	 * @return the seal, with the active key if there is one
	 */
	public SessionSeal renew(SessionSeal seal) {
		Sealed sealed = seal.sealed();
		if (sealed == null) {
			return create(seal.handle());
		}
		return sealed(seal.handle(), writingKey(sealed));
	}

	private SessionSeal sealed(String handle, String keyName) {
		byte[] epoch = new byte[EPOCH_BYTES];
		this.random.nextBytes(epoch);
		return SessionSeal.of(this.namespace, handle, keyName, epoch);
	}

	/**
	 * Returns the active key. A node without one keeps sealed sessions sealed with their
	 * key.
	 */
	private String writingKey(Sealed sealed) {
		String active = (this.keys != null) ? this.keys.active() : null;
		return (active != null) ? active : sealed.keyName();
	}

	/**
	 * Computes the field that authenticates the header of a sealed session.
	 * @param seal the seal of the session
	 * @param header the header to authenticate
	 * @return the field
	 * @throws IllegalArgumentException if the session is not sealed
	 */
	public byte[] field(SessionSeal seal, Header header) {
		Sealed sealed = seal.sealed();
		if (sealed == null || this.keys == null) {
			throw new IllegalArgumentException("The session " + seal.handle() + " is not sealed");
		}
		byte[] mac = mac(this.keys, writingKey(sealed), seal.handle(), sealed.epoch(), header);
		return ByteBuffer.allocate(FIELD_BYTES).put(sealed.epoch()).put(mac, 0, FIELD_BYTES - EPOCH_BYTES).array();
	}

	/**
	 * Verifies a session that was read.
	 * @param handle the handle of the session
	 * @param header its header as it was read
	 * @param field its field, or null if it has none
	 * @return the seal, which is {@link SessionSeal#isBroken() broken} if the session was
	 * not written by this application with one of the keys
	 */
	public SessionSeal verify(String handle, Header header, byte @Nullable [] field) {
		if (field == null) {
			return isPlainAccepted() ? SessionSeal.none(handle) : SessionSeal.broken(handle);
		}
		if (this.keys == null || field.length != FIELD_BYTES) {
			return SessionSeal.broken(handle);
		}
		byte[] epoch = Arrays.copyOf(field, EPOCH_BYTES);
		byte[] proof = Arrays.copyOfRange(field, EPOCH_BYTES, FIELD_BYTES);
		for (String keyName : this.keys.names()) {
			byte[] mac = mac(this.keys, keyName, handle, epoch, header);
			if (MessageDigest.isEqual(proof, Arrays.copyOf(mac, FIELD_BYTES - EPOCH_BYTES))) {
				return SessionSeal.of(this.namespace, handle, keyName, epoch);
			}
		}
		return SessionSeal.broken(handle);
	}

	/**
	 * Creates the salt for a migrated session, of {@value #SALT_BYTES} bytes. For a
	 * sealed session, it authenticates the handle and the time until which it is valid.
	 * @param seal the seal of the session
	 * @param until the time in milliseconds since 1970
	 * @return the salt
	 */
	public byte[] migrationSalt(SessionSeal seal, long until) {
		Sealed sealed = seal.sealed();
		if (sealed == null || this.keys == null) {
			byte[] salt = new byte[SALT_BYTES];
			this.random.nextBytes(salt);
			return salt;
		}
		return migrationSalt(this.keys, writingKey(sealed), seal.handle(), until);
	}

	private byte[] migrationSalt(EncryptionKeys keys, String keyName, String handle, long until) {
		return Arrays.copyOf(
				keys.headerMac(keyName,
						SessionSeal.lengthPrefixed(MIGRATION_SALT, SessionSeal.utf8(this.namespace),
								SessionSeal.utf8(handle), ByteBuffer.allocate(Long.BYTES).putLong(until).array())),
				SALT_BYTES);
	}

	/**
	 * Computes the secret of the new id of a sealed session that was migrated. It can't
	 * be computed without the key.
	 * @param handle the handle of the session
	 * @param salt the salt
	 * @param until the time until which it is valid
	 * @param oldId the session's id before the migration
	 * @return the secret, or null if the salt was not created with one of the keys
	 */
	public byte @Nullable [] migrationSecret(String handle, byte[] salt, long until, String oldId) {
		if (this.keys == null) {
			return null;
		}
		for (String keyName : this.keys.names()) {
			if (MessageDigest.isEqual(salt, migrationSalt(this.keys, keyName, handle, until))) {
				return this.keys.headerMac(keyName,
						SessionSeal.lengthPrefixed(MIGRATION_SECRET, salt, SessionSeal.utf8(oldId)));
			}
		}
		return null;
	}

	private byte[] mac(EncryptionKeys keys, String keyName, String handle, byte[] epoch, Header header) {
		byte[] times = ByteBuffer.allocate(2 * Long.BYTES)
			.putLong(header.created().toEpochMilli())
			.putLong((header.deadline() != null) ? header.deadline().toEpochMilli() : Long.MIN_VALUE)
			.array();
		return keys.headerMac(keyName, SessionSeal.lengthPrefixed(VERSION, SessionSeal.utf8(this.namespace),
				SessionSeal.utf8(handle), header.digest(), epoch, times));
	}

	/**
	 * The parts of a session's header that its seal authenticates.
	 *
	 * @param digest the digest of the id's secret
	 * @param created the creation time of the session, to the millisecond
	 * @param deadline the time at which it ends even if it is in use, to the millisecond;
	 * null for never
	 */
	@SuppressWarnings("ArrayRecordComponent") // never compared
	public record Header(byte[] digest, Instant created, @Nullable Instant deadline) {
	}

}
