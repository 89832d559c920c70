package app.session.redis.autoconfigure.docker;

import java.util.Map;

import app.session.redis.autoconfigure.ContextRunners;
import app.session.redis.autoconfigure.connection.RedisSessionConnectionDetails;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import static org.assertj.core.api.Assertions.assertThat;

class RedisSessionDockerComposeConnectionDetailsTests {

	private static final RedisServer redis = SharedRedis.standalone();

	private static final Map<String, String> FOR_SESSIONS = Map.of("org.springframework.boot.service-connection",
			"session-redis");

	private final WebApplicationContextRunner contextRunner = ContextRunners.application();

	@Test
	void serviceWithOurLabel_isForSessionsOnly() {
		this.contextRunner
			.withInitializer(
					ComposeService.started(ComposeService.of("valkey/valkey:8.1.4", redis.port(), FOR_SESSIONS)))
			.withPropertyValues("app.session.redis.host=nowhere", "spring.data.redis.host=elsewhere")
			.run((context) -> {
				assertThat(session(context).getHostName()).isEqualTo("127.0.0.1");
				assertThat(session(context).getPort()).isEqualTo(redis.port());
				assertThat(application(context).getHostName()).isEqualTo("elsewhere");
			});
	}

	@Test
	void redisServiceWithoutLabel_isTheApplicationsAndServesSessions() {
		this.contextRunner
			.withInitializer(ComposeService.started(ComposeService.of("redis:7.0.15", redis.port(), Map.of())))
			.run((context) -> {
				assertThat(context).doesNotHaveBean(RedisSessionConnectionDetails.class);
				assertThat(session(context).getPort()).isEqualTo(redis.port());
				assertThat(application(context).getPort()).isEqualTo(redis.port());
			});
	}

	@Test
	void twoServices_goTheirOwnWays() {
		try (RedisServer other = RedisServer.start()) {
			this.contextRunner
				.withInitializer(ComposeService.started(ComposeService.of("redis:7.0.15", redis.port(), FOR_SESSIONS),
						ComposeService.of("redis:7.0.15", other.port(), Map.of())))
				.run((context) -> {
					assertThat(session(context).getPort()).isEqualTo(redis.port());
					assertThat(application(context).getPort()).isEqualTo(other.port());
				});
		}
	}

	@Test
	void otherService_isNone() {
		ContextRunners.noRedis()
			.withInitializer(ComposeService.started(ComposeService.of("postgres:18", 5432, Map.of())))
			.run((context) -> {
				assertThat(context).doesNotHaveBean(RedisSessionConnectionDetails.class);
				assertThat(session(context).getPort()).isEqualTo(6379);
			});
	}

	private static LettuceConnectionFactory session(ApplicationContext context) {
		return context.getBean("redisSessionConnectionFactory", LettuceConnectionFactory.class);
	}

	private static LettuceConnectionFactory application(ApplicationContext context) {
		return (LettuceConnectionFactory) context.getBean(RedisConnectionFactory.class);
	}

}
