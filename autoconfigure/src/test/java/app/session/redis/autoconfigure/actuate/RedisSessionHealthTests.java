package app.session.redis.autoconfigure.actuate;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

import app.session.redis.autoconfigure.ContextRunners;
import app.session.redis.test.SharedRedis;
import org.junit.jupiter.api.Test;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.data.redis.autoconfigure.health.DataRedisHealthContributorAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.health.DataRedisReactiveHealthContributorAutoConfiguration;
import org.springframework.boot.data.redis.health.DataRedisHealthIndicator;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.test.util.ReflectionTestUtils;

import static org.assertj.core.api.Assertions.assertThat;

class RedisSessionHealthTests {

	private final WebApplicationContextRunner contextRunner = ContextRunners.sharedRedis()
		.withConfiguration(AutoConfigurations.of(RedisHealthContributorAutoConfiguration.class,
				DataRedisHealthContributorAutoConfiguration.class,
				DataRedisReactiveHealthContributorAutoConfiguration.class));

	@Test
	void onlySessionRedis_isAllThatHealthAsks() {
		this.contextRunner.run((context) -> {
			HealthContributor health = health(context);
			assertThat(health).isInstanceOf(DataRedisHealthIndicator.class);
			assertThat(ReflectionTestUtils.getField(health, "redisConnectionFactory"))
				.isSameAs(context.getBean("redisSessionConnectionFactory"));
			assertThat(((HealthIndicator) health).health().getStatus()).isEqualTo(Status.UP);
		});
	}

	@Test
	void dataRedisSet_healthChecksBoth() {
		this.contextRunner.withPropertyValues("spring.data.redis.port=" + SharedRedis.standalone().port())
			.run((context) -> assertThat(names(context)).containsExactlyInAnyOrder("redisConnectionFactory",
					"redisSessionConnectionFactory"));
	}

	@Test
	void onlyRepositoriesOfDataRedisSet_doesNotConfigureAConnection() {
		this.contextRunner.withPropertyValues("spring.data.redis.repositories.enabled=false")
			.run((context) -> assertThat(health(context)).isInstanceOf(DataRedisHealthIndicator.class));
	}

	@Test
	void factoryOfApplication_healthChecksBoth() {
		this.contextRunner.withUserConfiguration(OwnFactoryConfiguration.class)
			.run((context) -> assertThat(names(context)).containsExactlyInAnyOrder("own",
					"redisSessionConnectionFactory"));
	}

	@Test
	void healthDisabled_isAbsent() {
		this.contextRunner.withPropertyValues("management.health.redis.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean("redisHealthContributor"));
	}

	@Test
	void startersSessionsDisabled_healthIsBoots() {
		this.contextRunner.withPropertyValues("app.session.redis.enabled=false")
			.run((context) -> assertThat(context).hasBean("redisHealthContributor")
				.doesNotHaveBean(RedisHealthContributorAutoConfiguration.class));
	}

	@Test
	void applicationWithOnlySessionRedis_answers200() throws Exception {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
			.properties("server.port=0", "app.session.redis.port=" + SharedRedis.standalone().port(),
					"management.endpoint.health.show-details=always",
					"management.endpoint.health.show-components=always", "management.endpoints.web.base-path=/actuator")
			.run()) {
			String port = context.getEnvironment().getProperty("local.server.port");
			HttpResponse<String> response = HttpClient.newHttpClient()
				.send(HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/actuator/health")).build(),
						HttpResponse.BodyHandlers.ofString());
			assertThat(response.statusCode()).isEqualTo(200);
			assertThat(response.body()).contains("\"redis\"").doesNotContain("DOWN", "redisConnectionFactory");
		}
	}

	private static HealthContributor health(ApplicationContext context) {
		return context.getBean("redisHealthContributor", HealthContributor.class);
	}

	private static Iterable<String> names(ApplicationContext context) {
		return ((CompositeHealthContributor) health(context)).stream().map((entry) -> entry.name()).toList();
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		SecurityFilterChain openToAll(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().permitAll()).build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnFactoryConfiguration {

		@Bean
		LettuceConnectionFactory own() {
			return new LettuceConnectionFactory(SharedRedis.standalone().host(), SharedRedis.standalone().port());
		}

	}

}
