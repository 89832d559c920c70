package app.session.redis.autoconfigure.startup;

import java.util.concurrent.atomic.AtomicReference;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.autoconfigure.ContextRunners;
import app.session.redis.autoconfigure.properties.RedisSessionConfigurationException;
import app.session.redis.operations.ServerCheck;
import app.session.redis.test.RedisServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests the startup with a server that puts sessions at risk.
 */
@ExtendWith(OutputCaptureExtension.class)
class ServerCheckAtStartITests {

	private static RedisServer server;

	@BeforeAll
	static void start() {
		server = RedisServer.builder()
			.option("maxmemory", "100mb")
			.option("maxmemory-policy", "allkeys-lru")
			.option("appendonly", "yes")
			.start();
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	private final WebApplicationContextRunner contextRunner = ContextRunners.application()
		.withPropertyValues("app.session.redis.hosts=127.0.0.1:" + server.port());

	@Test
	void byDefault_findingsAreLogged(CapturedOutput output) {
		this.contextRunner.run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(output).containsOnlyOnce("WARNING EVICTION at 127.0.0.1:" + server.port())
				.contains("maxmemory-policy is allkeys-lru", "Set maxmemory-policy noeviction in redis.conf.");
		});
	}

	@Test
	void off_nothingIsChecked(CapturedOutput output) {
		this.contextRunner.withPropertyValues("app.session.redis.server-check=off").run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(output).doesNotContain("EVICTION");
		});
	}

	@Test
	void fail_theStartFailsSayingWhatToDo() {
		this.contextRunner.withPropertyValues("app.session.redis.server-check=fail")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOfSatisfying(RedisSessionConfigurationException.class, (failure) -> {
					assertThat(failure).hasMessageContainingAll("allkeys-lru", "drops sessions",
							"127.0.0.1:" + server.port());
					assertThat(failure.getAction()).contains("maxmemory-policy noeviction",
							"set 'app.session.redis.server-check' to 'warn'");
				}));
	}

	@Test
	void fail_aWellConfiguredServerStarts(CapturedOutput output) {
		try (RedisServer wellSet = RedisServer.builder().option("appendonly", "yes").start()) {
			this.contextRunner
				.withPropertyValues("app.session.redis.hosts=127.0.0.1:" + wellSet.port(),
						"app.session.redis.server-check=fail")
				.run((context) -> assertThat(context).hasNotFailed());
			assertThat(output).doesNotContain("Sessions in Redis:");
		}
	}

	@Test
	void keysOfOthers_areFoundWhereTheSessionsWereGivenAServerOrADatabase(CapturedOutput output) {
		try (RedisServer shared = RedisServer.builder().option("appendonly", "yes").start()) {
			shared.commands().set("cache:1", "x");
			WebApplicationContextRunner runner = ContextRunners.application()
				.withPropertyValues("spring.data.redis.port=" + shared.port());
			runner.run((context) -> assertThat(output).doesNotContain("OTHER_KEYS"));
			runner.withPropertyValues("app.session.redis.database=0")
				.run((context) -> assertThat(output).containsOnlyOnce("OTHER_KEYS"));
			runner.withPropertyValues("app.session.redis.port=" + shared.port())
				.run((context) -> assertThat(output.toString().split("OTHER_KEYS")).hasSize(3));
		}
	}

	@Test
	void theCheck_isClosedWithTheContext() {
		AtomicReference<ServerCheck> check = new AtomicReference<>();
		this.contextRunner.run((context) -> {
			check.set(context.getBean(RedisSessionConnection.class).getServerCheck());
			assertThat(check.get().glance().nodes()).hasSize(1);
		});
		assertThatExceptionOfType(SessionStoreUnavailableException.class).isThrownBy(check.get()::glance)
			.withMessageContaining("the session store has been stopped");
	}

	@Test
	void lazyStart_isNotDelayedByTheCheck(CapturedOutput output) {
		this.contextRunner
			.withPropertyValues("app.session.redis.startup=lazy", "app.session.redis.server-check=fail",
					"app.session.redis.collector.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).doesNotContain("EVICTION");
	}

}
