package app.session.redis.benchmarks.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Sends single requests, each of which must succeed.
 */
public final class Client {

	private final int port;

	/**
	 * Creates a client of an application.
	 * @param port the application's port
	 */
	public Client(int port) {
		this.port = port;
	}

	/**
	 * Sends a request without a cookie.
	 * @param method the method
	 * @param path path and query
	 * @return the body of the response
	 */
	public String send(String method, String path) {
		try (HttpConnection connection = new HttpConnection(this.port)) {
			return require(connection.exchange(Requests.encode(method, path, "")), path).body();
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot " + method + " " + path, ex);
		}
	}

	/**
	 * Creates sessions.
	 * @param count the number of sessions
	 * @param attributes the number of attributes of each session
	 * @param size the length of each attribute
	 * @return their cookies
	 */
	public List<String> sessions(int count, int attributes, int size) {
		String path = "/new?attributes=" + attributes + "&size=" + size;
		List<String> cookies = new ArrayList<>();
		try (HttpConnection connection = new HttpConnection(this.port)) {
			for (int i = 0; i < count; i++) {
				cookies.addAll(require(connection.exchange(Requests.encode("POST", path, "")), path).cookies());
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot create sessions", ex);
		}
		return cookies;
	}

	static HttpConnection.Answer require(HttpConnection.Answer answer, String path) {
		if (!answer.isSuccess()) {
			throw new IllegalStateException(path + " was answered with " + answer.status() + " " + answer.body());
		}
		return answer;
	}

}
