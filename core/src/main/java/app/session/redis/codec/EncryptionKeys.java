package app.session.redis.codec;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import org.jspecify.annotations.Nullable;

/**
 * Named keys, one of which new values are encrypted with; the others open what was
 * encrypted with them before. Of each key others are derived: one for each session's
 * values, and one for the values of indexes. Holds no key in its text.
 *
 * @see <a href="https://datatracker.ietf.org/doc/html/rfc5869">RFC 5869, section 2.3, for
 * the derivation</a>
 */
public final class EncryptionKeys {

	/** How many bytes a key has: AES-256. */
	public static final int KEY_BYTES = 32;

	private static final String HMAC = "HmacSHA256";

	/** What of a digest goes into the value of an index: enough that no two meet. */
	private static final int INDEX_DIGEST_BYTES = 16;

	private final Map<String, Key> keys = new LinkedHashMap<>();

	private final @Nullable String active;

	/**
	 * Creates the keys.
	 * @param keys the keys of {@value #KEY_BYTES} bytes by their names
	 * @param active the name of the one to encrypt with; null to encrypt no more, and
	 * only to read what was encrypted
	 * @throws IllegalArgumentException if a name or a key can't be one, or the active one
	 * is none of them
	 */
	public EncryptionKeys(Map<String, byte[]> keys, @Nullable String active) {
		keys.forEach((name, key) -> {
			if (!isName(name)) {
				throw new IllegalArgumentException(
						"The name '" + name + "' of an encryption key is not made of up to 64"
								+ " letters, digits, dots, hyphens and underscores");
			}
			if (key.length != KEY_BYTES) {
				throw new IllegalArgumentException("The encryption key '" + name + "' has " + key.length
						+ " bytes where it must have " + KEY_BYTES);
			}
			this.keys.put(name,
					new Key(derive(key, "app.session.redis values"), derive(key, "app.session.redis indexes")));
		});
		if (active != null && !keys.containsKey(active)) {
			throw new IllegalArgumentException(
					"The active encryption key '" + active + "' is not among the keys " + keys.keySet());
		}
		this.active = active;
	}

	/**
	 * Whether a text can be the name of a key.
	 * @param name the text
	 * @return true if so
	 */
	public static boolean isName(String name) {
		return name.matches("[A-Za-z0-9._-]{1,64}");
	}

	/**
	 * The name of the key to encrypt with.
	 * @return the name, or null when nothing is encrypted any more
	 */
	public @Nullable String active() {
		return this.active;
	}

	/**
	 * The names of all keys.
	 * @return the names
	 */
	public Set<String> names() {
		return this.keys.keySet();
	}

	/**
	 * What stands in Redis for the value of an index: 128 bits of its HMAC-SHA256, in
	 * Base64 for URLs. The value can't be found from it without the key, not even by
	 * trying names.
	 * @param keyName the name of the key
	 * @param index the name of the index
	 * @param value the value
	 * @return the digest
	 */
	public String indexDigest(String keyName, String index, String value) {
		Mac mac = mac(key(keyName).indexKey());
		mac.update(utf8(index));
		mac.update((byte) 0);
		return Base64.getUrlEncoder()
			.withoutPadding()
			.encodeToString(Arrays.copyOf(mac.doFinal(utf8(value)), INDEX_DIGEST_BYTES));
	}

	/** The key of a session's values; null when there is no key of that name. */
	@Nullable SecretKeySpec sessionKey(String keyName, byte[] handle) {
		Key key = this.keys.get(keyName);
		return (key != null) ? new SecretKeySpec(mac(key.valueKey()).doFinal(handle), "AES") : null;
	}

	private Key key(String name) {
		Key key = this.keys.get(name);
		if (key == null) {
			throw new IllegalArgumentException("There is no encryption key '" + name + "'");
		}
		return key;
	}

	private static SecretKeySpec derive(byte[] key, String purpose) {
		Mac mac = mac(new SecretKeySpec(key, HMAC));
		mac.update(utf8(purpose));
		return new SecretKeySpec(mac.doFinal(new byte[] { 1 }), HMAC);
	}

	private static Mac mac(SecretKeySpec key) {
		try {
			Mac mac = Mac.getInstance(HMAC);
			mac.init(key);
			return mac;
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException("Every Java platform has " + HMAC, ex);
		}
	}

	private static byte[] utf8(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	/** Names the keys. */
	@Override
	public String toString() {
		return "EncryptionKeys" + this.keys.keySet();
	}

	/** What is derived of one key. */
	private record Key(SecretKeySpec valueKey, SecretKeySpec indexKey) {
	}

}
