package app.session.redis.autoconfigure.web;

import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;

import app.session.redis.test.RedisServer;
import app.session.redis.test.TcpProxy;
import io.lettuce.core.AclSetuserArgs;
import io.lettuce.core.protocol.CommandType;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests the health indicator {@code redisSession} on healthy servers and on servers with
 * problems.
 */
class SessionHealthITests {

	private static final String HEALTH = "/actuator/health/redisSession";

	private static final String READINESS = "/actuator/health/readiness";

	private final JsonMapper json = new JsonMapper();

	private static RedisServer.Builder wellSet() {
		return RedisServer.builder()
			.option("appendonly", "yes")
			.option("maxmemory", "100mb")
			.option("maxmemory-policy", "noeviction");
	}

	private static WebNode node(RedisServer server, String... more) {
		return WebNode.start(server, properties(more));
	}

	private static String[] properties(String... more) {
		List<String> properties = new ArrayList<>(List.of("management.endpoint.health.show-details=always",
				"management.endpoint.health.group.readiness.include=readinessState,redisSession"));
		properties.addAll(List.of(more));
		return properties.toArray(String[]::new);
	}

	private JsonNode details(WebNode node) {
		HttpResponse<String> response = node.browser().get(HEALTH);
		assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
		JsonNode health = this.json.readTree(response.body());
		assertThat(health.get("status").asString()).isEqualTo("UP");
		assertThat(node.browser().get(READINESS).statusCode()).as("stays in the load balancer").isEqualTo(200);
		return health.get("details");
	}

	private void assertWarns(WebNode node, String condition, String code) {
		JsonNode details = details(node);
		assertThat(details.get("condition").asString()).isEqualTo(condition);
		assertThat(details.get("warnings").valueStream().map(JsonNode::asString))
			.anySatisfy((warning) -> assertThat(warning).contains(code));
	}

	@Test
	void aStoreThatIsWellIsUpWithItsDetails() {
		try (RedisServer server = wellSet().start(); WebNode node = node(server)) {
			node.browser().get("/new");
			await()
				.untilAsserted(() -> assertThat(details(node).at("/collector/leader").asString()).isNotEqualTo("none"));
			JsonNode details = details(node);
			assertThat(details.get("server").asString()).matches("(redis|valkey) \\d+\\..*");
			assertThat(details.get("mode").asString()).isEqualTo("standalone");
			assertThat(details.get("sessions").asLong()).isEqualTo(1);
			assertThat(details.at("/collector/lagMillis").asLong()).isLessThan(30_000);
			assertThat(details.get("condition").asString()).isEqualTo("GOOD");
			assertThat(details.has("warnings")).isFalse();
		}
	}

	@Test
	void anEvictionPolicyIsReported() {
		try (RedisServer server = wellSet().option("maxmemory-policy", "allkeys-lru").start();
				WebNode node = node(server)) {
			assertWarns(node, "WARNING", "EVICTION");
		}
	}

	@Test
	void memoryThatFillsUpIsReported() {
		try (RedisServer server = wellSet().start(); WebNode node = node(server)) {
			assertThat(details(node).get("condition").asString()).isEqualTo("GOOD");
			for (int i = 0; i < 95; i++) {
				server.commands().set("app:session:" + i, "x".repeat(1_000_000));
			}
			assertWarns(node, "WARNING", "MEMORY_NEARLY_FULL");
		}
	}

	@Test
	void aLostReplicaIsReported() {
		try (RedisServer server = wellSet().start();
				RedisServer replica = RedisServer.builder().replicaOf(server).start()) {
			await().until(() -> server.commands().info("replication").contains("state=online"));
			try (WebNode node = node(server)) {
				assertThat(details(node).get("condition").asString()).isEqualTo("GOOD");
				replica.close();
				await().untilAsserted(() -> assertWarns(node, "WARNING", "REPLICA_LOST"));
			}
		}
	}

	@Test
	void sessionsThatNoNodeCollectsAreReported() {
		try (RedisServer server = wellSet().start();
				WebNode node = node(server, "app.session.redis.collector.enabled=false")) {
			assertWarns(node, "WARNING", "COLLECTOR_MISSING");
		}
	}

	@Test
	void aStuckCollectorIsReported() {
		try (RedisServer server = wellSet().start();
				WebNode node = node(server, "app.session.redis.collector.enabled=false")) {
			server.commands().set("app:session:collector", "another node");
			assertThat(details(node).get("condition").asString()).isEqualTo("GOOD");
			server.commands().zadd("app:session:expiry:3", System.currentTimeMillis() - 60_000, "AAAAAAAAAAAAAAAA");
			assertWarns(node, "WARNING", "COLLECTOR_BEHIND");
		}
	}

	@Test
	void itIsDownWhileRedisIsAwayAndAnswersImmediatelyOnceThatIsKnown() {
		try (RedisServer server = wellSet().start();
				TcpProxy proxy = TcpProxy.to(server);
				WebNode node = WebNode.start(proxy, properties("app.session.redis.command-timeout=300ms"))) {
			assertThat(node.browser().get(HEALTH).statusCode()).isEqualTo(200);
			proxy.stopForwarding();
			await().untilAsserted(() -> {
				HttpResponse<String> response = node.browser().get(HEALTH);
				assertThat(response.statusCode()).isEqualTo(503);
				assertThat(this.json.readTree(response.body()).at("/details/error").asString())
					.contains("no command is sent");
			});
			assertThat(node.browser().get(READINESS).statusCode()).isEqualTo(503);
			proxy.forward();
			await().until(() -> node.browser().get(READINESS).statusCode() == 200);
		}
	}

	@Test
	void aUserWithoutPermissionForInfoIsNotAnOutage() {
		try (RedisServer server = wellSet().start()) {
			server.commands()
				.aclSetuser("app",
						AclSetuserArgs.Builder.on()
							.addPassword("secret")
							.allKeys()
							.allChannels()
							.allCommands()
							.removeCommand(CommandType.INFO));
			try (WebNode node = node(server, "app.session.redis.username=app", "app.session.redis.password=secret")) {
				node.browser().get("/new");
				JsonNode details = details(node);
				assertThat(details.get("server").asString()).isEqualTo("INFO is not permitted");
				assertThat(details.get("sessions").asLong()).isEqualTo(1);
			}
		}
	}

	@Test
	void itIsThereForSpringSessionsRepositoriesToo() {
		try (RedisServer server = wellSet().start();
				WebNode node = node(server, "app.session.redis.repository-type=default")) {
			JsonNode details = details(node);
			assertThat(details.get("condition").asString()).isEqualTo("GOOD");
			assertThat(details.has("sessions")).isFalse();
		}
	}

	@Test
	void itCanBeSwitchedOff() {
		try (RedisServer server = wellSet().start();
				WebNode node = WebNode.start(server, "management.health.redis-session.enabled=false")) {
			assertThat(node.browser().get(HEALTH).statusCode()).isEqualTo(404);
		}
	}

}
