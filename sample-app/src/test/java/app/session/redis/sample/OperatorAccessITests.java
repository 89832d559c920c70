package app.session.redis.sample;

import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import app.session.redis.test.RedisServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Who may see the operator's page and Actuator, and what a script or a tool must send.
 */
class OperatorAccessITests {

	private static final DemoUser ALICE = DemoUser.ALL.get(0);

	private static final DemoUser ADMIN = DemoUser.ALL.get(3);

	private static final String SESSIONS = "/actuator/redissessions";

	private static final Pattern LOGIN_TOKEN = Pattern.compile("name=\"_csrf\" value=\"([^\"]+)\"");

	private static final Pattern PAGE_TOKEN = Pattern.compile("data-csrf-token=\"([^\"]+)\"");

	private static RedisServer redis;

	private static ShopProcess shop;

	@BeforeAll
	static void start(@TempDir Path folder) throws IOException {
		redis = RedisServer.start();
		shop = ShopProcess.start(folder, "--server.port=0", "--app.session.redis.hosts=127.0.0.1:" + redis.port());
	}

	@AfterAll
	static void stop() {
		if (shop != null) {
			shop.stop();
		}
		if (redis != null) {
			redis.close();
		}
	}

	@Test
	void health_isForEverybody() throws Exception {
		assertThat(send(new Client(), request("/actuator/health")).statusCode()).isEqualTo(200);
	}

	@Test
	void strangers_areTurnedAway_withoutASessionBeingMade() throws Exception {
		redis.flushAll();
		HttpResponse<String> response = send(new Client(), request(SESSIONS));
		assertThat(response.statusCode()).isEqualTo(401);
		assertThat(response.headers().firstValue("Set-Cookie")).isEmpty();
		assertThat(redis.keys()).noneMatch((key) -> key.contains(":session:{"));
		// Without a header that makes a browser ask for a password, and then send it
		// with whatever another site has it send
		assertThat(response.headers().firstValue("WWW-Authenticate")).isEmpty();
		assertThat(send(new Client(), request("/operator")).uri().getPath()).isEqualTo("/login");
	}

	@Test
	void users_areRefused() throws Exception {
		Client client = new Client().logIn(ALICE);
		assertThat(send(client, request("/operator")).statusCode()).isEqualTo(403);
		assertThat(send(client, request(SESSIONS)).statusCode()).isEqualTo(403);
		assertThat(send(new Client(), request(SESSIONS).header("Authorization", basic(ALICE))).statusCode())
			.isEqualTo(403);
		assertThat(send(client, request("/")).body()).doesNotContain("/operator");
	}

	@Test
	void theAdministratorsPage_changesThingsWithItsTokenOnly() throws Exception {
		Client client = new Client().logIn(ADMIN);
		assertThat(send(client, request("/")).body()).contains("href=\"/operator\"");
		assertThat(send(client, request(SESSIONS)).statusCode()).isEqualTo(200);
		Matcher token = PAGE_TOKEN.matcher(send(client, request("/operator")).body());
		assertThat(token.find()).isTrue();
		HttpRequest.Builder end = request(SESSIONS + "?principal=nobody").DELETE();
		assertThat(send(client, end).statusCode()).isEqualTo(403);
		HttpResponse<String> ended = send(client, end.header("X-XSRF-TOKEN", token.group(1)));
		assertThat(ended.statusCode()).isEqualTo(200);
		assertThat(ended.body()).isEqualTo("{\"ended\":0}");
	}

	@Test
	void aTool_sendsNameAndPassword_andMakesNoSession() throws Exception {
		redis.flushAll();
		HttpRequest.Builder end = request(SESSIONS + "?principal=nobody").DELETE()
			.header("Authorization", basic(ADMIN));
		HttpResponse<String> response = send(new Client(), end);
		assertThat(response.statusCode()).isEqualTo(200);
		assertThat(response.body()).isEqualTo("{\"ended\":0}");
		assertThat(redis.keys()).noneMatch((key) -> key.contains(":session:{"));
		String wrong = basic(new DemoUser(ADMIN.name(), "wrong", ADMIN.role()));
		assertThat(send(new Client(), request(SESSIONS).header("Authorization", wrong)).statusCode()).isEqualTo(401);
	}

	private static String basic(DemoUser user) {
		String credentials = user.name() + ":" + user.password();
		return "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
	}

	private static HttpRequest.Builder request(String path) {
		return HttpRequest.newBuilder(URI.create("http://localhost:" + shop.port() + path));
	}

	private static HttpResponse<String> send(Client client, HttpRequest.Builder request) throws Exception {
		return client.http.send(request.build(), BodyHandlers.ofString());
	}

	/**
	 * A client with cookies of its own.
	 */
	private static final class Client {

		private final HttpClient http = HttpClient.newBuilder()
			.cookieHandler(new CookieManager())
			.followRedirects(HttpClient.Redirect.NORMAL)
			.build();

		Client logIn(DemoUser user) throws Exception {
			Matcher token = LOGIN_TOKEN.matcher(send(this, request("/login")).body());
			assertThat(token.find()).isTrue();
			String form = "username=" + user.name() + "&password=" + user.password() + "&_csrf="
					+ URLEncoder.encode(token.group(1), StandardCharsets.UTF_8);
			HttpRequest.Builder request = request("/login").header("Content-Type", "application/x-www-form-urlencoded")
				.POST(BodyPublishers.ofString(form));
			assertThat(send(this, request).statusCode()).isEqualTo(200);
			return this;
		}

	}

}
