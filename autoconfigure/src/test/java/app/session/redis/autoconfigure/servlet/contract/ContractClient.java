package app.session.redis.autoconfigure.servlet.contract;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpCookie;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

import app.session.redis.autoconfigure.servlet.contract.Behaviour.Question;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A client with its own cookies, which follows no redirects and sees the headers
 * {@code Set-Cookie} as they are.
 */
final class ContractClient {

	private static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

	private final Map<String, String> cookies = new LinkedHashMap<>();

	private final ContractServer server;

	private final String cookieName;

	private @Nullable String rawCookies;

	ContractClient(ContractServer server, String cookieName) {
		this.server = server;
		this.cookieName = cookieName;
	}

	/** Sends a request to a servlet with this behaviour, and waits until it has ended. */
	Answer run(Behaviour behaviour) {
		return get(this.server.behaviours().at(behaviour));
	}

	/** Sends a request to a servlet that answers a question of the test. */
	<T> T ask(Question<T> question) {
		AtomicReference<@Nullable T> answer = new AtomicReference<>();
		run((request, response) -> answer.set(question.ask(request, response)));
		return answer.get();
	}

	/** Returns an attribute of the session, or null if there is none. */
	@Nullable Object attribute(String name) {
		return ask((request, response) -> {
			var session = request.getSession(false);
			return (session != null) ? session.getAttribute(name) : null;
		});
	}

	/** Returns whether a request has a session. */
	boolean hasSession() {
		return ask((request, response) -> request.getSession(false) != null);
	}

	Answer get(String path) {
		return send(path, (request) -> request.GET());
	}

	Answer head(Behaviour behaviour) {
		return send(this.server.behaviours().at(behaviour),
				(request) -> request.method("HEAD", BodyPublishers.noBody()));
	}

	Answer options(Behaviour behaviour) {
		return send(this.server.behaviours().at(behaviour),
				(request) -> request.method("OPTIONS", BodyPublishers.noBody()));
	}

	Answer post(String contentType, String body, Behaviour behaviour) {
		return send(this.server.behaviours().at(behaviour),
				(request) -> request.header("Content-Type", contentType).POST(BodyPublishers.ofString(body)));
	}

	/** Sends a body only after the server has answered with the status 100. */
	Answer postAfterContinue(String body, Behaviour behaviour) {
		BodyPublisher publisher = BodyPublishers.ofString(body);
		return send(this.server.behaviours().at(behaviour), (request) -> request.expectContinue(true).POST(publisher));
	}

	Answer send(String path, UnaryOperator<HttpRequest.Builder> method) {
		String name = UUID.randomUUID().toString();
		this.server.behaviours().begin(name);
		try {
			HttpResponse<String> response = CLIENT.send(method.apply(request(path, name)).build(),
					BodyHandlers.ofString());
			this.server.behaviours().awaitEnd(name);
			take(response);
			rethrowFailure();
			return new Answer(response.statusCode(), response.body(), response.headers().allValues("Set-Cookie"));
		}
		catch (IOException ex) {
			rethrowFailure();
			throw new IllegalStateException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Sends a request and returns as soon as the headers of the response have arrived,
	 * while the request may still be in progress.
	 */
	InputStream open(Behaviour behaviour) throws IOException, InterruptedException {
		String path = this.server.behaviours().at(behaviour);
		HttpResponse<InputStream> response = CLIENT.send(request(path, UUID.randomUUID().toString()).GET().build(),
				BodyHandlers.ofInputStream());
		take(response);
		return response.body();
	}

	private void rethrowFailure() {
		Throwable failure = this.server.behaviours().takeFailure();
		if (failure instanceof RuntimeException exception) {
			throw exception;
		}
		if (failure instanceof Error error) {
			throw error;
		}
		if (failure != null) {
			throw new IllegalStateException(failure);
		}
	}

	private HttpRequest.Builder request(String path, String name) {
		HttpRequest.Builder request = HttpRequest
			.newBuilder(URI.create("http://localhost:" + this.server.port() + path))
			.timeout(Duration.ofSeconds(20))
			.header(Behaviours.REQUEST_HEADER, name);
		String header = (this.rawCookies != null) ? this.rawCookies
				: this.cookies.entrySet()
					.stream()
					.map((cookie) -> cookie.getKey() + "=" + cookie.getValue())
					.collect(Collectors.joining("; "));
		return header.isEmpty() ? request : request.header("Cookie", header);
	}

	private void take(HttpResponse<?> response) {
		for (String header : response.headers().allValues("Set-Cookie")) {
			HttpCookie cookie = HttpCookie.parse(header).get(0);
			if (cookie.getMaxAge() == 0 || cookie.getValue().isEmpty()) {
				this.cookies.remove(cookie.getName());
			}
			else {
				this.cookies.put(cookie.getName(), cookie.getValue());
			}
		}
	}

	/** Returns a client with the same cookies. */
	ContractClient copy() {
		ContractClient client = new ContractClient(this.server, this.cookieName);
		client.cookies.putAll(this.cookies);
		return client;
	}

	/** Returns the value of the session cookie. */
	@Nullable String cookie() {
		return this.cookies.get(this.cookieName);
	}

	/** Sends this header {@code Cookie} with all following requests. */
	ContractClient rawCookies(String header) {
		this.rawCookies = header;
		return this;
	}

	/** Sends the session cookie with this value in all following requests. */
	ContractClient cookie(String value) {
		this.cookies.put(this.cookieName, value);
		return this;
	}

	ContractClient forgetCookies() {
		this.cookies.clear();
		return this;
	}

	/** Returns the headers {@code Set-Cookie} that set or expire the session cookie. */
	List<String> sessionCookies(Answer answer) {
		return answer.setCookies().stream().filter((header) -> header.startsWith(this.cookieName + "=")).toList();
	}

	void assertSessionCookieSetOnce(Answer answer) {
		assertSessionCookieSetOnce(answer, "the response");
	}

	void assertSessionCookieSetOnce(Answer answer, String description) {
		assertThat(sessionCookies(answer)).as(description)
			.singleElement()
			.asString()
			.doesNotStartWith(this.cookieName + "=;")
			.doesNotContain("Max-Age=0");
	}

	void assertNoSessionCookieSet(Answer answer) {
		assertThat(sessionCookies(answer)).isEmpty();
	}

	static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	/**
	 * A response that has arrived.
	 *
	 * @param status its status
	 * @param body its body
	 * @param setCookies its headers {@code Set-Cookie}
	 */
	record Answer(int status, String body, List<String> setCookies) {
	}

}
