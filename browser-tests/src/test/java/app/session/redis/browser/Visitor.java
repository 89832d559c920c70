package app.session.redis.browser;

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
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A visitor of the shop with a device of its own, whom the operator sees.
 */
final class Visitor {

	static final String LAPTOP = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

	static final String PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15"
			+ " (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1";

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	private static final Pattern CSRF = Pattern.compile("name=\"_csrf\" value=\"([^\"]+)\"");

	private static final int HANDLE_LENGTH = 16;

	private final CookieManager cookies = new CookieManager();

	private final HttpClient client = HttpClient.newBuilder()
		.cookieHandler(this.cookies)
		.followRedirects(HttpClient.Redirect.NORMAL)
		.connectTimeout(TIMEOUT)
		.build();

	private final Shop shop;

	private final String userAgent;

	private String cookie = "";

	Visitor(Shop shop, String userAgent) {
		this.shop = shop;
		this.userAgent = userAgent;
	}

	Visitor logIn(String name, String password) {
		submit("/login", Map.of("username", name, "password", password));
		return this;
	}

	Visitor addToCart(String product) {
		submit("/cart/add", Map.of("product", product));
		return this;
	}

	void logOut() {
		post("/logout", Map.of());
	}

	boolean isLoggedIn() {
		return send(request("/devices").GET()).contains("<h1>Your devices</h1>");
	}

	/**
	 * The handle of the session in which the visitor has logged in, or filled the cart.
	 * @return the handle, also when that session has ended and another has begun
	 */
	String handle() {
		return id().substring(0, HANDLE_LENGTH);
	}

	/**
	 * What opens that session, in each form in which it could be told.
	 * @return the cookie's value, and the secret in the session's id
	 */
	List<String> secrets() {
		return List.of(this.cookie, id().substring(HANDLE_LENGTH));
	}

	private String id() {
		return new String(Base64.getDecoder().decode(this.cookie), StandardCharsets.UTF_8);
	}

	private void submit(String path, Map<String, String> fields) {
		post(path, fields);
		this.cookie = this.cookies.getCookieStore()
			.getCookies()
			.stream()
			.filter((cookie) -> cookie.getName().equals("SESSION"))
			.map(HttpCookie::getValue)
			.findFirst()
			.orElseThrow();
	}

	private void post(String path, Map<String, String> fields) {
		Matcher token = CSRF.matcher(send(request("/login").GET()));
		assertThat(token.find()).as("CSRF token").isTrue();
		String form = fields.entrySet()
			.stream()
			.map((field) -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
			.collect(Collectors.joining("&", "_csrf=" + token.group(1) + "&", ""));
		send(request(path).header("Content-Type", "application/x-www-form-urlencoded")
			.POST(BodyPublishers.ofString(form)));
	}

	private HttpRequest.Builder request(String path) {
		return HttpRequest.newBuilder(URI.create(this.shop.url(path)))
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
