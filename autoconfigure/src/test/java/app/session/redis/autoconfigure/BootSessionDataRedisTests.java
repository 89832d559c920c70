package app.session.redis.autoconfigure;

import java.util.Map;

import app.session.redis.reactive.ReactiveAtomicRedisSessionRepository;
import app.session.redis.servlet.AtomicRedisSessionRepository;
import app.session.redis.servlet.RedisSessionFilter;
import app.session.redis.test.SharedRedis;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisReactiveAutoConfiguration;
import org.springframework.boot.session.autoconfigure.SessionAutoConfiguration;
import org.springframework.boot.session.data.redis.autoconfigure.SessionDataRedisAutoConfiguration;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.session.MapSessionRepository;
import org.springframework.session.ReactiveSessionRepository;
import org.springframework.session.SessionRepository;
import org.springframework.session.data.redis.RedisIndexedSessionRepository;
import org.springframework.session.data.redis.RedisSessionRepository;
import org.springframework.session.web.http.SessionRepositoryFilter;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests with Spring Boot's own {@code spring-boot-session-data-redis} also on the class
 * path.
 */
@ExtendWith(OutputCaptureExtension.class)
class BootSessionDataRedisTests {

	private final WebApplicationContextRunner contextRunner = ContextRunners.sharedRedis()
		.withConfiguration(AutoConfigurations.of(SessionDataRedisAutoConfiguration.class))
		.withPropertyValues("spring.data.redis.port=" + SharedRedis.standalone().port());

	@Test
	void starterTakesPrecedence() {
		this.contextRunner.run((context) -> {
			assertThat(context).hasSingleBean(SessionRepository.class)
				.hasSingleBean(AtomicRedisSessionRepository.class)
				.hasSingleBean(SessionRepositoryFilter.class);
			assertThat(context.getBean(SessionRepositoryFilter.class)).isExactlyInstanceOf(RedisSessionFilter.class);
		});
	}

	@Test
	void starterTakesPrecedenceInWhateverOrderClassesAreListed() {
		new WebApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(SessionDataRedisAutoConfiguration.class, SessionAutoConfiguration.class,
							RedisSessionBackOffAutoConfiguration.class, RedisSessionAutoConfiguration.class,
							DataRedisReactiveAutoConfiguration.class, DataRedisAutoConfiguration.class))
			.withPropertyValues("app.session.redis.port=" + SharedRedis.standalone().port())
			.run((context) -> assertThat(context.getBean(SessionRepository.class))
				.isInstanceOf(AtomicRedisSessionRepository.class));
	}

	@ParameterizedTest
	@CsvSource({ "default, org.springframework.session.data.redis.RedisSessionRepository",
			"indexed, org.springframework.session.data.redis.RedisIndexedSessionRepository" })
	void repositoryTypeOfTheStarterDecides(String type, Class<?> repository) {
		this.contextRunner.withPropertyValues("app.session.redis.repository-type=" + type)
			.run((context) -> assertThat(context.getBean(SessionRepository.class)).isInstanceOf(repository));
	}

	@Test
	void propertiesOfSpringBootDoNotReplaceTheRepositoryAndAreReported(CapturedOutput output) {
		this.contextRunner
			.withPropertyValues("spring.session.data.redis.repository-type=indexed",
					"spring.session.data.redis.namespace=other")
			.run((context) -> {
				assertThat(context.getBean(SessionRepository.class)).isInstanceOf(AtomicRedisSessionRepository.class);
				assertThat(output).contains("The property 'spring.session.data.redis.repository-type' has no effect");
			});
	}

	@ParameterizedTest
	@ValueSource(strings = { "default", "indexed" })
	void disabledStarterLeavesSessionsToSpringBoot(String type) {
		this.contextRunner
			.withPropertyValues("app.session.redis.enabled=false", "spring.session.data.redis.repository-type=" + type)
			.run((context) -> assertThat(context.getBean(SessionRepository.class)).isInstanceOf(
					"indexed".equals(type) ? RedisIndexedSessionRepository.class : RedisSessionRepository.class));
	}

	@Test
	void repositoryOfTheApplicationReplacesBoth() {
		ContextRunners.application()
			.withConfiguration(AutoConfigurations.of(SessionDataRedisAutoConfiguration.class))
			.withUserConfiguration(MapRepositoryConfiguration.class)
			.run((context) -> assertThat(context.getBean(SessionRepository.class))
				.isInstanceOf(MapSessionRepository.class));
	}

	@Test
	void reactiveApplication_usesTheStartersRepository() {
		new ReactiveWebApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(RedisSessionReactiveAutoConfiguration.class,
					SessionDataRedisAutoConfiguration.class, SessionAutoConfiguration.class,
					DataRedisReactiveAutoConfiguration.class, DataRedisAutoConfiguration.class))
			.withUserConfiguration(ServerConfiguration.class)
			.withPropertyValues("app.session.redis.port=" + SharedRedis.standalone().port())
			.run((context) -> assertThat(context).getBean(ReactiveSessionRepository.class)
				.isInstanceOf(ReactiveAtomicRedisSessionRepository.class));
	}

	@Configuration(proxyBeanMethods = false)
	static class MapRepositoryConfiguration {

		@Bean
		MapSessionRepository mapRepository() {
			return new MapSessionRepository(Map.of());
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(ServerProperties.class)
	static class ServerConfiguration {

	}

}
