package app.session.redis.autoconfigure.testcontainers;

import app.session.redis.autoconfigure.connection.RedisSessionConnectionDetails;
import com.redis.testcontainers.RedisContainer;
import org.junit.jupiter.api.Test;
import org.testcontainers.containers.GenericContainer;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.service.connection.ConnectionDetails;
import org.springframework.boot.data.redis.autoconfigure.DataRedisConnectionDetails;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.testcontainers.service.connection.JksTrustStore;
import org.springframework.boot.testcontainers.service.connection.ServiceConnection;
import org.springframework.boot.testcontainers.service.connection.ServiceConnectionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests which containers are used as the Redis for sessions. No container is started.
 */
class RedisSessionContainerConnectionDetailsTests {

	private static final String IMAGE = "redis:7.0.15";

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(ServiceConnectionAutoConfiguration.class));

	@Test
	void redisContainerOfOurType_isForSessionsOnly() {
		this.contextRunner.withUserConfiguration(TypedConfiguration.class).run((context) -> {
			assertThat(context).hasSingleBean(RedisSessionConnectionDetails.class);
			assertThat(context).doesNotHaveBean(DataRedisConnectionDetails.class);
		});
	}

	@Test
	void anyContainerOfOurType_isForSessionsOnly() {
		this.contextRunner.withUserConfiguration(GenericTypedConfiguration.class).run((context) -> {
			assertThat(context).hasSingleBean(RedisSessionConnectionDetails.class);
			assertThat(context).doesNotHaveBean(DataRedisConnectionDetails.class);
		});
	}

	@Test
	void containerOfOurName_isForSessionsOnly() {
		this.contextRunner.withUserConfiguration(NamedConfiguration.class).run((context) -> {
			assertThat(context).hasSingleBean(RedisSessionConnectionDetails.class);
			assertThat(context).doesNotHaveBean(DataRedisConnectionDetails.class);
		});
	}

	@Test
	void redisContainer_isTheApplications() {
		this.contextRunner.withUserConfiguration(PlainConfiguration.class).run((context) -> {
			assertThat(context).hasSingleBean(DataRedisConnectionDetails.class);
			assertThat(context).doesNotHaveBean(RedisSessionConnectionDetails.class);
		});
	}

	@Test
	void containerOfBootsName_isTheApplications() {
		this.contextRunner.withUserConfiguration(BootNamedConfiguration.class).run((context) -> {
			assertThat(context).hasSingleBean(DataRedisConnectionDetails.class);
			assertThat(context).doesNotHaveBean(RedisSessionConnectionDetails.class);
		});
	}

	@Test
	void redisContainerOfTheSupertypeOfAllDetails_isTheApplications() {
		this.contextRunner.withUserConfiguration(SupertypeConfiguration.class).run((context) -> {
			assertThat(context).hasSingleBean(DataRedisConnectionDetails.class);
			assertThat(context).doesNotHaveBean(RedisSessionConnectionDetails.class);
		});
	}

	@Test
	void redisContainerOfBothTypes_isForBoth() {
		this.contextRunner.withUserConfiguration(BothTypesConfiguration.class).run((context) -> {
			assertThat(context).hasSingleBean(DataRedisConnectionDetails.class);
			assertThat(context).hasSingleBean(RedisSessionConnectionDetails.class);
		});
	}

	/** Spring Boot uses a {@link RedisContainer} regardless of its name. */
	@Test
	void redisContainerOfOurName_isForBoth() {
		this.contextRunner.withUserConfiguration(NamedRedisConfiguration.class).run((context) -> {
			assertThat(context).hasSingleBean(DataRedisConnectionDetails.class);
			assertThat(context).hasSingleBean(RedisSessionConnectionDetails.class);
		});
	}

	@Test
	void twoContainers_goTheirOwnWays() {
		this.contextRunner.withUserConfiguration(TypedConfiguration.class, PlainConfiguration.class).run((context) -> {
			assertThat(Origin.from(context.getBean(RedisSessionConnectionDetails.class)).toString())
				.contains("'typed'");
			assertThat(Origin.from(context.getBean(DataRedisConnectionDetails.class)).toString()).contains("'plain'");
		});
	}

	@Test
	void storeAnnotation_givesTheBundle() {
		this.contextRunner.withUserConfiguration(SslConfiguration.class)
			.run((context) -> assertThat(context.getBean(RedisSessionConnectionDetails.class).getSslBundle())
				.isNotNull());
		this.contextRunner.withUserConfiguration(TypedConfiguration.class)
			.run((context) -> assertThat(context.getBean(RedisSessionConnectionDetails.class).getSslBundle()).isNull());
	}

	@Configuration(proxyBeanMethods = false)
	static class TypedConfiguration {

		@Bean
		@ServiceConnection(type = RedisSessionConnectionDetails.class)
		RedisContainer typed() {
			return new RedisContainer(IMAGE);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class GenericTypedConfiguration {

		@Bean
		@ServiceConnection(type = RedisSessionConnectionDetails.class)
		GenericContainer<?> genericTyped() {
			return new GenericContainer<>("valkey/valkey:8.1.4");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NamedConfiguration {

		@Bean
		@ServiceConnection(name = "session-redis")
		GenericContainer<?> named() {
			return new GenericContainer<>(IMAGE);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class PlainConfiguration {

		@Bean
		@ServiceConnection
		RedisContainer plain() {
			return new RedisContainer(IMAGE);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class BootNamedConfiguration {

		@Bean
		@ServiceConnection(name = "redis")
		GenericContainer<?> bootNamed() {
			return new GenericContainer<>(IMAGE);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class SupertypeConfiguration {

		@Bean
		@ServiceConnection(type = ConnectionDetails.class)
		RedisContainer supertype() {
			return new RedisContainer(IMAGE);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class BothTypesConfiguration {

		@Bean
		@ServiceConnection(type = { DataRedisConnectionDetails.class, RedisSessionConnectionDetails.class })
		RedisContainer both() {
			return new RedisContainer(IMAGE);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NamedRedisConfiguration {

		@Bean
		@ServiceConnection(name = "session-redis")
		RedisContainer namedRedis() {
			return new RedisContainer(IMAGE);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class SslConfiguration {

		@Bean
		@JksTrustStore(location = "classpath:trust.jks")
		@ServiceConnection(type = RedisSessionConnectionDetails.class)
		RedisContainer encrypted() {
			return new RedisContainer(IMAGE);
		}

	}

}
