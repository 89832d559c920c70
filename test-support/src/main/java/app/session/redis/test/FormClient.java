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
 * A browser of someone who reads pages and sends forms: follows redirects, and has
 * cookies of its own. As in any browser, the cookies of {@code localhost} go to each of
 * its ports.
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
	 * Create a client without cookies.
	 * @param userAgent what it says it is
	 */
	public FormClient(String userAgent) {
		this.userAgent = userAgent;
	}

	/**
	 * Open a page.
	 * @param url the page's address
	 * @return the page's HTML, or that of the page to which it leads
	 * @throws IllegalStateException if the answer is another than 200
	 */
	public String open(String url) {
		return send(request(url).GET());
	}

	/**
	 * Send a form, with the CSRF token of the log-in page beside it.
	 * @param url the address to send it to
	 * @param fields the form's fields
	 * @return the HTML of the page that this leads to
	 * @throws IllegalStateException if an answer is another than 200, or there is no
	 * token
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
	 * Return the value of a cookie.
	 * @param name the cookie's name
	 * @return its value
	 * @throws IllegalStateException if there is none
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
		try {
			HttpResponse<String> response = this.client.send(request.build(), BodyHandlers.ofString());
			if (response.statusCode() != 200) {
				throw new IllegalStateException(response + " to " + response.request());
			}
			return response.body();
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
