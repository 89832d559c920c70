package app.session.redis.codec;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;

import app.session.redis.Option;
import app.session.redis.OptionNames;
import app.session.redis.codec.SessionSeal.Sealed;
import org.jspecify.annotations.Nullable;

import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypts or authenticates the values of sessions. Both forms begin with a byte for the
 * form, the length of the key's name, and the name.
 *
 * <pre>
 * 8  encrypted with AES-256 in Galois/Counter Mode: 12 bytes of nonce, the ciphertext, 16 bytes of tag
 * 9  authenticated: the first 16 bytes of an HMAC-SHA256, the value
 * </pre>
 *
 * The seal of the session, the name of the attribute and all bytes before the ciphertext
 * are authenticated with the value. A value that was copied to another session, another
 * attribute or another epoch of the same session is therefore rejected.
 *
 * <p>
 * Each session has its own key for its values: at most 2<sup>32</sup> values may be
 * encrypted with random nonces and the same key (NIST SP 800-38D, 8.3), a number that all
 * sessions together could reach within weeks.
 */
final class ValueSealing {

	static final byte ENCRYPTED = 8;

	static final byte AUTHENTICATED = 9;

	private static final String CIPHER = "AES/GCM/NoPadding";

	private static final int NONCE_BYTES = 12;

	private static final int TAG_BYTES = 16;

	private final EncryptionKeys keys;

	private final OptionNames optionNames;

	private final SecureRandom random = new SecureRandom();

	ValueSealing(EncryptionKeys keys, OptionNames optionNames) {
		this.keys = keys;
		this.optionNames = optionNames;
	}

	static boolean isSealed(byte[] stored) {
		return stored.length > 0 && (stored[0] == ENCRYPTED || stored[0] == AUTHENTICATED);
	}

	byte[] seal(SessionSeal seal, Sealed sealed, String attribute, byte[] bytes) {
		String active = this.keys.active();
		String keyName = (active != null) ? active : sealed.keyName();
		// A node that doesn't encrypt yet must not downgrade encrypted values
		boolean authenticateOnly = active != null && !this.keys.encrypts();
		return authenticateOnly ? authenticate(keyName, seal, sealed, attribute, bytes)
				: encrypt(keyName, seal, sealed, attribute, bytes);
	}

	private byte[] encrypt(String keyName, SessionSeal seal, Sealed sealed, String attribute, byte[] bytes) {
		SecretKeySpec key = requireKey(this.keys.encryptionKey(keyName, seal.handle()), keyName);
		byte[] nonce = new byte[NONCE_BYTES];
		this.random.nextBytes(nonce);
		byte[] name = keyName.getBytes(StandardCharsets.US_ASCII);
		int header = 2 + name.length + NONCE_BYTES;
		byte[] stored = new byte[header + bytes.length + TAG_BYTES];
		ByteBuffer.wrap(stored).put(ENCRYPTED).put((byte) name.length).put(name).put(nonce);
		try {
			Cipher cipher = Cipher.getInstance(CIPHER);
			cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(8 * TAG_BYTES, nonce));
			cipher.updateAAD(context(sealed, attribute, stored, header));
			cipher.doFinal(bytes, 0, bytes.length, stored, header);
			return stored;
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException(
					"A session attribute can't be encrypted: this Java platform refuses AES-256", ex);
		}
	}

	private byte[] authenticate(String keyName, SessionSeal seal, Sealed sealed, String attribute, byte[] bytes) {
		SecretKeySpec key = requireKey(this.keys.authenticationKey(keyName, seal.handle()), keyName);
		byte[] name = keyName.getBytes(StandardCharsets.US_ASCII);
		int header = 2 + name.length;
		byte[] stored = new byte[header + TAG_BYTES + bytes.length];
		ByteBuffer.wrap(stored).put(AUTHENTICATED).put((byte) name.length).put(name);
		byte[] tag = EncryptionKeys.hmac(key, context(sealed, attribute, stored, header), bytes);
		System.arraycopy(tag, 0, stored, header, TAG_BYTES);
		System.arraycopy(bytes, 0, stored, header + TAG_BYTES, bytes.length);
		return stored;
	}

	private static SecretKeySpec requireKey(@Nullable SecretKeySpec key, String keyName) {
		if (key == null) {
			throw new IllegalStateException("There is no encryption key '" + keyName + "'");
		}
		return key;
	}

	byte[] open(SessionSeal seal, Sealed sealed, String attribute, byte[] stored) {
		boolean encrypted = stored[0] == ENCRYPTED;
		int nameLength = (stored.length > 1) ? Byte.toUnsignedInt(stored[1]) : 0;
		int header = 2 + nameLength + (encrypted ? NONCE_BYTES : 0);
		if (stored.length < header + TAG_BYTES) {
			throw new UnreadableValueException("It is sealed, but truncated", null);
		}
		String keyName = new String(stored, 2, nameLength, StandardCharsets.UTF_8);
		SecretKeySpec key = encrypted ? this.keys.encryptionKey(keyName, seal.handle())
				: this.keys.authenticationKey(keyName, seal.handle());
		if (key == null) {
			throw new UnreadableValueException("It is sealed with the key "
					+ (EncryptionKeys.isName(keyName) ? "'" + keyName + "'" : "of an invalid name")
					+ ", which is not among the encryption keys (" + this.optionNames.name(Option.ENCRYPTION_KEYS)
					+ ")", null);
		}
		byte[] context = context(sealed, attribute, stored, header);
		return encrypted ? decrypt(key, keyName, context, stored, header)
				: verify(key, keyName, context, stored, header);
	}

	private static byte[] decrypt(SecretKeySpec key, String keyName, byte[] context, byte[] stored, int header) {
		try {
			Cipher cipher = Cipher.getInstance(CIPHER);
			cipher.init(Cipher.DECRYPT_MODE, key,
					new GCMParameterSpec(8 * TAG_BYTES, stored, header - NONCE_BYTES, NONCE_BYTES));
			cipher.updateAAD(context);
			return cipher.doFinal(stored, header, stored.length - header);
		}
		catch (AEADBadTagException ex) {
			throw notAuthentic(keyName, ex);
		}
		catch (GeneralSecurityException ex) {
			throw new UnreadableValueException("It is encrypted, but this Java platform can't decrypt it", ex);
		}
	}

	private static byte[] verify(SecretKeySpec key, String keyName, byte[] context, byte[] stored, int header) {
		byte[] bytes = Arrays.copyOfRange(stored, header + TAG_BYTES, stored.length);
		byte[] tag = Arrays.copyOfRange(stored, header, header + TAG_BYTES);
		if (!MessageDigest.isEqual(tag, Arrays.copyOf(EncryptionKeys.hmac(key, context, bytes), TAG_BYTES))) {
			throw notAuthentic(keyName, null);
		}
		return bytes;
	}

	private static UnreadableValueException notAuthentic(String keyName, @Nullable Throwable cause) {
		return new UnreadableValueException("It is sealed, but not authentic: it was changed, comes from another"
				+ " session, attribute or principal, or the key '" + keyName + "' has been replaced", cause);
	}

	private static byte[] context(Sealed sealed, String attribute, byte[] stored, int header) {
		return SessionSeal.lengthPrefixed(sealed.context(), SessionSeal.utf8(attribute), Arrays.copyOf(stored, header));
	}

}
