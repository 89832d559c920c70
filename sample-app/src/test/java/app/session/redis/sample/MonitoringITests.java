package app.session.redis.sample;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import app.session.redis.test.RedisServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What {@code docs/monitoring} holds, in a Prometheus that scrapes the shop.
 */
@EnabledIfSystemProperty(named = MonitoringITests.PROMETHEUS, matches = ".+",
		disabledReason = "needs Prometheus: -Pmonitoring")
class MonitoringITests {

	static final String PROMETHEUS = "monitoring.prometheus";

	private static final Path DOCS = Path.of("..", "docs", "monitoring");

	private static final Duration PATIENCE = Duration.ofMinutes(2);

	/** What an alert's expression ends with. */
	private static final Pattern COMPARISON = Pattern.compile("\\s*[<>]=?\\s*[\\d.]+$");

	/** Averages of what doesn't happen here are there, and are no number. */
	private static final Pattern NO_NUMBER = Pattern.compile("lock_wait");

	private static final HttpClient client = HttpClient.newHttpClient();

	private static RedisServer redis;

	private static ShopProcess shop;

	private static Process prometheus;

	private static int port;

	private static final List<Thread> visitors = new ArrayList<>();

	@BeforeAll
	static void start(@TempDir Path folder) throws IOException {
		DemoUser admin = DemoUser.ALL.stream()
			.filter((user) -> user.role().equals(DemoUser.ADMIN))
			.findFirst()
			.orElseThrow();
		redis = RedisServer.start();
		shop = ShopProcess.start(folder, "--server.port=0",
				"--app.session.redis.hosts=" + redis.host() + ":" + redis.port(), "--app.session.redis.timeout=3s",
				"--app.session.redis.lock.enabled=true");
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			port = socket.getLocalPort();
		}
		Files.writeString(folder.resolve("alerts.yaml"),
				Files.readString(DOCS.resolve("alerts.yaml")).replaceAll("for: \\w+", "for: 1s"));
		Files.writeString(folder.resolve("prometheus.yml"), """
				global:
				  scrape_interval: 1s
				  evaluation_interval: 1s
				rule_files: [ alerts.yaml ]
				scrape_configs:
				  - job_name: shop
				    metrics_path: /actuator/prometheus
				    scrape_timeout: 1s
				    basic_auth:
				      username: %s
				      password: %s
				    static_configs:
				      - targets: [ "localhost:%d" ]
				""".formatted(admin.name(), admin.password(), shop.port()));
		prometheus = new ProcessBuilder(System.getProperty(PROMETHEUS),
				"--config.file=" + folder.resolve("prometheus.yml"), "--storage.tsdb.path=" + folder.resolve("data"),
				"--web.listen-address=127.0.0.1:" + port, "--log.level=warn")
			.redirectErrorStream(true)
			.redirectOutput(folder.resolve("prometheus.log").toFile())
			.start();
		for (int i = 0; i < 2; i++) {
			Thread visitor = new Thread(MonitoringITests::visit, "visitor");
			visitor.setDaemon(true);
			visitor.start();
			visitors.add(visitor);
		}
	}

	/**
	 * Comes, logs in, buys, logs out or forgets to, and comes again with an old cookie.
	 */
	private static void visit() {
		for (int i = 0; !Thread.currentThread().isInterrupted(); i++) {
			try {
				Browser browser = new Browser("Firefox");
				browser.logIn(shop, DemoUser.ALL.get(0));
				browser.submit(shop, "/cart/add", Map.of("product", "mug"));
				browser.open(shop, "/devices");
				if (i % 2 == 0) {
					browser.submit(shop, "/logout", Map.of());
				}
				get("http://localhost:" + shop.port() + "/cart", "SESSION=" + "A".repeat(80));
			}
			catch (AssertionError | IllegalStateException ex) {
				// Redis is away on purpose
				get("http://localhost:" + shop.port() + "/cart", "SESSION=" + "A".repeat(80));
			}
		}
	}

	@AfterAll
	static void stop() throws InterruptedException {
		visitors.forEach(Thread::interrupt);
		for (Thread visitor : visitors) {
			visitor.join();
		}
		if (prometheus != null) {
			prometheus.destroy();
			prometheus.waitFor();
		}
		if (shop != null) {
			shop.stop();
		}
		redis.close();
	}

	private static String get(String uri, String cookie) {
		try {
			return client
				.send(HttpRequest.newBuilder(URI.create(uri))
					.timeout(Duration.ofSeconds(20))
					.header("Cookie", cookie)
					.build(), BodyHandlers.ofString())
				.body();
		}
		catch (IOException ex) {
			return "";
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return "";
		}
	}

	private static JsonNode ask(String path) {
		String answer = get("http://127.0.0.1:" + port + "/api/v1/" + path, "");
		return answer.isEmpty() ? JsonMapper.shared().createObjectNode() : JsonMapper.shared().readTree(answer);
	}

	private static List<String> values(String expression) {
		JsonNode answer = ask("query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8));
		assertThat(answer.path("status").asString("")).as(expression + " " + answer.path("error").asString(""))
			.isEqualTo("success");
		return answer.path("data")
			.path("result")
			.valueStream()
			.map((series) -> series.get("value").get(1).asString())
			.toList();
	}

	private static Map<String, String> ofDashboard() throws IOException {
		Map<String, String> expressions = new LinkedHashMap<>();
		for (JsonNode panel : JsonMapper.shared().readTree(DOCS.resolve("dashboard.json").toFile()).get("panels")) {
			for (JsonNode target : panel.path("targets")) {
				expressions.put(panel.get("title").asString() + " " + target.get("refId").asString(),
						target.get("expr")
							.asString()
							.replace("$__rate_interval", "30s")
							.replace("$job", ".*")
							.replace("$instance", ".*"));
			}
		}
		assertThat(expressions.size()).isGreaterThan(25);
		assertThat(expressions.values()).noneMatch((expression) -> expression.contains("$"));
		return expressions;
	}

	/** By their names, without what they are compared with. */
	private static Map<String, String> ofAlerts() throws IOException {
		Map<String, String> expressions = new LinkedHashMap<>();
		Map<String, List<Map<String, List<Map<String, String>>>>> file = new Yaml()
			.load(Files.readString(DOCS.resolve("alerts.yaml")));
		for (Map<String, String> rule : file.get("groups").get(0).get("rules")) {
			Matcher comparison = COMPARISON.matcher(rule.get("expr"));
			assertThat(comparison.find()).as(rule.get("alert")).isTrue();
			expressions.put(rule.get("alert"), comparison.replaceFirst(""));
		}
		assertThat(expressions.size()).isGreaterThan(10);
		return expressions;
	}

	private static String state(String alert) {
		return ask("alerts").path("data")
			.path("alerts")
			.valueStream()
			.filter((active) -> active.get("labels").get("alertname").asString().equals(alert))
			.map((active) -> active.get("state").asString())
			.findFirst()
			.orElse("inactive");
	}

	@Test
	void everyExpressionAnswersWithDataAndAlertsFireWhileRedisIsAway() throws IOException {
		Map<String, String> expressions = ofDashboard();
		expressions.putAll(ofAlerts());
		expressions.forEach((name,
				expression) -> await().atMost(PATIENCE).pollInterval(Duration.ofMillis(500)).untilAsserted(() -> {
					List<String> values = values(expression);
					assertThat(values).as(name + ": " + expression).isNotEmpty();
					if (!NO_NUMBER.matcher(expression).find()) {
						assertThat(values).as(name + ": " + expression).anyMatch((value) -> !value.equals("NaN"));
					}
				}));
		assertThat(ask("rules").path("data").path("groups").path(0).path("rules").valueStream())
			.as("evaluated without an error")
			.hasSameSizeAs(ofAlerts().keySet())
			.allSatisfy((rule) -> assertThat(rule.get("health").asString()).isEqualTo("ok"));
		List<String> alerts = List.of("RedisSessionBreakerOpen", "RedisSessionUnavailable");
		assertThat(alerts).allSatisfy((alert) -> assertThat(state(alert)).as(alert).isEqualTo("inactive"));
		redis.pause();
		try {
			alerts.forEach((alert) -> await().alias(alert)
				.atMost(PATIENCE)
				.pollInterval(Duration.ofMillis(500))
				.until(() -> state(alert).equals("firing")));
			assertThat(values("redis_session_live_sessions")).as("the scrape is answered all the same")
				.containsExactly("NaN");
		}
		finally {
			redis.resume();
		}
		await().atMost(PATIENCE)
			.pollInterval(Duration.ofMillis(500))
			.until(() -> state("RedisSessionBreakerOpen").equals("inactive"));
		await().atMost(PATIENCE).until(() -> !values("redis_session_live_sessions").contains("NaN"));
	}

}
