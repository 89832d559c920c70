package app.session.redis.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import app.session.redis.test.RedisServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests the recommendations of {@code docs/operations.md}.
 */
@ExtendWith(OutputCaptureExtension.class)
class OperationsPageITests {

	private static final Pattern CONF = Pattern.compile("```conf\\n(.*?)```", Pattern.DOTALL);

	private static final Pattern MEASURED = Pattern.compile("(\\d+)×(\\d+) (K?)B");

	@Test
	void theServerThatIsRecommendedPassesTheCheck(CapturedOutput output) throws IOException {
		try (RedisServer server = server(0).start()) {
			ContextRunners.application()
				.withPropertyValues("app.session.redis.hosts=127.0.0.1:" + server.port(),
						"app.session.redis.server-check=fail")
				.run((context) -> assertThat(context).hasNotFailed());
			assertThat(output).doesNotContain("Sessions in Redis:");
			assertThat(server.commands().configGet("maxmemory-policy")).containsValue("noeviction");
		}
	}

	@Test
	void theSentinelsThatAreRecommendedLeadToServersThatPassTheCheck() throws IOException {
		try (RedisServer primary = server(0, 1).start();
				RedisServer replica = server(0, 1).replicaOf(primary).start();
				RedisServer first = sentinel(primary).start();
				RedisServer second = sentinel(primary).start();
				RedisServer third = sentinel(primary).start()) {
			await().until(() -> primary.commands().info("replication").contains("state=online"));
			String hosts = Stream.of(first, second, third)
				.map((sentinel) -> "127.0.0.1:" + sentinel.port())
				.collect(Collectors.joining(","));
			ContextRunners.application()
				.withPropertyValues("app.session.redis.mode=sentinel", "app.session.redis.hosts=" + hosts,
						"app.session.redis.server-check=fail")
				.run((context) -> assertThat(context).hasNotFailed());
			assertThat(replica.commands().configGet("min-replicas-to-write")).containsValue("1");
		}
	}

	private static RedisServer.Builder server(int... blocks) throws IOException {
		RedisServer.Builder builder = RedisServer.builder();
		for (int block : blocks) {
			configuration(block).forEach((line) -> {
				String[] words = line.split(" ");
				builder.option(words[0], words[1]);
			});
		}
		return builder;
	}

	private static RedisServer.Builder sentinel(RedisServer primary) throws IOException {
		return RedisServer.builder()
			.sentinel(configuration(2).stream()
				.map((line) -> line.replace("10.0.0.1 6379", primary.host() + " " + primary.port()))
				.toList());
	}

	private static List<String> configuration(int index) throws IOException {
		List<List<String>> blocks = new ArrayList<>();
		Matcher matcher = CONF.matcher(Files.readString(Path.of("..", "docs", "operations.md")));
		while (matcher.find()) {
			blocks.add(matcher.group(1).lines().filter((line) -> !line.startsWith("#")).toList());
		}
		return blocks.get(index);
	}

	@Test
	void theFormulaForMemoryIsAnUpperBoundAndNotMuchMore() throws IOException {
		JsonNode results = JsonMapper.shared().readTree(Path.of("..", "benchmarks", "results", "memory.json").toFile());
		int compared = 0;
		for (JsonNode result : results.get("series")) {
			if (!result.get("store").asString().equals("redis-session")) {
				continue;
			}
			Matcher shape = MEASURED.matcher(result.get("scenario").asString());
			assertThat(shape.matches()).as(result.get("scenario").asString()).isTrue();
			int attributes = Integer.parseInt(shape.group(1));
			int bytes = Integer.parseInt(shape.group(2)) * (shape.group(3).isEmpty() ? 1 : 1024);
			double formula = 600 + attributes * (100 + 1.25 * (10 + bytes));
			double measured = median(result);
			assertThat(formula).as(shape.group()).isGreaterThan(measured);
			if (bytes > 64) {
				assertThat(formula).as(shape.group()).isLessThan(measured * 1.25);
				compared++;
			}
		}
		assertThat(compared).isEqualTo(2);
	}

	private static double median(JsonNode result) {
		List<Double> values = new ArrayList<>();
		result.get("samples").valueStream().map(JsonNode::asDouble).forEach(values::add);
		values.sort(null);
		return values.get(values.size() / 2);
	}

}
