package app.session.redis.codec;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * Keeps a session's own id out of its values in Redis. Spring Security, for example,
 * stores the {@code Cookie} header with a saved request, and the id with the details of
 * an authentication. When a value is written, the secret of the id is replaced by a
 * placeholder of the same length, a digest of the secret. When it is read, the
 * placeholder is replaced by the secret, provided that the id is still the same. The
 * application thus sees the value that it has stored, and only a request with the id can
 * restore it.
 *
 * <p>
 * The secret is found in serialized bytes where it is encoded in ASCII, as strings are by
 * each built-in serializer: unencoded, and as a part of the id in Base64 (of either
 * alphabet), as in cookies. Not thread-safe.
 */
public final class SessionIdMask {

	private static final byte MARK = '*';

	/** The number of characters of the id in Base64 that depend on the handle alone. */
	private static final int HANDLE_IN_BASE64 = 21;

	private final String handle;

	private final String secret;

	private List<Pattern> patterns = List.of();

	/**
	 * Creates the mask of an id.
	 * @param handle the handle, of 16 characters
	 * @param secret the secret, in ASCII
	 */
	public SessionIdMask(String handle, String secret) {
		this.handle = handle;
		this.secret = secret;
	}

	/**
	 * Replaces the secret.
	 * @param serialized a serialized value, which is not changed
	 * @return the masked value, or the same array if it doesn't contain the secret
	 */
	public byte[] mask(byte[] serialized) {
		byte[] result = disarm(serialized);
		for (Pattern pattern : patterns()) {
			result = replace(result, pattern.text, pattern.textShifts, pattern.placeholder);
		}
		return result;
	}

	/**
	 * Changes placeholders that the value already contains. Otherwise an attacker could
	 * read a placeholder in Redis, send it as input, and receive the secret when the
	 * value is restored.
	 */
	private byte[] disarm(byte[] serialized) {
		if (!hasMark(serialized)) {
			return serialized;
		}
		byte[] result = serialized;
		for (Pattern pattern : patterns()) {
			result = replace(result, pattern.placeholder, pattern.placeholderShifts, pattern.disarmed);
		}
		return result;
	}

	/**
	 * Restores the secret.
	 * @param masked a serialized value, which is not changed
	 * @return the original value, or the same array if there is nothing to restore
	 */
	public byte[] restore(byte[] masked) {
		if (!hasMark(masked)) {
			return masked;
		}
		byte[] result = masked;
		for (Pattern pattern : patterns()) {
			result = replace(result, pattern.placeholder, pattern.placeholderShifts, pattern.text);
		}
		return result;
	}

	private static boolean hasMark(byte[] bytes) {
		for (byte b : bytes) {
			if (b == MARK) {
				return true;
			}
		}
		return false;
	}

	private List<Pattern> patterns() {
		if (this.patterns.isEmpty()) {
			byte[] id = (this.handle + this.secret).getBytes(StandardCharsets.US_ASCII);
			String base64 = tail(Base64.getEncoder().withoutPadding(), id);
			String base64Url = tail(Base64.getUrlEncoder().withoutPadding(), id);
			this.patterns = new ArrayList<>(3);
			this.patterns.add(new Pattern(this.secret, placeholder("plain", this.secret.length())));
			this.patterns.add(new Pattern(base64, placeholder("base64", base64.length())));
			if (!base64Url.equals(base64)) {
				this.patterns.add(new Pattern(base64Url, placeholder("base64url", base64Url.length())));
			}
		}
		return this.patterns;
	}

	private static String tail(Base64.Encoder encoder, byte[] id) {
		return encoder.encodeToString(id).substring(HANDLE_IN_BASE64);
	}

	private byte[] placeholder(String form, int length) {
		byte[] digest = Digests.of("SHA-512")
			.digest(("app.session.redis mask " + form + " " + this.secret).getBytes(StandardCharsets.US_ASCII));
		String text = Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
		byte[] placeholder = text.repeat(1 + length / text.length())
			.substring(0, length)
			.getBytes(StandardCharsets.US_ASCII);
		placeholder[0] = MARK;
		return placeholder;
	}

	/**
	 * Replaces all occurrences of a text, found with Horspool's algorithm, in a copy of
	 * the original.
	 */
	private static byte[] replace(byte[] original, byte[] text, int[] shifts, byte[] replacement) {
		byte[] result = original;
		int last = text.length - 1;
		for (int start = 0; start + last < original.length;) {
			if (Arrays.equals(original, start, start + text.length, text, 0, text.length)) {
				if (result == original) {
					result = original.clone();
				}
				System.arraycopy(replacement, 0, result, start, replacement.length);
				start += text.length;
			}
			else {
				start += shifts[Byte.toUnsignedInt(original[start + last])];
			}
		}
		return result;
	}

	/** A text to find and its replacement. */
	private static final class Pattern {

		private final byte[] text;

		private final byte[] placeholder;

		/** Has the same length, but is never restored. */
		private final byte[] disarmed;

		private final int[] textShifts;

		private final int[] placeholderShifts;

		Pattern(String text, byte[] placeholder) {
			this.text = text.getBytes(StandardCharsets.US_ASCII);
			this.placeholder = placeholder;
			this.disarmed = placeholder.clone();
			this.disarmed[0] = '#';
			this.textShifts = shifts(this.text);
			this.placeholderShifts = shifts(placeholder);
		}

		private static int[] shifts(byte[] text) {
			int[] shifts = new int[256];
			Arrays.fill(shifts, text.length);
			for (int i = 0; i < text.length - 1; i++) {
				shifts[Byte.toUnsignedInt(text[i])] = text.length - 1 - i;
			}
			return shifts;
		}

	}

}
