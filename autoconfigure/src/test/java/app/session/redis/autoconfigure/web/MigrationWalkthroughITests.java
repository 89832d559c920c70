package app.session.redis.autoconfigure.web;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import app.session.redis.test.RedisServer;
import org.junit.jupiter.api.Test;

import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.io.ByteArrayResource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests the steps of the migration from Spring Session's repositories, as described in
 * {@code docs/migration.md}.
 */
class MigrationWalkthroughITests {

	private static final Pattern YAML = Pattern.compile("```yaml\\n(.*?)```", Pattern.DOTALL);

	@Test
	void userStaysLoggedInFromStepToStep() throws IOException {
		List<String[]> steps = steps();
		assertThat(steps).hasSize(3);
		try (RedisServer server = RedisServer.start()) {
			Browser user;
			try (WebNode first = WebNode.start(server, steps.get(0))) {
				user = first.browser();
				user.get("/write?value=kept");
				user.logIn("anna");
				assertThat(server.keys()).contains("spring:session:sessions:" + user.sessionId());
			}
			try (WebNode second = WebNode.start(server, steps.get(1))) {
				user = user.at(second.port());
				assertThat(user.get("/private/read").body()).isEqualTo("kept null");
				assertThat(user.get("/find?principal=anna").body()).isEqualTo("1");
			}
			try (WebNode third = WebNode.start(server, steps.get(2))) {
				user = user.at(third.port());
				assertThat(user.get("/private/read").body()).isEqualTo("kept null");
				user.logOut();
				assertThat(user.get("/read").body()).isEqualTo("none");
			}
			assertThat(server.keys()).noneMatch((key) -> key.contains(":session:{"));
		}
	}

	private static List<String[]> steps() throws IOException {
		List<String[]> steps = new ArrayList<>();
		Matcher blocks = YAML.matcher(Files.readString(Path.of("..", "docs", "migration.md")));
		while (blocks.find()) {
			List<String> properties = new ArrayList<>();
			new YamlPropertySourceLoader()
				.load("step", new ByteArrayResource(blocks.group(1).getBytes(StandardCharsets.UTF_8)))
				.forEach((source) -> {
					EnumerablePropertySource<?> step = (EnumerablePropertySource<?>) source;
					for (String name : step.getPropertyNames()) {
						properties.add(name + "=" + step.getProperty(name));
					}
				});
			steps.add(properties.toArray(String[]::new));
		}
		return steps;
	}

}
