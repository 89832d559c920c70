package app.session.redis.webflux;

import java.io.IOException;
import java.net.HttpCookie;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * A client with cookies, which doesn't follow redirects.
 */
final class Browser {

	static final String SESSION_COOKIE = "SESSION";

	private static final String USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

	private static final HttpClient client = HttpClient.newHttpClient();

	private final Map<String, String> cookies = new LinkedHashMap<>();

	private final int port;

	private String userAgent = USER_AGENT;

	private boolean https;

	Browser(int port) {
		this.port = port;
	}

	/** A browser with the same cookies at another node. */
	Browser at(WebFluxNode node) {
		Browser other = new Browser(node.port());
		other.cookies.putAll(this.cookies);
		return other;
	}

	/** Claims that a proxy has received the requests over HTTPS. */
	Browser https() {
		this.https = true;
		return this;
	}

	Browser userAgent(String userAgent) {
		this.userAgent = userAgent;
		return this;
	}

	String get(String path) {
		return response(path).body();
	}

	HttpResponse<String> response(String path) {
		return received(send(request(path).GET()).join());
	}

	/** Opens a page, which Spring Security's request cache may save. */
	HttpResponse<String> page(String path) {
		return received(send(request(path).header("Accept", "text/html").GET()).join());
	}

	/** Sends a request whose response isn't waited for. Its cookies are not kept. */
	CompletableFuture<HttpResponse<String>> begin(String path) {
		return send(request(path).GET());
	}

	HttpResponse<String> post(String path, Map<String, String> form) {
		String body = form.entrySet()
			.stream()
			.map((field) -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
			.collect(Collectors.joining("&"));
		return received(send(request(path).header("Content-Type", "application/x-www-form-urlencoded")
			.POST(BodyPublishers.ofString(body))).join());
	}

	HttpResponse<String> delete(String path) {
		return received(send(request(path).DELETE()).join());
	}

	HttpResponse<String> logIn(String user) {
		return post("/login", Map.of("username", user, "password", "secret"));
	}

	private HttpRequest.Builder request(String path) {
		HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://localhost:" + this.port + path))
			.timeout(Duration.ofSeconds(30))
			.header("User-Agent", this.userAgent);
		if (this.https) {
			request.header("X-Forwarded-Proto", "https");
		}
		if (!this.cookies.isEmpty()) {
			request.header("Cookie",
					this.cookies.entrySet()
						.stream()
						.map((cookie) -> cookie.getKey() + "=" + cookie.getValue())
						.collect(Collectors.joining("; ")));
		}
		return request;
	}

	private CompletableFuture<HttpResponse<String>> send(HttpRequest.Builder request) {
		return client.sendAsync(request.build(), BodyHandlers.ofString());
	}

	private HttpResponse<String> received(HttpResponse<String> response) {
		for (String header : setCookies(response)) {
			HttpCookie cookie = HttpCookie.parse(header).get(0);
			if (cookie.getMaxAge() == 0) {
				this.cookies.remove(cookie.getName());
			}
			else {
				this.cookies.put(cookie.getName(), cookie.getValue());
			}
		}
		return response;
	}

	static List<String> setCookies(HttpResponse<?> response) {
		return response.headers().allValues("Set-Cookie");
	}

	/** The value of the session's cookie, or null. */
	String cookie() {
		return this.cookies.get(SESSION_COOKIE);
	}

	Browser cookie(String value) {
		this.cookies.put(SESSION_COOKIE, value);
		return this;
	}

	/** Sends a request over a connection of its own, and closes it without a response. */
	void abort(String path, Duration after) throws IOException, InterruptedException {
		try (java.net.Socket socket = new java.net.Socket("localhost", this.port)) {
			String cookie = (cookie() != null) ? "Cookie: " + SESSION_COOKIE + "=" + cookie() + "\r\n" : "";
			socket.getOutputStream()
				.write(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nUser-Agent: " + USER_AGENT + "\r\n" + cookie
						+ "\r\n")
					.getBytes(StandardCharsets.US_ASCII));
			Thread.sleep(after.toMillis());
			socket.setSoLinger(true, 0);
		}
	}

}
