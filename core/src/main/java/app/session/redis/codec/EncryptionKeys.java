package app.session.redis.codec;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Named keys, one of which seals new sessions. The others open sessions that were sealed
 * with them earlier. Separate keys are derived from each: for the values of each session,
 * for the headers of sessions, and for the values of indexes. {@code toString} returns
 * the names only.
 *
 * @see <a href="https://datatracker.ietf.org/doc/html/rfc5869">RFC 5869, section 2.3, for
 * the derivation</a>
 */
public final class EncryptionKeys {

	/** The length of a key in bytes, as for AES-256. */
	public static final int KEY_BYTES = 32;

	/**
	 * The bytes of a digest that are used as an index value: enough to avoid collisions.
	 */
	private static final int INDEX_DIGEST_BYTES = 16;

	private final Map<String, Key> keys = new LinkedHashMap<>();

	private final @Nullable String active;

	private final boolean encrypting;

	/**
	 * Creates keys that encrypt.
	 * @param keys the keys of {@value #KEY_BYTES} bytes by their names
	 * @param active the name of the key to encrypt with, or null to not encrypt new
	 * sessions, but read encrypted sessions and keep them encrypted
	 * @throws IllegalArgumentException if a name or a key is not valid, or the active key
	 * is none of them
	 */
	public EncryptionKeys(Map<String, byte[]> keys, @Nullable String active) {
		this(keys, active, true);
	}

	private EncryptionKeys(Map<String, byte[]> keys, @Nullable String active, boolean encrypting) {
		this.encrypting = encrypting;
		keys.forEach((name, key) -> {
			if (!isName(name)) {
				throw new IllegalArgumentException(
						"The name '" + name + "' of an encryption key is not valid: it must consist of up to "
								+ "64 letters, digits, dots, hyphens and underscores");
			}
			if (key.length != KEY_BYTES) {
				throw new IllegalArgumentException(
						"The encryption key '" + name + "' has " + key.length + " bytes, but must have " + KEY_BYTES);
			}
			this.keys.put(name,
					new Key(derive(key, "app.session.redis values"),
							derive(key, "app.session.redis authenticated values"),
							derive(key, "app.session.redis headers"), derive(key, "app.session.redis indexes")));
		});
		if (active != null && !keys.containsKey(active)) {
			throw new IllegalArgumentException(
					"The active encryption key '" + active + "' is not among the keys " + keys.keySet());
		}
		this.active = active;
	}

	/**
	 * Creates keys that authenticate values without encrypting them. Values that were
	 * encrypted with one of them can still be read.
	 * @param keys the keys of {@value #KEY_BYTES} bytes by their names
	 * @param active the name of the key to authenticate with
	 * @return the keys
	 * @throws IllegalArgumentException if a name or a key is not valid, or the active key
	 * is none of them
	 */
	public static EncryptionKeys authenticating(Map<String, byte[]> keys, String active) {
		return new EncryptionKeys(keys, active, false);
	}

	/**
	 * Returns whether a text can be the name of a key.
	 * @param name the text
	 * @return whether it is a valid name
	 */
	public static boolean isName(String name) {
		return name.matches("[A-Za-z0-9._-]{1,64}");
	}

	/**
	 * Returns the name of the key with which new sessions are sealed.
	 * @return the name, or null if new sessions are not sealed
	 */
	public @Nullable String active() {
		return this.active;
	}

	/**
	 * Returns whether new sessions are encrypted rather than only authenticated.
	 * @return whether new sessions are encrypted
	 */
	public boolean encrypts() {
		return this.active != null && this.encrypting;
	}

	/**
	 * Returns the names of all keys.
	 * @return the names
	 */
	public Set<String> names() {
		return this.keys.keySet();
	}

	/**
	 * Returns the digest that is stored in Redis instead of an index value: 128 bits of
	 * its HMAC-SHA256, in URL-safe Base64. Without the key, the value can't be determined
	 * from it, not even by trying possible values.
	 * @param keyName the name of the key
	 * @param index the name of the index
	 * @param value the value
	 * @return the digest
	 */
	public String indexDigest(String keyName, String index, String value) {
		Mac mac = Digests.hmac(key(keyName).indexKey());
		mac.update(utf8(index));
		mac.update((byte) 0);
		return Base64.getUrlEncoder()
			.withoutPadding()
			.encodeToString(Arrays.copyOf(mac.doFinal(utf8(value)), INDEX_DIGEST_BYTES));
	}

	/**
	 * Returns the key that encrypts a session's values, or null if there is no key of
	 * that name.
	 */
	@Nullable SecretKeySpec encryptionKey(String keyName, String handle) {
		Key key = this.keys.get(keyName);
		return (key != null) ? new SecretKeySpec(hmac(key.valueKey(), utf8(handle)), "AES") : null;
	}

	/**
	 * Returns the key that authenticates a session's values, or null if there is no key
	 * of that name.
	 */
	@Nullable SecretKeySpec authenticationKey(String keyName, String handle) {
		Key key = this.keys.get(keyName);
		return (key != null) ? new SecretKeySpec(hmac(key.authenticationKey(), utf8(handle)), Digests.HMAC) : null;
	}

	byte[] headerMac(String keyName, byte[] header) {
		return hmac(key(keyName).headerKey(), header);
	}

	static byte[] hmac(SecretKeySpec key, byte[]... parts) {
		Mac mac = Digests.hmac(key);
		for (byte[] part : parts) {
			mac.update(part);
		}
		return mac.doFinal();
	}

	private Key key(String name) {
		Key key = this.keys.get(name);
		if (key == null) {
			throw new IllegalArgumentException("There is no encryption key '" + name + "'");
		}
		return key;
	}

	private static SecretKeySpec derive(byte[] key, String purpose) {
		Mac mac = Digests.hmac(new SecretKeySpec(key, Digests.HMAC));
		mac.update(utf8(purpose));
		return new SecretKeySpec(mac.doFinal(new byte[] { 1 }), Digests.HMAC);
	}

	private static byte[] utf8(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	/** Returns the names of the keys. */
	@Override
	public String toString() {
		return "EncryptionKeys" + this.keys.keySet();
	}

	/** The keys that are derived from one key. */
	private record Key(SecretKeySpec valueKey, SecretKeySpec authenticationKey, SecretKeySpec headerKey,
			SecretKeySpec indexKey) {
	}

}
