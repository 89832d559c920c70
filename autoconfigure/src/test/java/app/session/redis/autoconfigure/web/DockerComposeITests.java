package app.session.redis.autoconfigure.web;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import app.session.redis.autoconfigure.documentation.Snippet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.StringRedisTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests services that Spring Boot starts through Docker Compose with the application,
 * with the file of {@code docs/connecting.md}.
 */
@RequiresContainers(compose = true)
class DockerComposeITests {

	@TempDir
	Path folder;

	private Path file;

	@BeforeEach
	void writeFile() throws IOException {
		String services = Snippet.of(Path.of("docs", "connecting.md"))
			.stream()
			.map(Snippet::text)
			.filter((text) -> text.startsWith("services:"))
			.findFirst()
			.orElseThrow();
		assertThat(services).contains(ContainersCondition.IMAGE.toString());
		this.file = Files.writeString(this.folder.resolve("compose.yaml"), services);
	}

	@AfterEach
	void removeContainers() {
		assertThat(ContainersCondition.succeeds("docker", "compose", "--file", this.file.toString(), "down")).isTrue();
	}

	@Test
	void sessionsAreInTheLabelledService_dataOfTheApplicationInTheOther() {
		try (WebNode node = WebNode.start(List.of(WebTestApplication.class),
				List.of("spring.docker.compose.file=" + this.file, "spring.docker.compose.skip.in-tests=false",
						"spring.docker.compose.lifecycle-management=start-only"))) {
			Browser browser = node.browser();
			browser.get("/write?value=apple");
			node.bean(StringRedisTemplate.class).opsForValue().set("data", "apple");
			assertThat(browser.get("/read").body()).startsWith("apple");
			assertThat(keys(node.bean("redisSessionConnectionFactory", LettuceConnectionFactory.class)))
				.anyMatch((key) -> key.contains(browser.handle()))
				.doesNotContain("data");
			assertThat(keys((LettuceConnectionFactory) node.bean(RedisConnectionFactory.class)))
				.containsExactly("data");
		}
	}

	private static List<String> keys(LettuceConnectionFactory factory) {
		return ContainerKeys.of(factory.getHostName(), factory.getPort());
	}

}
