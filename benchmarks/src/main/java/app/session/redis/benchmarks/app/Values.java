package app.session.redis.benchmarks.app;

import java.util.concurrent.ThreadLocalRandom;

/**
 * Creates attribute values: distinct ASCII text that is cheap to create, so that its
 * creation doesn't affect the measurement.
 */
final class Values {

	private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

	private static final String POOL = pool();

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

}
