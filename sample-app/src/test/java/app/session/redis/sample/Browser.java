package app.session.redis.sample;

import java.io.IOException;
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

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A visitor's browser: follows redirects, and has cookies of its own. As in any browser,
 * the cookies of {@code localhost} go to each of its ports.
 */
final class Browser {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	private static final Pattern CSRF = Pattern.compile("name=\"_csrf\" value=\"([^\"]+)\"");

	private final CookieManager cookies = new CookieManager();

	private final HttpClient client = HttpClient.newBuilder()
		.cookieHandler(this.cookies)
		.followRedirects(HttpClient.Redirect.NORMAL)
		.connectTimeout(TIMEOUT)
		.build();

	private final String userAgent;

	Browser(String userAgent) {
		this.userAgent = userAgent;
	}

	/**
	 * Opens a page.
	 * @param shop the instance to ask
	 * @param path the page's path
	 * @return the page's HTML
	 */
	String open(ShopProcess shop, String path) {
		return send(request(shop, path).GET());
	}

	/**
	 * Sends a form, with the CSRF token of the log-in page.
	 * @param shop the instance to send it to
	 * @param path the path to send it to
	 * @param fields the form's fields
	 * @return the HTML of the page that this leads to
	 */
	String submit(ShopProcess shop, String path, Map<String, String> fields) {
		Matcher token = CSRF.matcher(open(shop, "/login"));
		assertThat(token.find()).as("CSRF token").isTrue();
		String form = fields.entrySet()
			.stream()
			.map((field) -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
			.collect(Collectors.joining("&", "_csrf=" + token.group(1) + "&", ""));
		return send(request(shop, path).header("Content-Type", "application/x-www-form-urlencoded")
			.POST(BodyPublishers.ofString(form)));
	}

	/**
	 * Logs in.
	 * @param shop the instance to log in at
	 * @param user who logs in
	 * @return the HTML of the page that this leads to
	 */
	String logIn(ShopProcess shop, DemoUser user) {
		return submit(shop, "/login", Map.of("username", user.name(), "password", user.password()));
	}

	/**
	 * Reads the session's cookie.
	 * @return its value
	 */
	String sessionCookie() {
		return this.cookies.getCookieStore()
			.getCookies()
			.stream()
			.filter((cookie) -> cookie.getName().equals("SESSION"))
			.map(HttpCookie::getValue)
			.findFirst()
			.orElseThrow();
	}

	private HttpRequest.Builder request(ShopProcess shop, String path) {
		return HttpRequest.newBuilder(URI.create("http://localhost:" + shop.port() + path))
			.timeout(TIMEOUT)
			.header("User-Agent", this.userAgent)
			.header("Accept", "text/html");
	}

	private String send(HttpRequest.Builder request) {
		try {
			HttpResponse<String> response = this.client.send(request.build(), BodyHandlers.ofString());
			assertThat(response.statusCode()).as(response.request().toString()).isEqualTo(200);
			return response.body();
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

}
