package app.session.redis.benchmarks.load;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Requests of one kind, sent alternately with each of several cookies.
 *
 * @param method the method
 * @param path path and query
 * @param cookies the cookies, or an empty list for requests without a cookie
 */
public record Requests(String method, String path, List<String> cookies) {

	/**
	 * Returns requests that read.
	 * @param path path and query
	 * @param cookies the cookies
	 * @return the requests
	 */
	public static Requests get(String path, List<String> cookies) {
		return new Requests("GET", path, cookies);
	}

	/**
	 * Returns requests that change a session.
	 * @param path path and query
	 * @param cookies the cookies
	 * @return the requests
	 */
	public static Requests post(String path, List<String> cookies) {
		return new Requests("POST", path, cookies);
	}

	byte[][] encoded() {
		if (this.cookies.isEmpty()) {
			return new byte[][] { encode(this.method, this.path, "") };
		}
		return this.cookies.stream().map((cookie) -> encode(this.method, this.path, cookie)).toArray(byte[][]::new);
	}

	static byte[] encode(String method, String path, String cookie) {
		StringBuilder request = new StringBuilder();
		request.append(method).append(' ').append(path).append(" HTTP/1.1\r\nHost: localhost\r\n");
		if (!cookie.isEmpty()) {
			request.append("Cookie: ").append(cookie).append("\r\n");
		}
		if (method.equals("POST")) {
			request.append("Content-Length: 0\r\n");
		}
		return request.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
	}

}
