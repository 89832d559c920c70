package app.session.redis.browser;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;

import app.session.redis.test.FormClient;

/**
 * A visitor of the shop with a device of its own, whom the operator sees.
 */
final class Visitor {

	static final String LAPTOP = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

	static final String PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15"
			+ " (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1";

	private static final int HANDLE_LENGTH = 16;

	private final FormClient client;

	private final Shop shop;

	private String cookie = "";

	Visitor(Shop shop, String userAgent) {
		this.shop = shop;
		this.client = new FormClient(userAgent);
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
		this.client.submit(this.shop.url("/logout"), Map.of());
	}

	boolean isLoggedIn() {
		return this.client.open(this.shop.url("/devices")).contains("<h1>Your devices</h1>");
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
		this.client.submit(this.shop.url(path), fields);
		this.cookie = this.client.cookie("SESSION");
	}

}
