package app.session.redis.servlet;

import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/**
 * Writes characters to a response. All methods of a {@link PrintWriter} end in the
 * methods that are overridden here, including formatted output.
 */
final class SessionWriter extends PrintWriter {

	private final PrintWriter delegate;

	private final SessionResponse response;

	private final Charset charset;

	private final int bytesPerChar;

	SessionWriter(PrintWriter delegate, SessionResponse response) {
		super(delegate);
		this.delegate = delegate;
		this.response = response;
		this.charset = Charset.forName(response.getCharacterEncoding());
		this.bytesPerChar = bytesPerChar(this.charset);
	}

	private static int bytesPerChar(Charset charset) {
		if (charset.equals(StandardCharsets.UTF_8)) {
			return 3;
		}
		return charset.equals(StandardCharsets.ISO_8859_1) ? 1
				: (int) Math.ceil(charset.newEncoder().maxBytesPerChar());
	}

	/**
	 * Returns the number of bytes of a character; half a surrogate pair counts two. For
	 * encodings other than UTF-8 and those with one byte per character, it is the
	 * maximum.
	 */
	private int bytes(char character) {
		if (!this.charset.equals(StandardCharsets.UTF_8)) {
			return this.bytesPerChar;
		}
		if (character < 0x80) {
			return 1;
		}
		return (character < 0x800 || Character.isSurrogate(character)) ? 2 : 3;
	}

	private long bytes(CharSequence text, int from, int length) {
		if (this.bytesPerChar == 1) {
			return length;
		}
		long bytes = 0;
		for (int i = from; i < from + length; i++) {
			bytes += bytes(text.charAt(i));
		}
		return bytes;
	}

	private long bytes(char[] text, int from, int length) {
		if (this.bytesPerChar == 1) {
			return length;
		}
		long bytes = 0;
		for (int i = from; i < from + length; i++) {
			bytes += bytes(text[i]);
		}
		return bytes;
	}

	@Override
	public void write(int character) {
		this.response.beforeWrite(bytes((char) character));
		this.delegate.write(character);
	}

	@Override
	public void write(char[] text, int from, int length) {
		this.response.beforeWrite(bytes(text, from, length));
		this.delegate.write(text, from, length);
	}

	@Override
	public void write(String text, int from, int length) {
		this.response.beforeWrite(bytes(text, from, length));
		this.delegate.write(text, from, length);
	}

	/** Writes a line separator, which is the container's. */
	@Override
	public void println() {
		this.response.beforeWrite(2);
		this.delegate.println();
	}

	@Override
	public void flush() {
		this.response.beforeCommit();
		this.delegate.flush();
	}

	@Override
	public void close() {
		this.response.beforeCommit();
		this.delegate.close();
	}

	/** Returns whether writing has failed. Flushes the response, as in containers. */
	@Override
	public boolean checkError() {
		this.response.beforeCommit();
		return this.delegate.checkError();
	}

}
