package app.session.redis.codec;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

import org.jspecify.annotations.Nullable;

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
		// Each pattern has at least the length of the secret
		if (serialized.length < this.secret.length()) {
			return serialized;
		}
		byte[] result = disarm(serialized);
		for (Pattern pattern : patterns()) {
			result = pattern.mask(result);
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
			result = pattern.disarm(result);
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
			result = pattern.restore(result);
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
			this.patterns.add(new Pattern("plain", this.secret));
			this.patterns.add(new Pattern("base64", base64));
			if (!base64Url.equals(base64)) {
				this.patterns.add(new Pattern("base64url", base64Url));
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
	 * A text to find and its replacement, which is created on demand: few values contain
	 * either.
	 */
	private final class Pattern {

		private final String form;

		private final Text text;

		private @Nullable Text placeholder;

		Pattern(String form, String text) {
			this.form = form;
			this.text = new Text(text.getBytes(StandardCharsets.US_ASCII));
		}

		byte[] mask(byte[] original) {
			int first = this.text.find(original, 0);
			return (first >= 0) ? this.text.replace(original, first, placeholder().bytes) : original;
		}

		byte[] restore(byte[] original) {
			int first = placeholder().find(original, 0);
			return (first >= 0) ? placeholder().replace(original, first, this.text.bytes) : original;
		}

		/**
		 * Replaces the placeholder by a text of the same length that is never restored.
		 */
		byte[] disarm(byte[] original) {
			int first = placeholder().find(original, 0);
			if (first < 0) {
				return original;
			}
			byte[] disarmed = placeholder().bytes.clone();
			disarmed[0] = '#';
			return placeholder().replace(original, first, disarmed);
		}

		private Text placeholder() {
			Text placeholder = this.placeholder;
			if (placeholder == null) {
				placeholder = new Text(SessionIdMask.this.placeholder(this.form, this.text.bytes.length));
				this.placeholder = placeholder;
			}
			return placeholder;
		}

	}

	/** A text that is found with Horspool's algorithm. */
	private static final class Text {

		private final byte[] bytes;

		private final int[] shifts = new int[256];

		Text(byte[] bytes) {
			this.bytes = bytes;
			Arrays.fill(this.shifts, bytes.length);
			for (int i = 0; i < bytes.length - 1; i++) {
				this.shifts[Byte.toUnsignedInt(bytes[i])] = bytes.length - 1 - i;
			}
		}

		/** Returns the first position of the text from a start on, or -1. */
		int find(byte[] original, int from) {
			int last = this.bytes.length - 1;
			for (int start = from; start + last < original.length;) {
				if (Arrays.equals(original, start, start + last + 1, this.bytes, 0, last + 1)) {
					return start;
				}
				start += this.shifts[Byte.toUnsignedInt(original[start + last])];
			}
			return -1;
		}

		/** Replaces all occurrences in a copy of the original. */
		byte[] replace(byte[] original, int first, byte[] replacement) {
			byte[] result = original.clone();
			for (int start = first; start >= 0; start = find(original, start + this.bytes.length)) {
				System.arraycopy(replacement, 0, result, start, replacement.length);
			}
			return result;
		}

	}

}
