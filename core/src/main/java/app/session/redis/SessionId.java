package app.session.redis;

import java.security.SecureRandom;
import java.util.Base64;

import org.jspecify.annotations.Nullable;

/**
 * The id of a session: a locator that never changes and leads to its key, the session's
 * <em>handle</em>, followed by a secret that proves the right to it. A handle alone opens
 * nothing.
 *
 * @param handle the first 16 characters
 * @param secret the others
 */
public record SessionId(String handle, String secret) {

	/** How long a handle is: 12 random bytes in base64url. */
	public static final int HANDLE_LENGTH = 16;

	/**
	 * No secret is shorter: 96 bits in base64url. Those that are made here have 128 bits
	 * at the least.
	 */
	private static final int MIN_SECRET_LENGTH = 16;

	private static final int MAX_LENGTH = 272;

	/**
	 * The most random bytes of a secret: their base64url form is as long as a secret can
	 * be.
	 */
	public static final int MAX_SECRET_BYTES = 192;

	private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

	private static final SecureRandom RANDOM = new SecureRandom();

	/**
	 * Reads an id as a client sent it.
	 * @param id anything
	 * @return the id, or null when it can't be one: nothing of it reaches Redis
	 */
	public static @Nullable SessionId parse(@Nullable String id) {
		if (id == null || id.length() < HANDLE_LENGTH + MIN_SECRET_LENGTH || id.length() > MAX_LENGTH || !isSafe(id)) {
			return null;
		}
		return new SessionId(id.substring(0, HANDLE_LENGTH), id.substring(HANDLE_LENGTH));
	}

	/**
	 * Whether the text has the form of a handle.
	 * @param text anything
	 * @return whether it has 16 characters, all of them allowed in an id
	 */
	public static boolean isHandle(@Nullable String text) {
		return text != null && text.length() == HANDLE_LENGTH && isSafe(text);
	}

	/**
	 * Makes a handle: 12 random bytes.
	 * @return the handle
	 */
	public static String newHandle() {
		return random(12);
	}

	/**
	 * Makes a secret.
	 * @param bytes of how many random bytes
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
					+ ((secret != null) ? "an unsuitable id of " + secret.length() + " characters" : "null")
					+ ". An id must have " + MIN_SECRET_LENGTH + " to " + (MAX_LENGTH - HANDLE_LENGTH)
					+ " characters out of A-Z a-z 0-9 . _ ~ -");
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
	 * The id as the client gets it.
	 * @return handle and secret
	 */
	public String value() {
		return this.handle + this.secret;
	}

	/** The handle alone: an id is not for logs. */
	@Override
	public String toString() {
		return this.handle;
	}

}
