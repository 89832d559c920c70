package app.session.redis.autoconfigure.web;

import java.util.List;

import app.session.redis.autoconfigure.connection.RedisSessionConnectionDetails;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import com.redis.testcontainers.RedisContainer;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.boot.testcontainers.service.connection.ServiceConnection;
import org.springframework.context.annotation.Bean;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests a container for the sessions of an application that has a different Redis for its
 * own data.
 */
@RequiresContainers
@SpringBootTest(classes = { WebTestApplication.class, SessionContainerITests.Containers.class },
		webEnvironment = WebEnvironment.RANDOM_PORT, properties = "app.session.redis.host=nowhere.invalid")
@DirtiesContext
class SessionContainerITests {

	private static final RedisServer own = SharedRedis.standalone();

	@DynamicPropertySource
	static void ownRedis(DynamicPropertyRegistry registry) {
		registry.add("spring.data.redis.host", own::host);
		registry.add("spring.data.redis.port", own::port);
	}

	@Test
	void sessionsAreInTheContainer_dataOfTheApplicationIsNot(@Autowired RedisContainer container,
			@Autowired StringRedisTemplate redisTemplate, @LocalServerPort int port) {
		Browser browser = new Browser(port);
		browser.get("/write?value=apple");
		redisTemplate.opsForValue().set("basket", "apple");
		assertThat(browser.get("/read").body()).startsWith("apple");
		List<String> inContainer = ContainerKeys.of(container.getHost(), container.getFirstMappedPort());
		assertThat(inContainer).anyMatch((key) -> key.contains(browser.handle())).doesNotContain("basket");
		assertThat(own.keys()).contains("basket").noneMatch((key) -> key.contains(browser.handle()));
	}

	@TestConfiguration(proxyBeanMethods = false)
	static class Containers {

		@Bean
		@ServiceConnection(type = RedisSessionConnectionDetails.class)
		RedisContainer sessionRedis() {
			return new RedisContainer(ContainersCondition.IMAGE);
		}

	}

}
