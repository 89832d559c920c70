package app.session.redis;

import java.security.SecureRandom;
import java.util.Base64;

import org.jspecify.annotations.Nullable;

/**
 * The id of a session: its <em>handle</em>, which never changes and identifies its key,
 * followed by a secret that authorizes access to the session. A handle alone gives no
 * access.
 *
 * @param handle the first 16 characters
 * @param secret the remaining characters
 */
public record SessionId(String handle, String secret) {

	/** The length of a handle: 12 random bytes in base64url. */
	public static final int HANDLE_LENGTH = 16;

	/**
	 * The minimum length of a secret: 96 bits in base64url. Secrets that this library
	 * generates have at least 128 bits.
	 */
	private static final int MIN_SECRET_LENGTH = 16;

	private static final int MAX_LENGTH = 272;

	/**
	 * The maximum number of random bytes in a secret, whose base64url form has the
	 * maximum length of a secret.
	 */
	public static final int MAX_SECRET_BYTES = 192;

	private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

	private static final SecureRandom RANDOM = new SecureRandom();

	/**
	 * Parses an id that a client has sent.
	 * @param id any text, or null
	 * @return the id, or null if the text can't be an id, so that it is never sent to
	 * Redis
	 */
	public static @Nullable SessionId parse(@Nullable String id) {
		if (id == null || id.length() < HANDLE_LENGTH + MIN_SECRET_LENGTH || id.length() > MAX_LENGTH || !isSafe(id)) {
			return null;
		}
		return new SessionId(id.substring(0, HANDLE_LENGTH), id.substring(HANDLE_LENGTH));
	}

	/**
	 * Returns whether a text has the form of a handle.
	 * @param text any text, or null
	 * @return whether it has 16 characters, all of them allowed in an id
	 */
	public static boolean isHandle(@Nullable String text) {
		return text != null && text.length() == HANDLE_LENGTH && isSafe(text);
	}

	/**
	 * Generates a handle of 12 random bytes.
	 * @return the handle
	 */
	public static String newHandle() {
		return random(12);
	}

	/**
	 * Generates a secret.
	 * @param bytes the number of random bytes
	 * @return the secret
	 */
	public static String newSecret(int bytes) {
		return random(bytes);
	}

	/**
	 * Checks a secret that the application's {@code SessionIdGenerator} generated.
	 * @param secret the generated id
	 * @param generator the type of the generator, which the message names
	 * @return the secret
	 * @throws IllegalStateException if the secret can't be a part of an id
	 */
	public static String checkSecret(@Nullable String secret, Class<?> generator) {
		if (secret == null || parse("A".repeat(HANDLE_LENGTH) + secret) == null) {
			throw new IllegalStateException("The SessionIdGenerator " + generator.getName() + " generated "
					+ ((secret != null) ? "an invalid id of " + secret.length() + " characters" : "null")
					+ ". An id must have " + MIN_SECRET_LENGTH + " to " + (MAX_LENGTH - HANDLE_LENGTH)
					+ " characters from A-Z a-z 0-9 . _ ~ -");
		}
		return secret;
	}

	private static String random(int bytes) {
		byte[] random = new byte[bytes];
		RANDOM.nextBytes(random);
		return BASE64.encodeToString(random);
	}

	private static boolean isSafe(String text) {
		for (int i = 0; i < text.length(); i++) {
			char c = text.charAt(i);
			if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_'
					|| c == '.' || c == '~')) {
				return false;
			}
		}
		return true;
	}

	/**
	 * Returns the id in the form that the client receives.
	 * @return handle and secret
	 */
	public String value() {
		return this.handle + this.secret;
	}

	/** Returns only the handle, because ids must not appear in logs. */
	@Override
	public String toString() {
		return this.handle;
	}

}
