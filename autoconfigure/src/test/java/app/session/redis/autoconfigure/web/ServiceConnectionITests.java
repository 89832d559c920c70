package app.session.redis.autoconfigure.web;

import java.util.List;

import app.session.redis.autoconfigure.connection.RedisSessionConnectionDetails;
import com.redis.testcontainers.RedisContainer;
import org.junit.jupiter.api.Test;
import org.testcontainers.containers.GenericContainer;

import org.springframework.boot.data.redis.autoconfigure.DataRedisConnectionDetails;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.testcontainers.service.connection.ServiceConnection;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.core.StringRedisTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests which container stores the sessions, and which stores the application's data.
 */
@RequiresContainers
class ServiceConnectionITests {

	private static final String NOWHERE = "app.session.redis.host=nowhere.invalid";

	@Test
	void redisContainer_servesBoth() {
		try (WebNode node = start(Containers.class)) {
			assertThat(keys(node.bean(RedisContainer.class), use(node))).containsExactlyInAnyOrder("session", "data");
		}
	}

	@Test
	void redisContainerOfBothTypes_servesBothWhateverTheProperties() {
		try (WebNode node = start(BothTypesConfiguration.class, NOWHERE, "spring.data.redis.host=nowhere.invalid")) {
			assertThat(keys(node.bean(RedisContainer.class), use(node))).containsExactlyInAnyOrder("session", "data");
		}
	}

	@Test
	void containerOfOurNameBesideRedisContainer_servesTheSessions() {
		try (WebNode node = start(TwoContainersConfiguration.class, NOWHERE)) {
			String handle = use(node);
			assertThat(keys(node.bean("sessions", GenericContainer.class), handle)).containsExactly("session");
			assertThat(keys(node.bean("plain", GenericContainer.class), handle)).containsExactly("data");
		}
	}

	private static WebNode start(Class<?> configuration, String... properties) {
		return WebNode.start(List.of(WebTestApplication.class, configuration), List.of(properties));
	}

	private static String use(WebNode node) {
		Browser browser = node.browser();
		browser.get("/write?value=apple");
		assertThat(browser.get("/read").body()).startsWith("apple");
		node.bean(StringRedisTemplate.class).opsForValue().set("data", "apple");
		return browser.handle();
	}

	private static List<String> keys(GenericContainer<?> container, String handle) {
		return ContainerKeys.of(container.getHost(), container.getMappedPort(6379))
			.stream()
			.map((key) -> key.contains(handle) ? "session" : key)
			.filter((key) -> key.equals("session") || key.equals("data"))
			.toList();
	}

	@TestConfiguration(proxyBeanMethods = false)
	static class Containers {

		@Bean
		@ServiceConnection
		RedisContainer redis() {
			return new RedisContainer(ContainersCondition.IMAGE);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class BothTypesConfiguration {

		@Bean
		@ServiceConnection(type = { DataRedisConnectionDetails.class, RedisSessionConnectionDetails.class })
		RedisContainer both() {
			return new RedisContainer(ContainersCondition.IMAGE);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TwoContainersConfiguration {

		@Bean
		@ServiceConnection
		RedisContainer plain() {
			return new RedisContainer(ContainersCondition.IMAGE);
		}

		@Bean
		@ServiceConnection(name = "session-redis")
		GenericContainer<?> sessions() {
			return new GenericContainer<>(ContainersCondition.IMAGE).withExposedPorts(6379);
		}

	}

}
