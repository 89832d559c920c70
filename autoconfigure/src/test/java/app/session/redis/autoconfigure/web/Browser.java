package app.session.redis.autoconfigure.web;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.HttpCookie;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

/**
 * A client with its own cookies, which doesn't follow redirects.
 */
final class Browser {

	static final String SESSION_COOKIE = "SESSION";

	private static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

	private final Map<String, String> cookies = new ConcurrentHashMap<>();

	private volatile int port;

	private volatile @Nullable String userAgent;

	Browser(int port) {
		this.port = port;
	}

	/** Continues on another node with the same cookies. */
	Browser at(int port) {
		Browser browser = new Browser(port);
		browser.cookies.putAll(this.cookies);
		return browser;
	}

	HttpResponse<String> get(String path) {
		return getAsync(path).join();
	}

	CompletableFuture<HttpResponse<String>> getAsync(String path) {
		return send(request(path).GET());
	}

	HttpResponse<String> post(String path) {
		return post(path, Map.of());
	}

	HttpResponse<String> delete(String path) {
		return send(request(path).DELETE()).join();
	}

	HttpResponse<String> postJson(String path, String json) {
		return send(request(path).header("Content-Type", "application/json").POST(BodyPublishers.ofString(json)))
			.join();
	}

	CompletableFuture<HttpResponse<String>> postAsync(String path) {
		return postAsync(path, Map.of());
	}

	HttpResponse<String> get(String path, Map<String, String> headers) {
		HttpRequest.Builder request = request(path).GET();
		headers.forEach(request::header);
		return send(request).join();
	}

	/** Authenticates with each request. */
	HttpResponse<String> getAs(String user, String path) {
		String credentials = Base64.getEncoder().encodeToString((user + ":secret").getBytes(StandardCharsets.UTF_8));
		return send(request(path).header("Authorization", "Basic " + credentials).GET()).join();
	}

	HttpResponse<String> post(String path, Map<String, String> form) {
		return postAsync(path, form).join();
	}

	CompletableFuture<HttpResponse<String>> postAsync(String path, Map<String, String> form) {
		return send(request(path).header("Content-Type", "application/x-www-form-urlencoded")
			.POST(BodyPublishers.ofString(form.entrySet()
				.stream()
				.map((entry) -> encode(entry.getKey()) + "=" + encode(entry.getValue()))
				.collect(Collectors.joining("&")))));
	}

	private static String encode(String text) {
		return URLEncoder.encode(text, StandardCharsets.UTF_8);
	}

	private HttpRequest.Builder request(String path) {
		HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://localhost:" + this.port + path))
			.timeout(Duration.ofSeconds(20));
		if (this.userAgent != null) {
			request.setHeader("User-Agent", this.userAgent);
		}
		if (!this.cookies.isEmpty()) {
			request.header("Cookie",
					new TreeMap<>(this.cookies).entrySet()
						.stream()
						.map((cookie) -> cookie.getKey() + "=" + cookie.getValue())
						.collect(Collectors.joining("; ")));
		}
		return request;
	}

	private CompletableFuture<HttpResponse<String>> send(HttpRequest.Builder request) {
		return CLIENT.sendAsync(request.build(), BodyHandlers.ofString()).thenApply((response) -> {
			response.headers().allValues("Set-Cookie").forEach(this::take);
			return response;
		});
	}

	private void take(String header) {
		for (HttpCookie cookie : HttpCookie.parse(header)) {
			if (cookie.getMaxAge() == 0 || cookie.getValue().isEmpty()) {
				this.cookies.remove(cookie.getName());
			}
			else {
				this.cookies.put(cookie.getName(), cookie.getValue());
			}
		}
	}

	Browser cookie(String name, String value) {
		this.cookies.put(name, value);
		return this;
	}

	Browser userAgent(String userAgent) {
		this.userAgent = userAgent;
		return this;
	}

	Browser sessionId(String id) {
		return cookie(SESSION_COOKIE, Base64.getEncoder().encodeToString(id.getBytes(StandardCharsets.UTF_8)));
	}

	void forget(String name) {
		this.cookies.remove(name);
	}

	boolean has(String name) {
		return this.cookies.containsKey(name);
	}

	/** Returns the value of the {@code Cookie} header for other clients. */
	String cookieHeader() {
		return SESSION_COOKIE + "=" + this.cookies.get(SESSION_COOKIE);
	}

	String sessionId() {
		return new String(Base64.getDecoder().decode(this.cookies.get(SESSION_COOKIE)), StandardCharsets.UTF_8);
	}

	/** Returns the handle of the session. */
	String handle() {
		return sessionId().substring(0, 16);
	}

	/** Logs in through the form, with a CSRF token of the current session. */
	HttpResponse<String> logIn(String user, Map<String, String> more) {
		Map<String, String> form = new TreeMap<>(more);
		form.putAll(Map.of("username", user, "password", "secret", "_csrf", csrf()));
		return post("/login", form);
	}

	HttpResponse<String> logIn(String user) {
		return logIn(user, Map.of());
	}

	HttpResponse<String> logOut() {
		return post("/logout", Map.of("_csrf", csrf()));
	}

	/** Returns a CSRF token, and creates the session if there is none. */
	String csrf() {
		return get("/csrf").body();
	}

	/**
	 * Sends a {@code Cookie} header that a regular client would not send.
	 * @return the answer, headers and body
	 */
	String getWithRawCookie(String path, byte[] cookieHeader) throws IOException {
		try (Socket socket = new Socket("localhost", this.port)) {
			socket.setSoTimeout(10_000);
			ByteArrayOutputStream request = new ByteArrayOutputStream();
			request.writeBytes(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: ")
				.getBytes(StandardCharsets.ISO_8859_1));
			request.writeBytes(cookieHeader);
			request.writeBytes("\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
			socket.getOutputStream().write(request.toByteArray());
			socket.getOutputStream().flush();
			return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		}
	}

}
