package app.session.redis.codec;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;

import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypts values with AES-256 in Galois/Counter Mode. Its form: a byte, the length of
 * the key's name and that name, a nonce, and what was encrypted, with its tag. All before
 * it is authenticated with it, and so are the session and the attribute, so that a value
 * which is moved to another opens no more.
 *
 * <p>
 * Each session's values have a key of their own: random nonces may serve no more than
 * 2<sup>32</sup> values of one key (NIST SP 800-38D, 8.3), which all sessions together
 * could have in weeks.
 */
final class ValueEncryption {

	static final byte FORM = 8;

	private static final String CIPHER = "AES/GCM/NoPadding";

	private static final int NONCE_BYTES = 12;

	private static final int TAG_BYTES = 16;

	private final EncryptionKeys keys;

	private final SecureRandom random = new SecureRandom();

	ValueEncryption(EncryptionKeys keys) {
		this.keys = keys;
	}

	static boolean isEncrypted(byte[] stored) {
		return stored.length > 0 && stored[0] == FORM;
	}

	/** Returns the same array when nothing is to be encrypted. */
	byte[] encrypt(String handle, String attribute, byte[] bytes) {
		String keyName = this.keys.active();
		if (keyName == null) {
			return bytes;
		}
		byte[] session = handle.getBytes(StandardCharsets.UTF_8);
		SecretKeySpec key = this.keys.sessionKey(keyName, session);
		byte[] name = keyName.getBytes(StandardCharsets.US_ASCII);
		byte[] nonce = new byte[NONCE_BYTES];
		this.random.nextBytes(nonce);
		int header = 2 + name.length + NONCE_BYTES;
		byte[] stored = new byte[header + bytes.length + TAG_BYTES];
		ByteBuffer.wrap(stored).put(FORM).put((byte) name.length).put(name).put(nonce);
		try {
			Cipher cipher = Cipher.getInstance(CIPHER);
			cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(8 * TAG_BYTES, nonce));
			authenticate(cipher, session, attribute, stored, header);
			cipher.doFinal(bytes, 0, bytes.length, stored, header);
			return stored;
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException(
					"A session attribute can't be encrypted: this Java platform refuses AES-256", ex);
		}
	}

	byte[] decrypt(String handle, String attribute, byte[] stored) {
		int nameLength = (stored.length > 1) ? Byte.toUnsignedInt(stored[1]) : 0;
		int header = 2 + nameLength + NONCE_BYTES;
		if (stored.length < header + TAG_BYTES) {
			throw new UnreadableValueException("It was encrypted, and is cut short", null);
		}
		String keyName = new String(stored, 2, nameLength, StandardCharsets.UTF_8);
		byte[] session = handle.getBytes(StandardCharsets.UTF_8);
		SecretKeySpec key = this.keys.sessionKey(keyName, session);
		if (key == null) {
			throw new UnreadableValueException("It was encrypted with the key "
					+ (EncryptionKeys.isName(keyName) ? "'" + keyName + "'" : "of no name")
					+ ", which is not among app.session.redis.encryption.keys", null);
		}
		try {
			Cipher cipher = Cipher.getInstance(CIPHER);
			cipher.init(Cipher.DECRYPT_MODE, key,
					new GCMParameterSpec(8 * TAG_BYTES, stored, 2 + nameLength, NONCE_BYTES));
			authenticate(cipher, session, attribute, stored, header);
			return cipher.doFinal(stored, header, stored.length - header);
		}
		catch (AEADBadTagException ex) {
			throw new UnreadableValueException(
					"It was encrypted, and is not authentic: it was changed, comes from another"
							+ " session or attribute, or the key '" + keyName + "' was another then",
					ex);
		}
		catch (GeneralSecurityException ex) {
			throw new UnreadableValueException("It was encrypted, and this Java platform can't decrypt it", ex);
		}
	}

	private static void authenticate(Cipher cipher, byte[] session, String attribute, byte[] stored, int header) {
		cipher.updateAAD(session);
		cipher.updateAAD(new byte[1]);
		cipher.updateAAD(attribute.getBytes(StandardCharsets.UTF_8));
		cipher.updateAAD(stored, 0, header);
	}

}
