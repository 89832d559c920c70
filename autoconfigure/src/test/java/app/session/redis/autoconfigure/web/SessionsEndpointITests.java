package app.session.redis.autoconfigure.web;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import app.session.redis.servlet.AtomicRedisSessionRepository;
import app.session.redis.session.StoredSession;
import app.session.redis.test.Monitor;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import app.session.redis.test.TcpProxy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.actuate.audit.AuditEvent;
import org.springframework.boot.actuate.audit.AuditEventRepository;
import org.springframework.boot.actuate.audit.InMemoryAuditEventRepository;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests the endpoint {@code redissessions} over HTTP, Spring Boot's {@code sessions}, and
 * the examples of both in {@code docs/actuator.md}.
 */
class SessionsEndpointITests {

	private static final String ENDPOINT = "/actuator/redissessions";

	private static final String AGENT = "Mozilla/5.0 (X11; Linux x86_64) Firefox/144.0";

	private static final Pattern EXAMPLE = Pattern.compile("`(GET|DELETE|POST) (\\S+)`[^`]*```json\n(.*?)```",
			Pattern.DOTALL);

	private final JsonMapper json = new JsonMapper();

	private final RedisServer server = SharedRedis.standalone();

	@AfterEach
	void flush() {
		this.server.flushAll();
	}

	private WebNode node(String... more) {
		List<String> properties = new ArrayList<>(
				List.of("app.session.redis.host=" + this.server.host(), "app.session.redis.port=" + this.server.port(),
						"management.endpoints.web.exposure.include=redissessions,sessions,health", "test.csrf=false",
						"management.endpoint.redissessions.access=unrestricted"));
		properties.addAll(List.of(more));
		return WebNode.start(List.of(WebTestApplication.class, AuditConfiguration.class), properties);
	}

	private JsonNode ok(HttpResponse<String> response) {
		assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
		return this.json.readTree(response.body());
	}

	private String error(HttpResponse<String> response, int status) {
		assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
		JsonNode body = this.json.readTree(response.body());
		assertThat(body.propertyNames()).containsExactly("error");
		return body.get("error").asString();
	}

	private static Browser loggedIn(WebNode node, String user) {
		Browser browser = node.browser().userAgent(AGENT);
		browser.get("/write?value=v4lue");
		assertThat(browser.logIn(user).statusCode()).isEqualTo(302);
		return browser;
	}

	@Test
	void theOverviewReportsTheStateOfTheStore() {
		try (WebNode node = node()) {
			loggedIn(node, "anna");
			Browser operator = node.browser();
			await().untilAsserted(() -> {
				JsonNode store = ok(operator.get(ENDPOINT));
				assertThat(store.at("/collector/leading").asBoolean()).isTrue();
				assertThat(Instant.parse(store.at("/collector/lastRun").asString())).isBefore(Instant.now());
			});
			JsonNode store = ok(operator.get(ENDPOINT));
			assertThat(store.at("/server/kind").asString()).isIn("redis", "valkey");
			assertThat(store.at("/server/mode").asString()).isEqualTo("standalone");
			assertThat(store.at("/server/nodes/0/usedMemory").asLong()).isPositive();
			assertThat(store.at("/sessions/live").asLong()).isEqualTo(1);
			assertThat(store.at("/sessions/created").asLong()).isEqualTo(1);
			assertThat(store.at("/breaker").asString()).isEqualTo("closed");
			assertThat(store.has("locks")).isFalse();
			assertThat(store.at("/check/latencyMillis").asDouble()).isPositive();
			assertThat(store.at("/check/findings").isArray()).isTrue();
		}
	}

	@Test
	void typesThatAreStoredThoughTheyAreNotListedAreShown() {
		String key = java.util.Base64.getEncoder().encodeToString(new byte[32]);
		try (WebNode node = node("app.session.redis.type-check=warn", "app.session.redis.encryption.keys.k1=" + key)) {
			assertThat(ok(node.browser().get(ENDPOINT)).has("unlistedTypes")).isFalse();
			AtomicRedisSessionRepository repository = node.bean(AtomicRedisSessionRepository.class);
			StoredSession session = repository.createSession();
			session.setAttribute("place", new java.io.FilePermission("place", "read"));
			repository.save(session);
			JsonNode types = ok(node.browser().get(ENDPOINT)).get("unlistedTypes");
			assertThat(types.valueStream()
				.map((type) -> type.get("attribute").asString() + " " + type.get("type").asString()))
				.as("with its superclass")
				.containsExactly("place java.io.FilePermission", "place java.security.Permission");
		}
	}

	@Test
	void sessionsAreListedNewestFirst() {
		try (WebNode node = node("app.session.redis.record-client=true")) {
			Browser first = loggedIn(node, "anna");
			Browser second = loggedIn(node, "anna");
			Browser other = loggedIn(node, "ben");
			JsonNode page = ok(node.browser().get(ENDPOINT + "?principal=anna"));
			assertThat(page.at("/sessions").valueStream().map((session) -> session.get("handle").asString()))
				.containsExactly(second.handle(), first.handle());
			JsonNode session = page.at("/sessions/0");
			assertThat(session.get("principal").asString()).isEqualTo("anna");
			assertThat(session.at("/client/address").asString()).isEqualTo("127.0.0.1");
			assertThat(session.at("/client/userAgent").asString()).isEqualTo(AGENT);
			Instant lastAccess = Instant.parse(session.get("lastAccess").asString());
			assertThat(Instant.parse(session.get("idleDeadline").asString()))
				.isEqualTo(lastAccess.plus(Duration.ofMinutes(30)));
			assertThat(session.has("absoluteDeadline")).isFalse();
			assertThat(session.get("timeToLiveMillis").asLong()).isBetween(34 * 60_000L, 35 * 60_000L);
			assertThat(session.get("bytes").asLong()).isPositive();
			assertThat(ok(node.browser().get(ENDPOINT + "?principal=anna&count=true")).get("count").asLong())
				.isEqualTo(2);
			JsonNode all = ok(node.browser().get(ENDPOINT + "?limit=10"));
			assertThat(all.at("/sessions").valueStream().map((one) -> one.get("handle").asString()))
				.containsExactly(other.handle(), second.handle(), first.handle());
			assertThat(ok(node.browser().get(ENDPOINT + "?count=true")).get("count").asLong()).isEqualTo(3);
			assertThat(ok(node.browser().get(ENDPOINT + "?principal=nobody")).get("sessions").isEmpty()).isTrue();
		}
	}

	@Test
	void pagesFollowOneAnother() {
		try (WebNode node = node()) {
			for (int i = 0; i < 30; i++) {
				node.browser().get("/new");
			}
			List<String> handles = new ArrayList<>();
			String cursor = "";
			do {
				JsonNode page = ok(node.browser().get(ENDPOINT + "?limit=3" + cursor));
				page.at("/sessions").forEach((session) -> handles.add(session.get("handle").asString()));
				cursor = page.has("next") ? "&cursor=" + page.get("next").asString() : "";
			}
			while (!cursor.isEmpty());
			assertThat(handles).hasSize(30).doesNotHaveDuplicates();
		}
	}

	@Test
	void aSessionIsShownWithItsAttributesButNotTheirValuesNorAnyId() {
		try (WebNode node = node("app.session.redis.indexes=name")) {
			Browser anna = loggedIn(node, "anna");
			HttpResponse<String> answer = node.browser().get(ENDPOINT + "/" + anna.handle());
			JsonNode session = ok(answer);
			assertThat(session.has("client")).as("not recorded unless told to").isFalse();
			Map<String, String> types = new LinkedHashMap<>();
			session.get("attributes").forEach((attribute) -> {
				types.put(attribute.get("name").asString(), attribute.get("type").asString());
				assertThat(attribute.get("bytes").asLong()).isPositive();
			});
			assertThat(types).containsEntry("name", "java.lang.String")
				.containsEntry("SPRING_SECURITY_CONTEXT",
						"org.springframework.security.core.context.SecurityContextImpl");
			String secret = anna.sessionId().substring(16);
			for (String path : List.of("", "?limit=10", "?principal=anna", "/" + anna.handle())) {
				assertThat(node.browser().get(ENDPOINT + path).body()).doesNotContain(secret, "v4lue");
			}
			assertThat(ok(node.browser().get(ENDPOINT + "?index=name&value=v4lue&count=true")).get("count").asLong())
				.isEqualTo(1);
		}
	}

	@Test
	void sessionsAreFoundBySeveralIndexValues_andCountedByValue() {
		try (WebNode node = node("app.session.redis.indexes=name")) {
			Browser anna = loggedIn(node, "anna");
			loggedIn(node, "ben");
			Browser operator = node.browser();
			assertThat(ok(operator.get(ENDPOINT + "?name=v4lue&count=true")).get("count").asLong()).isEqualTo(2);
			assertThat(ok(operator.get(ENDPOINT + "?principal=anna&name=v4lue&count=true")).get("count").asLong())
				.isEqualTo(1);
			JsonNode page = ok(operator.get(ENDPOINT + "?principal=anna&name=v4lue"));
			assertThat(page.at("/sessions").valueStream().map((session) -> session.get("handle").asString()))
				.containsExactly(anna.handle());
			assertThat(ok(operator.get(ENDPOINT + "?principal=anna&name=other")).get("sessions").isEmpty()).isTrue();
			assertThat(error(operator.get(ENDPOINT + "?name=v4lue&name=other"), 400)).contains("'name'", "once");
			assertThat(error(operator.get(ENDPOINT + "?name=a&index=name&value=b"), 400)).contains("once");
			JsonNode counts = ok(operator.get(ENDPOINT + "?counts=principal"));
			assertThat(counts.toString())
				.isEqualTo("{\"counts\":[{\"value\":\"anna\",\"count\":1},{\"value\":\"ben\",\"count\":1}]}");
			JsonNode first = ok(operator.get(ENDPOINT + "?counts=principal&limit=1"));
			assertThat(first.at("/counts/0/value").asString()).isEqualTo("anna");
			assertThat(ok(operator.get(ENDPOINT + "?counts=principal&limit=1&cursor=" + first.get("next").asString()))
				.at("/counts/0/value")
				.asString()).isEqualTo("ben");
			assertThat(ok(operator.delete(ENDPOINT + "?principal=anna&name=v4lue")).get("ended").asInt()).isEqualTo(1);
			assertThat(ok(operator.get(ENDPOINT + "?count=true")).get("count").asLong()).isEqualTo(1);
			assertThat(node.bean(AuditEventRepository.class).find("unknown", null, "SESSIONS_ENDED"))
				.extracting(AuditEvent::getData)
				.containsExactly(Map.of("principal", "anna", "index", "name", "ended", 1));
		}
	}

	@Test
	void countsOfEncryptedValues_areRefused() {
		String key = java.util.Base64.getEncoder().encodeToString(new byte[32]);
		try (WebNode node = node("app.session.redis.encryption.enabled=true",
				"app.session.redis.encryption.keys.k1=" + key)) {
			loggedIn(node, "anna");
			assertThat(error(node.browser().get(ENDPOINT + "?counts=principal"), 400)).contains("encrypted");
			assertThat(ok(node.browser().get(ENDPOINT + "?principal=anna&count=true")).get("count").asLong())
				.isEqualTo(1);
		}
	}

	@Test
	void sessionsAreEndedAndItIsAudited() {
		try (WebNode node = node("app.session.redis.indexes=name")) {
			Browser first = loggedIn(node, "anna");
			Browser second = loggedIn(node, "anna");
			Browser third = loggedIn(node, "anna");
			Browser operator = loggedIn(node, "ben");
			String handle = first.handle();
			assertThat(ok(operator.get(ENDPOINT + "/" + first.sessionId())).get("handle").asString()).isEqualTo(handle);
			assertThat(ok(operator.delete(ENDPOINT + "/" + first.sessionId())).get("ended").asInt()).isEqualTo(1);
			assertThat(first.get("/private/read").statusCode()).isEqualTo(302);
			assertThat(second.get("/private/read").statusCode()).isEqualTo(200);
			assertThat(ok(operator.delete(ENDPOINT + "?principal=anna")).get("ended").asInt()).isEqualTo(2);
			assertThat(third.get("/private/read").statusCode()).isEqualTo(302);
			assertThat(ok(operator.delete(ENDPOINT + "?index=name&value=nobody")).get("ended").asInt()).isZero();
			List<AuditEvent> events = node.bean(AuditEventRepository.class).find("ben", null, "SESSIONS_ENDED");
			assertThat(events).extracting(AuditEvent::getData)
				.containsExactly(Map.of("handle", handle, "ended", 1), Map.of("principal", "anna", "ended", 2),
						Map.of("index", "name", "ended", 0));
			node.browser().delete(ENDPOINT + "?principal=ben");
			assertThat(node.bean(AuditEventRepository.class).find("unknown", null, "SESSIONS_ENDED")).hasSize(1);
		}
	}

	@Test
	void theConnectionIsTestedOnDemand() {
		try (WebNode node = node("app.session.redis.server-check=off")) {
			Browser operator = node.browser();
			assertThat(ok(operator.get(ENDPOINT)).get("check").has("latencyMillis")).isFalse();
			JsonNode test = ok(operator.postJson(ENDPOINT, "{\"action\":\"check\"}"));
			assertThat(test.get("latencyMillis").asDouble()).isPositive();
			assertThat(test.get("findings").isArray()).isTrue();
			assertThat(ok(operator.get(ENDPOINT)).get("check").get("latencyMillis").asDouble()).isPositive();
		}
	}

	@Test
	void invalidRequestsAreReportedAndEndNothing() {
		try (WebNode node = node()) {
			Browser anna = loggedIn(node, "anna");
			Browser operator = node.browser();
			assertThat(error(operator.get(ENDPOINT + "?limit=0"), 400)).contains("'limit'", "1000");
			assertThat(error(operator.get(ENDPOINT + "?limit=1001"), 400)).contains("'limit'");
			assertThat(error(operator.get(ENDPOINT + "?limit=many"), 400)).contains("'limit'");
			assertThat(error(operator.get(ENDPOINT + "?cursor=x"), 400)).contains("cursor");
			assertThat(error(operator.get(ENDPOINT + "?index=name"), 400)).contains("'value'");
			assertThat(error(operator.get(ENDPOINT + "?principal=a&index=name&value=b"), 400))
				.contains("There is no index 'name'", "app.session.redis.indexes");
			assertThat(error(operator.get(ENDPOINT + "?prinicpal=anna"), 400))
				.contains("There is no index 'prinicpal'");
			assertThat(error(operator.get(ENDPOINT + "?counts=name"), 400)).contains("There is no index 'name'");
			assertThat(error(operator.get(ENDPOINT + "?counts=principal&count=true"), 400)).contains("'counts'");
			assertThat(error(operator.get(ENDPOINT + "?counts=principal&limit=0"), 400)).contains("'limit'");
			assertThat(error(operator.delete(ENDPOINT + "?principal=anna&tenant=x"), 400)).contains("'tenant'");
			assertThat(error(operator.get(ENDPOINT + "?count=yes"), 400)).contains("'count'");
			assertThat(error(operator.get(ENDPOINT + "?count=true&limit=5"), 400)).contains("'limit'");
			assertThat(error(operator.delete(ENDPOINT), 400)).contains("'principal'");
			assertThat(error(operator.delete(ENDPOINT + "?index=name"), 400)).contains("'value'");
			assertThat(error(operator.postJson(ENDPOINT, "{\"action\":\"empty\"}"), 400)).contains("check");
			assertThat(error(operator.get(ENDPOINT + "/AAAAAAAAAAAAAAAA"), 404)).contains("no such session");
			String otherSecret = anna.handle() + "A".repeat(43);
			assertThat(error(operator.delete(ENDPOINT + "/" + otherSecret), 404)).contains("no such session");
			assertThat(error(operator.get(ENDPOINT + "/" + otherSecret), 404)).contains("no such session");
			assertThat(anna.get("/private/read").statusCode()).isEqualTo(200);
		}
	}

	@Test
	void itIsReadOnlyByDefault() {
		try (WebNode node = WebNode.start(this.server, "management.endpoints.web.exposure.include=redissessions",
				"test.csrf=false")) {
			Browser anna = loggedIn(node, "anna");
			assertThat(node.browser().delete(ENDPOINT + "/" + anna.handle()).statusCode()).isEqualTo(405);
			assertThat(node.browser().delete(ENDPOINT + "?principal=anna").statusCode()).isEqualTo(405);
			assertThat(node.browser().postJson(ENDPOINT, "{\"action\":\"check\"}").statusCode()).isEqualTo(405);
			assertThat(ok(node.browser().get(ENDPOINT)).at("/sessions/live").asLong()).isEqualTo(1);
			assertThat(anna.get("/private/read").statusCode()).isEqualTo(200);
		}
		try (WebNode node = WebNode.start(this.server)) {
			assertThat(node.browser().get(ENDPOINT).statusCode()).as("not exposed by default").isEqualTo(404);
		}
	}

	@Test
	void anUnavailableRedisIsReported() {
		try (TcpProxy proxy = TcpProxy.to(this.server);
				WebNode node = WebNode.start(proxy, "app.session.redis.command-timeout=300ms",
						"management.endpoints.web.exposure.include=redissessions", "test.csrf=false",
						"management.endpoint.redissessions.access=unrestricted")) {
			loggedIn(node, "anna");
			proxy.stopForwarding();
			for (String path : List.of("", "?principal=anna", "?count=true", "/AAAAAAAAAAAAAAAA")) {
				assertThat(error(node.browser().get(ENDPOINT + path), 503)).isNotBlank();
			}
			assertThat(error(node.browser().delete(ENDPOINT + "?principal=anna"), 503)).isNotBlank();
			assertThat(error(node.browser().postJson(ENDPOINT, "{\"action\":\"check\"}"), 503)).isNotBlank();
		}
	}

	@Test
	void bootsSessionsEndpointShowsHandlesAndNoIds() {
		try (WebNode node = node()) {
			Browser anna = loggedIn(node, "anna");
			Browser again = loggedIn(node, "anna");
			HttpResponse<String> answer = node.browser().get("/actuator/sessions?username=anna");
			assertThat(ok(answer).at("/sessions").valueStream().map((session) -> session.get("id").asString()))
				.containsExactlyInAnyOrder(anna.handle(), again.handle());
			assertThat(answer.body()).doesNotContain(anna.sessionId().substring(16), again.sessionId().substring(16));
			JsonNode session = ok(node.browser().get("/actuator/sessions/" + anna.handle()));
			assertThat(session.get("id").asString()).isEqualTo(anna.handle());
			assertThat(session.get("attributeNames").valueStream().map(JsonNode::asString)).contains("name");
			String otherSecret = again.handle() + anna.sessionId().substring(16);
			assertThat(node.browser().get("/actuator/sessions/" + otherSecret).statusCode()).isEqualTo(404);
			node.browser().delete("/actuator/sessions/" + otherSecret);
			assertThat(again.get("/private/read").statusCode()).as("the secret is another's").isEqualTo(200);
			assertThat(ok(node.browser().get("/actuator/sessions/" + again.sessionId())).get("id").asString())
				.isEqualTo(again.handle());
			assertThat(node.browser().delete("/actuator/sessions/" + again.sessionId()).statusCode()).isEqualTo(204);
			assertThat(again.get("/private/read").statusCode()).isEqualTo(302);
			assertThat(node.browser().delete("/actuator/sessions/" + anna.handle()).statusCode()).isEqualTo(204);
			assertThat(anna.get("/private/read").statusCode()).isEqualTo(302);
		}
	}

	@Test
	void itSendsFewCommands() {
		try (WebNode node = node("app.session.redis.collector.enabled=false")) {
			for (int i = 0; i < 60; i++) {
				node.browser().get("/new");
			}
			node.browser().get(ENDPOINT);
			try (Monitor monitor = Monitor.of(this.server)) {
				ok(node.browser().get(ENDPOINT));
				assertThat(monitor.commands()).as("the overview, with INFO").hasSize(2);
				monitor.reset();
				ok(node.browser().get(ENDPOINT + "?count=true"));
				assertThat(monitor.commands()).as("the count").hasSize(2);
				monitor.reset();
				ok(node.browser().get(ENDPOINT + "?limit=50"));
				assertThat(monitor.commands()).as("a page").hasSizeLessThanOrEqualTo(32);
			}
		}
	}

	@Test
	void theExamplesOfTheDocumentationAreWhatItAnswers() throws IOException {
		String page = Files.readString(Path.of("..", "docs", "actuator.md"));
		Matcher example = EXAMPLE.matcher(page);
		List<String> found = new ArrayList<>();
		try (WebNode node = node("app.session.redis.record-client=true", "app.session.redis.absolute-timeout=12h",
				"app.session.redis.lock.enabled=true")) {
			while (example.find()) {
				Browser anna = loggedIn(node, "anna");
				Browser operator = loggedIn(node, "ben");
				String path = example.group(2).replace("dGhlIGhhbmRsZS4x", anna.handle()).replace("alice", "anna");
				HttpResponse<String> answer = switch (example.group(1)) {
					case "GET" -> operator.get(path);
					case "DELETE" -> operator.delete(path);
					default -> operator.postJson(path, "{\"action\":\"check\"}");
				};
				assertThat(shape(this.json.readTree(answer.body()))).as(example.group(1) + " " + example.group(2))
					.isEqualTo(shape(this.json.readTree(example.group(3))));
				found.add(example.group(1));
				node.browser().delete(ENDPOINT + "?principal=anna");
				node.browser().delete(ENDPOINT + "?principal=ben");
			}
		}
		assertThat(found).contains("GET", "DELETE", "POST").hasSizeGreaterThan(7);
	}

	/**
	 * Returns the fields and their kinds; for arrays, those of the first element.
	 */
	private static Object shape(JsonNode node) {
		if (node.isObject()) {
			Map<String, Object> fields = new LinkedHashMap<>();
			node.propertyStream().forEach((field) -> fields.put(field.getKey(), shape(field.getValue())));
			return fields;
		}
		if (node.isArray()) {
			return node.isEmpty() ? List.of() : List.of(shape(node.get(0)));
		}
		if (node.isString()) {
			return node.asString().matches("\\d{4}-\\d\\d-\\d\\dT.*Z") ? "time" : "text";
		}
		return node.getNodeType().name();
	}

	@Configuration(proxyBeanMethods = false)
	static class AuditConfiguration {

		@Bean
		InMemoryAuditEventRepository auditEvents() {
			return new InMemoryAuditEventRepository();
		}

	}

}
