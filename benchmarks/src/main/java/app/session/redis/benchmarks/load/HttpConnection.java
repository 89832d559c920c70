package app.session.redis.benchmarks.load;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * A persistent connection to the application. It does as little as possible, so that the
 * client uses few resources of the machine.
 */
final class HttpConnection implements AutoCloseable {

	private static final int TIMEOUT_MILLIS = 600_000;

	private final int port;

	private @Nullable Socket socket;

	private @Nullable InputStream in;

	HttpConnection(int port) {
		this.port = port;
	}

	/**
	 * Sends a request and reads the response.
	 * @param request the request's bytes
	 * @return the response
	 * @throws IOException if there is no response
	 */
	Answer exchange(byte[] request) throws IOException {
		Socket open = this.socket;
		InputStream answers = this.in;
		if (open == null || answers == null) {
			open = new Socket(InetAddress.getLoopbackAddress(), this.port);
			open.setTcpNoDelay(true);
			open.setSoTimeout(TIMEOUT_MILLIS);
			answers = new BufferedInputStream(open.getInputStream());
			this.socket = open;
			this.in = answers;
		}
		open.getOutputStream().write(request);
		return read(answers);
	}

	private Answer read(InputStream answers) throws IOException {
		int status = Integer.parseInt(line(answers).substring(9, 12));
		int length = 0;
		boolean chunked = false;
		boolean close = false;
		List<String> cookies = new ArrayList<>(0);
		for (String header = line(answers); !header.isEmpty(); header = line(answers)) {
			int colon = header.indexOf(':');
			String value = header.substring(colon + 1).strip();
			switch (header.substring(0, colon).toLowerCase(Locale.ROOT)) {
				case "content-length" -> length = Integer.parseInt(value);
				case "transfer-encoding" -> chunked = true;
				case "connection" -> close = value.equalsIgnoreCase("close");
				case "set-cookie" -> cookies.add(value.split(";", 2)[0]);
				default -> {
					// Ignored
				}
			}
		}
		byte[] body = chunked ? chunks(answers) : answers.readNBytes(length);
		if (close) {
			close();
		}
		return new Answer(status, cookies, new String(body, StandardCharsets.UTF_8));
	}

	private static byte[] chunks(InputStream answers) throws IOException {
		ByteArrayOutputStream body = new ByteArrayOutputStream();
		int length = Integer.parseInt(line(answers), 16);
		while (length > 0) {
			body.write(answers.readNBytes(length));
			line(answers);
			length = Integer.parseInt(line(answers), 16);
		}
		line(answers);
		return body.toByteArray();
	}

	private static String line(InputStream answers) throws IOException {
		StringBuilder line = new StringBuilder(64);
		int character = answers.read();
		while (character != '\n') {
			if (character < 0) {
				throw new EOFException("The application closed the connection");
			}
			if (character != '\r') {
				line.append((char) character);
			}
			character = answers.read();
		}
		return line.toString();
	}

	@Override
	public void close() {
		try {
			if (this.socket != null) {
				this.socket.close();
			}
		}
		catch (IOException ex) {
			// closed as far as possible
		}
		this.socket = null;
		this.in = null;
	}

	/**
	 * A response of the application.
	 *
	 * @param status the status
	 * @param cookies name and value of the cookies that it sets
	 * @param body the body
	 */
	record Answer(int status, List<String> cookies, String body) {

		boolean isSuccess() {
			return this.status >= 200 && this.status < 300;
		}

	}

}
