package app.session.redis.benchmarks.app;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Creates attribute values: distinct ASCII text that is cheap to create, so that its
 * creation doesn't affect the measurement.
 */
final class Values {

	private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

	private static final String POOL = pool();

	private static final byte[] BYTES = POOL.getBytes(StandardCharsets.US_ASCII);

	private Values() {
	}

	private static String pool() {
		StringBuilder pool = new StringBuilder();
		for (int i = 0; i < 65_536; i++) {
			pool.append(ALPHABET.charAt(ThreadLocalRandom.current().nextInt(ALPHABET.length())));
		}
		return pool.toString();
	}

	static String next(int size) {
		int start = ThreadLocalRandom.current().nextInt(POOL.length() - size);
		return POOL.substring(start, start + size);
	}

	/**
	 * Computes a digest, as a handler that needs CPU time: a number of bytes rather than
	 * a duration, so that each handler does the same work however busy the machine is.
	 * @param length the number of bytes
	 */
	static void digest(int length) {
		if (length == 0) {
			return;
		}
		try {
			MessageDigest digest = MessageDigest.getInstance("SHA-256");
			for (int left = length; left > 0; left -= BYTES.length) {
				digest.update(BYTES, 0, Math.min(left, BYTES.length));
			}
			digest.digest();
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
