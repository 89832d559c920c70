package app.session.redis.autoconfigure;

import java.util.Map;

import app.session.redis.autoconfigure.properties.RedisSessionConfigurationException;
import app.session.redis.autoconfigure.startup.RedisSessionConnection;
import app.session.redis.servlet.AtomicRedisSessionRepository;
import app.session.redis.test.SharedRedis;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.assertj.AssertableWebApplicationContext;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.boot.test.util.TestPropertyValues.Type;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.session.MapSessionRepository;
import org.springframework.session.SessionRepository;
import org.springframework.session.config.annotation.web.http.EnableSpringHttpSession;
import org.springframework.session.data.redis.RedisIndexedSessionRepository;
import org.springframework.session.data.redis.RedisSessionRepository;
import org.springframework.session.data.redis.config.annotation.web.http.EnableRedisHttpSession;
import org.springframework.session.data.redis.config.annotation.web.http.EnableRedisIndexedHttpSession;
import org.springframework.session.web.http.SessionRepositoryFilter;

import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(OutputCaptureExtension.class)
class RedisSessionBackOffAutoConfigurationTests {

	private final WebApplicationContextRunner contextRunner = ContextRunners.application();

	@Test
	void repositoryOfApplication_backsOffAndSaysSoOnce(CapturedOutput output) {
		this.contextRunner.withUserConfiguration(MapRepositoryConfiguration.class).run((context) -> {
			assertThat(context.getBean(SessionRepository.class)).isInstanceOf(MapSessionRepository.class);
			assertThat(context).doesNotHaveBean(RedisSessionConnection.class);
			assertThat(context).doesNotHaveBean("redisSessionConnectionFactory");
			assertThat(output.toString().lines().filter((line) -> line.contains("backs off"))).singleElement()
				.asString()
				.contains("the SessionRepository bean 'mapRepository' (MapSessionRepository)", "INFO");
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "app.session.redis.encryption.enabled=true", "app.session.redis.limits.per-principal=2",
			"app.session.redis.hosts[0]=redis.example.com", "app.session.redis.command-timeout=2s",
			"app.session.redis.enabled=true" })
	void repositoryOfApplicationAndAnyProperty_failsNamingBoth(String property) {
		String name = property.substring(0, property.indexOf('='));
		this.contextRunner.withUserConfiguration(MapRepositoryConfiguration.class)
			.withPropertyValues(property)
			.run((context) -> assertThat(failure(context)).hasMessageContaining("'mapRepository'")
				.hasMessageContaining("'" + name + "'")
				.extracting(RedisSessionConfigurationException::getAction)
				.asString()
				.contains("Remove the bean"));
	}

	@Test
	void repositoryOfApplicationAndEnvironmentVariable_failsNamingTheProperty() {
		this.contextRunner.withUserConfiguration(MapRepositoryConfiguration.class)
			.withInitializer((context) -> TestPropertyValues.of("APP_SESSION_REDIS_HOST=redis.example.com")
				.applyTo(context.getEnvironment(), Type.SYSTEM_ENVIRONMENT))
			.run((context) -> assertThat(failure(context))
				.hasMessageContaining("'app.session.redis.host' has no effect"));
	}

	@Test
	void repositoryOfApplicationAndPropertiesOfAnotherPrefix_starts() {
		this.contextRunner.withUserConfiguration(MapRepositoryConfiguration.class)
			.withPropertyValues("app.session.redistribute=true", "app.session.timeout=1m")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void repositoryOfApplicationAndProperties_disabledStartsSilently(CapturedOutput output) {
		this.contextRunner.withUserConfiguration(MapRepositoryConfiguration.class)
			.withPropertyValues("app.session.redis.enabled=false", "app.session.redis.encryption.enabled=true")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(output).doesNotContain("backs off");
			});
	}

	@Test
	void enableRedisHttpSession_backsOffAndNamesTheAnnotation(CapturedOutput output) {
		sharedDataRedis().withUserConfiguration(DefaultSessionsConfiguration.class).run((context) -> {
			assertThat(context.getBean(SessionRepository.class)).isInstanceOf(RedisSessionRepository.class);
			assertThat(output).contains("@EnableRedisHttpSession on")
				.contains("DefaultSessionsConfiguration, so redis-session-spring-boot-starter backs off");
		});
	}

	@Test
	void enableRedisIndexedHttpSession_backsOffAndNamesTheAnnotation(CapturedOutput output) {
		sharedDataRedis().withUserConfiguration(IndexedSessionsConfiguration.class).run((context) -> {
			assertThat(context.getBean(SessionRepository.class)).isInstanceOf(RedisIndexedSessionRepository.class);
			assertThat(output).contains("@EnableRedisIndexedHttpSession on");
		});
	}

	@ParameterizedTest
	@ValueSource(classes = { DefaultSessionsConfiguration.class, IndexedSessionsConfiguration.class })
	void enabledSpringSessionAndAnyProperty_failsBeforeAnythingConnects(Class<?> configuration) {
		this.contextRunner.withUserConfiguration(configuration, UnusableConnectionConfiguration.class)
			.withPropertyValues("app.session.redis.encryption.enabled=true", "app.session.redis.timeout=5m")
			.run((context) -> assertThat(failure(context))
				.hasMessageContaining(
						"HttpSession on RedisSessionBackOffAutoConfigurationTests." + configuration.getSimpleName())
				.hasMessageContaining(
						"'app.session.redis.encryption.enabled', 'app.session.redis.timeout' have no effect")
				.extracting(RedisSessionConfigurationException::getAction)
				.asString()
				.contains("Remove the annotation", "'app.session.redis.enabled' to false"));
	}

	@Test
	void repositoryOfTheStarterInTheParent_startsSilently(CapturedOutput output) {
		ContextRunners.sharedRedis()
			.run((parent) -> new WebApplicationContextRunner()
				.withConfiguration(AutoConfigurations.of(RedisSessionAutoConfiguration.class,
						RedisSessionBackOffAutoConfiguration.class))
				.withParent(parent)
				.withPropertyValues("app.session.redis.port=" + SharedRedis.standalone().port())
				.run((context) -> {
					assertThat(context).hasNotFailed();
					assertThat(output).doesNotContain("backs off");
				}));
	}

	@Test
	void enableSpringHttpSession_failsAndSaysWhatToRemove() {
		ContextRunners.noRedis()
			.withUserConfiguration(SpringHttpSessionsConfiguration.class)
			.run((context) -> assertThat(failure(context)).hasMessageContaining(
					"@EnableSpringHttpSession on RedisSessionBackOffAutoConfigurationTests.SpringHttpSessionsConfiguration")
				.extracting(RedisSessionConfigurationException::getAction)
				.asString()
				.contains("Remove @EnableSpringHttpSession"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "default", "indexed" })
	void enableSpringHttpSession_worksWithARepositoryOfSpringSession(String type) {
		ContextRunners.sharedRedis()
			.withUserConfiguration(SpringHttpSessionsConfiguration.class)
			.withPropertyValues("app.session.redis.repository-type=" + type)
			.run((context) -> assertThat(context).hasSingleBean(SessionRepositoryFilter.class));
	}

	@Test
	void enableSpringHttpSession_worksWithARepositoryOfTheApplication() {
		this.contextRunner
			.withUserConfiguration(SpringHttpSessionsConfiguration.class, MapRepositoryConfiguration.class)
			.run((context) -> assertThat(context).hasSingleBean(SessionRepositoryFilter.class)
				.doesNotHaveBean(AtomicRedisSessionRepository.class));
	}

	private WebApplicationContextRunner sharedDataRedis() {
		return this.contextRunner.withPropertyValues("spring.data.redis.port=" + SharedRedis.standalone().port());
	}

	private static RedisSessionConfigurationException failure(AssertableWebApplicationContext context) {
		Throwable failure = context.getStartupFailure();
		assertThat(failure).isInstanceOf(RedisSessionConfigurationException.class);
		return (RedisSessionConfigurationException) failure;
	}

	@Configuration(proxyBeanMethods = false)
	static class MapRepositoryConfiguration {

		@Bean
		MapSessionRepository mapRepository() {
			return new MapSessionRepository(Map.of());
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableRedisHttpSession
	static class DefaultSessionsConfiguration {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableRedisIndexedHttpSession
	static class IndexedSessionsConfiguration {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableSpringHttpSession
	static class SpringHttpSessionsConfiguration {

	}

	@Configuration(proxyBeanMethods = false)
	static class UnusableConnectionConfiguration {

		@Bean
		RedisConnectionFactory unusableConnectionFactory() {
			throw new AssertionError("Instantiated");
		}

		@Bean
		LettuceConnectionFactory otherUnusableConnectionFactory() {
			throw new AssertionError("Instantiated");
		}

	}

}
