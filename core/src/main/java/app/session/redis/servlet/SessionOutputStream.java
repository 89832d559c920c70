package app.session.redis.servlet;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;

/**
 * Writes bytes to a response. Printed text and numbers are passed on as such, because
 * containers encode them in their own way.
 */
final class SessionOutputStream extends ServletOutputStream {

	private static final int LINE_SEPARATOR = 2;

	private final ServletOutputStream delegate;

	private final SessionResponse response;

	SessionOutputStream(ServletOutputStream delegate, SessionResponse response) {
		this.delegate = delegate;
		this.response = response;
	}

	@Override
	public void write(int value) throws IOException {
		this.response.beforeWrite(1);
		this.delegate.write(value);
	}

	@Override
	public void write(byte[] bytes) throws IOException {
		write(bytes, 0, bytes.length);
	}

	@Override
	public void write(byte[] bytes, int from, int length) throws IOException {
		this.response.beforeWrite(length);
		this.delegate.write(bytes, from, length);
	}

	@Override
	public void write(ByteBuffer bytes) throws IOException {
		this.response.beforeWriteOfBuffer(bytes.remaining());
		this.delegate.write(bytes);
	}

	@Override
	public void print(String text) throws IOException {
		this.response.beforeWrite(length(text));
		this.delegate.print(text);
	}

	@Override
	public void println() throws IOException {
		this.response.beforeWrite(LINE_SEPARATOR);
		this.delegate.println();
	}

	@Override
	public void println(String text) throws IOException {
		this.response.beforeWrite(length(text) + LINE_SEPARATOR);
		this.delegate.println(text);
	}

	private long length(String text) {
		return String.valueOf(text).getBytes(Charset.forName(this.response.getCharacterEncoding())).length;
	}

	@Override
	public boolean isReady() {
		return this.delegate.isReady();
	}

	@Override
	public void setWriteListener(WriteListener listener) {
		this.delegate.setWriteListener(listener);
	}

	@Override
	public void flush() throws IOException {
		this.response.beforeCommit();
		this.delegate.flush();
	}

	@Override
	public void close() throws IOException {
		this.response.beforeCommit();
		this.delegate.close();
	}

}
