package app.session.redis.sample;

import java.util.Map;

import app.session.redis.test.FormClient;

/**
 * A visitor's browser, for which all instances of the shop are one.
 */
final class Browser {

	private final FormClient client;

	Browser(String userAgent) {
		this.client = new FormClient(userAgent);
	}

	/**
	 * Opens a page.
	 * @param shop the instance to ask
	 * @param path the page's path
	 * @return the page's HTML
	 */
	String open(ShopProcess shop, String path) {
		return this.client.open(url(shop, path));
	}

	/**
	 * Sends a form.
	 * @param shop the instance to send it to
	 * @param path the path to send it to
	 * @param fields the form's fields
	 * @return the HTML of the page that this leads to
	 */
	String submit(ShopProcess shop, String path, Map<String, String> fields) {
		return this.client.submit(url(shop, path), fields);
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
		return this.client.cookie("SESSION");
	}

	private static String url(ShopProcess shop, String path) {
		return "http://localhost:" + shop.port() + path;
	}

}
