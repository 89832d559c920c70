package app.session.redis.gateway;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import app.session.redis.test.FormClient;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import app.session.redis.test.SpringBootProcess;
import app.session.redis.test.TcpProxy;
import app.session.redis.test.TcpProxy.Direction;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests the sample gateway in front of two instances of the shop, which are servlet
 * applications: one log-in, one session.
 */
class ShopGatewayITests {

	private static final Map<String, String> ALICE = Map.of("username", "alice", "password", "wonderland");

	private static final Pattern INSTANCE = Pattern.compile("<strong>(\\d+)</strong>");

	private static final RedisServer redis = SharedRedis.standalone();

	private static SpringBootProcess first;

	private static SpringBootProcess second;

	private final FormClient browser = Gateway.browser();

	private TcpProxy proxy;

	private Gateway gateway;

	@BeforeAll
	static void startShops() {
		redis.flushAll();
		first = startShop();
		second = startShop();
	}

	private static SpringBootProcess startShop() {
		return SpringBootProcess.start(Path.of(System.getProperty("sample.jar")),
				"--app.session.redis.hosts=" + redis.host() + ":" + redis.port());
	}

	@AfterAll
	static void stopShops() {
		first.close();
		second.close();
	}

	@BeforeEach
	void startGateway() {
		this.proxy = TcpProxy.to(redis);
		this.gateway = Gateway.start(this.proxy.host(), this.proxy.port(), List.of(),
				"shop.nodes=" + first.url("") + "," + second.url(""), "app.session.redis.command-timeout=500ms");
	}

	@AfterEach
	void stopGateway() {
		this.gateway.close();
		this.proxy.close();
	}

	private String logIn() {
		return this.browser.submit(this.gateway.url("/login"), ALICE);
	}

	private HttpResponse<String> user() {
		return this.browser.response(this.gateway.url("/gateway/user"));
	}

	private void assertLoggedOut() {
		assertThat(user().uri().getPath()).isEqualTo("/login");
		for (int i = 0; i < 10; i++) {
			assertThat(this.browser.open(this.gateway.url("/cart"))).doesNotContain(">alice<");
		}
	}

	@Test
	void logInThroughTheGateway_isSeenByTheGatewayAndByEachInstance() {
		assertThat(user().uri().getPath()).isEqualTo("/login");
		assertThat(logIn()).contains(">alice<");
		assertThat(user().body()).isEqualTo("alice");
		this.browser.submit(this.gateway.url("/cart/add"), Map.of("product", "mug"));
		Set<String> instances = new HashSet<>();
		Awaitility.await().until(() -> {
			String page = this.browser.open(this.gateway.url("/cart"));
			assertThat(page).contains(">alice<", ">€ 14.50<");
			Matcher instance = INSTANCE.matcher(page);
			assertThat(instance.find()).isTrue();
			instances.add(instance.group(1));
			return instances.size() == 2;
		});
	}

	@Test
	void sessionEndedByTheGateway_isEndedInTheShop() {
		logIn();
		this.browser.submit(this.gateway.url("/gateway/end-session"), Map.of());
		assertLoggedOut();
	}

	@Test
	void requestOfAnotherSite_doesNotEndTheSession() throws IOException, InterruptedException {
		logIn();
		HttpResponse<String> response = HttpClient.newHttpClient()
			.send(HttpRequest.newBuilder(URI.create(this.gateway.url("/gateway/end-session")))
				.header("Cookie", "SESSION=" + this.browser.cookie("SESSION"))
				.POST(BodyPublishers.noBody())
				.build(), BodyHandlers.ofString());
		assertThat(response.statusCode()).isEqualTo(403);
		assertThat(user().body()).isEqualTo("alice");
	}

	@Test
	void sessionEndedByTheShop_isEndedInTheGateway() {
		logIn();
		this.browser.submit(this.gateway.url("/logout"), Map.of());
		assertLoggedOut();
	}

	@Test
	void slowRedis_delaysOnlyRequestsForWhichTheGatewayUsesTheSession() {
		logIn();
		Duration delay = Duration.ofMillis(300);
		this.proxy.delay(Direction.TO_CLIENT, delay);
		long start = System.nanoTime();
		assertThat(user().body()).isEqualTo("alice");
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(delay);
		long bytes = this.proxy.bytes(Direction.TO_SERVER);
		assertThat(this.browser.open(this.gateway.url("/cart"))).contains(">alice<");
		assertThat(this.proxy.bytes(Direction.TO_SERVER)).isEqualTo(bytes);
	}

	@Test
	void redisThatDoesNotReply_leadsTo503AndTheUserStaysLoggedIn() {
		logIn();
		this.proxy.stopForwarding();
		HttpResponse<String> response = user();
		assertThat(response.statusCode()).isEqualTo(503);
		assertThat(response.headers().firstValue("Retry-After")).isPresent();
		assertThat(response.headers().allValues("Set-Cookie")).isEmpty();
		assertThat(this.browser.open(this.gateway.url("/cart"))).contains(">alice<");
		this.proxy.forward();
		Awaitility.await().untilAsserted(() -> assertThat(user().body()).isEqualTo("alice"));
	}

}
