package app.session.redis.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.CookieManager;
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
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * An HTTP client that behaves like a browser: it opens pages, submits forms, follows
 * redirects and keeps its own cookies. As in a browser, cookies of {@code localhost} are
 * sent to all of its ports.
 */
public final class FormClient {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	private static final Pattern CSRF = Pattern.compile("name=\"_csrf\" value=\"([^\"]+)\"");

	private final CookieManager cookies = new CookieManager();

	private final HttpClient client = HttpClient.newBuilder()
		.cookieHandler(this.cookies)
		.followRedirects(HttpClient.Redirect.NORMAL)
		.connectTimeout(TIMEOUT)
		.build();

	private final String userAgent;

	/**
	 * Creates a client without cookies.
	 * @param userAgent the {@code User-Agent} header
	 */
	public FormClient(String userAgent) {
		this.userAgent = userAgent;
	}

	/**
	 * Opens a page.
	 * @param url the URL of the page
	 * @return the HTML of the page, after redirects
	 * @throws IllegalStateException if the status is not 200
	 */
	public String open(String url) {
		return send(request(url).GET());
	}

	/**
	 * Requests a page, without a requirement of the status.
	 * @param url the URL of the page
	 * @return the response, after redirects
	 */
	public HttpResponse<String> response(String url) {
		return exchange(request(url).GET());
	}

	/**
	 * Submits a form with the CSRF token of the login page.
	 * @param url the URL to which the form is sent
	 * @param fields the form's fields
	 * @return the HTML of the resulting page, after redirects
	 * @throws IllegalStateException if a status is not 200, or there is no token
	 */
	public String submit(String url, Map<String, String> fields) {
		Matcher token = CSRF.matcher(open(URI.create(url).resolve("/login").toString()));
		if (!token.find()) {
			throw new IllegalStateException("The log-in page has no CSRF token");
		}
		String form = fields.entrySet()
			.stream()
			.map((field) -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
			.collect(Collectors.joining("&", "_csrf=" + token.group(1) + "&", ""));
		return send(request(url).header("Content-Type", "application/x-www-form-urlencoded")
			.POST(BodyPublishers.ofString(form)));
	}

	/**
	 * Returns the value of a cookie.
	 * @param name the cookie's name
	 * @return its value
	 * @throws IllegalStateException if there is no such cookie
	 */
	public String cookie(String name) {
		return this.cookies.getCookieStore()
			.getCookies()
			.stream()
			.filter((cookie) -> cookie.getName().equals(name))
			.map(HttpCookie::getValue)
			.findFirst()
			.orElseThrow(() -> new IllegalStateException("There is no cookie " + name));
	}

	private HttpRequest.Builder request(String url) {
		return HttpRequest.newBuilder(URI.create(url))
			.timeout(TIMEOUT)
			.header("User-Agent", this.userAgent)
			.header("Accept", "text/html");
	}

	private String send(HttpRequest.Builder request) {
		HttpResponse<String> response = exchange(request);
		if (response.statusCode() != 200) {
			throw new IllegalStateException(response + " to " + response.request() + ": " + response.body());
		}
		return response.body();
	}

	private HttpResponse<String> exchange(HttpRequest.Builder request) {
		try {
			return this.client.send(request.build(), BodyHandlers.ofString());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

}
