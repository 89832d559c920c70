package app.session.redis.codec;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Creates the digests that this library uses. Every Java platform supports their
 * algorithms.
 */
public final class Digests {

	/** The algorithm of message authentication codes. */
	public static final String HMAC = "HmacSHA256";

	private Digests() {
	}

	/**
	 * Creates a digest.
	 * @param algorithm the name of the algorithm
	 * @return the digest
	 */
	public static MessageDigest of(String algorithm) {
		try {
			return MessageDigest.getInstance(algorithm);
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException("Every Java platform supports " + algorithm, ex);
		}
	}

	/**
	 * Computes a SHA-256 digest.
	 * @param text the text
	 * @return the digest of the text in UTF-8
	 */
	public static byte[] sha256(String text) {
		return of("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
	}

	/**
	 * Creates a message authentication code.
	 * @param key the key
	 * @return the code, initialized with the key
	 */
	public static Mac hmac(SecretKeySpec key) {
		try {
			Mac mac = Mac.getInstance(HMAC);
			mac.init(key);
			return mac;
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException("Every Java platform supports " + HMAC, ex);
		}
	}

}
