package app.session.redis.test;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * A bare connection to a Redis server for the commands that this package sends itself. It
 * performs no handshake and supports replies that are strings, integers or errors.
 */
final class RespConnection implements AutoCloseable {

	private final Socket socket;

	private final InputStream in;

	/**
	 * Connects to a server.
	 * @param host the server's host
	 * @param port the server's port
	 * @param timeout the timeout for the connection and for each reply
	 * @throws IOException if the connection fails
	 */
	RespConnection(String host, int port, Duration timeout) throws IOException {
		this.socket = new Socket();
		try {
			this.socket.setTcpNoDelay(true);
			this.socket.setSoTimeout(Math.toIntExact(timeout.toMillis()));
			this.socket.connect(new InetSocketAddress(host, port), Math.toIntExact(timeout.toMillis()));
			this.in = new BufferedInputStream(this.socket.getInputStream());
		}
		catch (IOException ex) {
			this.socket.close();
			throw ex;
		}
	}

	/**
	 * Sends a command and returns its reply.
	 * @param command the command's name and arguments
	 * @return the reply
	 * @throws ErrorReply if the server replied with an error
	 * @throws IOException if the connection failed
	 */
	String call(String... command) throws IOException {
		ByteArrayOutputStream request = new ByteArrayOutputStream();
		request.writeBytes(("*" + command.length + "\r\n").getBytes(StandardCharsets.UTF_8));
		for (String part : command) {
			byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
			request.writeBytes(("$" + bytes.length + "\r\n").getBytes(StandardCharsets.UTF_8));
			request.writeBytes(bytes);
			request.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
		}
		this.socket.getOutputStream().write(request.toByteArray());
		return readReply();
	}

	private String readReply() throws IOException {
		String line = readLine();
		String rest = line.substring(1);
		return switch (line.charAt(0)) {
			case '+', ':' -> rest;
			case '-' -> throw new ErrorReply(rest);
			case '$' -> readBulk(Integer.parseInt(rest));
			default -> throw new IOException("Unexpected reply: " + line);
		};
	}

	private String readBulk(int length) throws IOException {
		if (length < 0) {
			throw new IOException("Unexpected null reply");
		}
		byte[] bytes = this.in.readNBytes(length + 2);
		if (bytes.length < length + 2) {
			throw new EOFException("The server closed the connection");
		}
		return new String(bytes, 0, length, StandardCharsets.UTF_8);
	}

	/**
	 * Reads a line, which is never empty.
	 * @return the line without its end
	 * @throws IOException if the connection failed or ended
	 */
	String readLine() throws IOException {
		ByteArrayOutputStream line = new ByteArrayOutputStream();
		int read = this.in.read();
		while (read != '\n') {
			if (read < 0) {
				throw new EOFException("The server closed the connection");
			}
			if (read != '\r') {
				line.write(read);
			}
			read = this.in.read();
		}
		if (line.size() == 0) {
			throw new IOException("Unexpected empty line");
		}
		return line.toString(StandardCharsets.UTF_8);
	}

	/**
	 * Disables the timeout for replies.
	 * @throws IOException if the connection failed
	 */
	void waitForever() throws IOException {
		this.socket.setSoTimeout(0);
	}

	@Override
	public void close() {
		try {
			this.socket.close();
		}
		catch (IOException ex) {
			// Nothing else can be done
		}
	}

	/**
	 * An error reply of the server to a command.
	 */
	static final class ErrorReply extends IOException {

		private static final long serialVersionUID = 1L;

		ErrorReply(String message) {
			super(message);
		}

		boolean hasCode(String code) {
			return String.valueOf(getMessage()).startsWith(code);
		}

	}

}
