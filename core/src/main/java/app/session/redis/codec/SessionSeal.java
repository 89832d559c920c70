package app.session.redis.codec;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

import org.jspecify.annotations.Nullable;

/**
 * The cryptographic state of one session: whether its values are sealed with a key, and
 * the data that binds them to the session. {@link SessionSeals} creates and verifies
 * seals. Immutable. Contains no key, and {@code toString} returns the handle only.
 */
public final class SessionSeal {

	private static final byte[] VERSION = "app.session.redis value 1".getBytes(StandardCharsets.US_ASCII);

	private final String handle;

	private final @Nullable Sealed sealed;

	private final boolean broken;

	private SessionSeal(String handle, @Nullable Sealed sealed, boolean broken) {
		this.handle = handle;
		this.sealed = sealed;
		this.broken = broken;
	}

	/**
	 * Returns the seal of a session whose values are neither encrypted nor authenticated.
	 * @param handle the handle of the session
	 * @return the seal
	 */
	public static SessionSeal none(String handle) {
		return new SessionSeal(handle, null, false);
	}

	/**
	 * Returns the seal of a session that failed verification: no value can be read or
	 * written.
	 */
	static SessionSeal broken(String handle) {
		return new SessionSeal(handle, null, true);
	}

	static SessionSeal of(String namespace, String handle, String keyName, byte[] epoch) {
		return new SessionSeal(handle,
				new Sealed(keyName, epoch.clone(), lengthPrefixed(VERSION, utf8(namespace), utf8(handle), epoch)),
				false);
	}

	/**
	 * Returns the handle of the session.
	 * @return the handle
	 */
	public String handle() {
		return this.handle;
	}

	/**
	 * Returns whether the values of the session are sealed with a key. If so, values that
	 * were written without the key are rejected.
	 * @return whether the session is sealed
	 */
	public boolean isSealed() {
		return this.sealed != null;
	}

	/**
	 * Returns whether the session is not authentic or can't be verified on this node.
	 * @return whether the session must not be used
	 */
	public boolean isBroken() {
		return this.broken;
	}

	/** Returns the data for sealing values, or null if the session isn't sealed. */
	@Nullable Sealed sealed() {
		return this.sealed;
	}

	/** Concatenates parts so that no two lists of parts have the same result. */
	static byte[] lengthPrefixed(byte[]... parts) {
		int length = 0;
		for (byte[] part : parts) {
			length += Integer.BYTES + part.length;
		}
		ByteBuffer buffer = ByteBuffer.allocate(length);
		for (byte[] part : parts) {
			buffer.putInt(part.length).put(part);
		}
		return buffer.array();
	}

	static byte[] utf8(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	@Override
	public String toString() {
		return "SessionSeal[" + this.handle + "]";
	}

	/**
	 * The sealing data that all values of a session share.
	 *
	 * @param keyName the name of the key with which the session was last sealed
	 * @param epoch random bytes that change with the principal
	 * @param context the additional authenticated data of all values, without the name of
	 * the attribute
	 */
	@SuppressWarnings("ArrayRecordComponent") // never compared
	record Sealed(String keyName, byte[] epoch, byte[] context) {
	}

}
