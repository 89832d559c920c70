package app.session.redis.client;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import app.session.redis.SessionStoreUnavailableException.Reason;
import app.session.redis.test.RedisServer;
import io.lettuce.core.protocol.CommandType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.data.redis.connection.RedisSentinelConfiguration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A primary without replicas, for which the sentinels name another or don't.
 */
@Timeout(60)
class ReplacedPrimaryITests {

	private static final byte[] KEY = "key".getBytes(StandardCharsets.UTF_8);

	private final RedisServer first = RedisServer.start();

	private final RedisServer second = RedisServer.start();

	private final RedisServer sentinel = RedisServer.builder()
		.sentinel(List.of("sentinel monitor sessions " + this.first.host() + " " + this.first.port() + " 1"))
		.start();

	private final CallSenders engines = new CallSenders();

	@AfterEach
	void close() {
		this.engines.close();
		this.sentinel.close();
		this.second.close();
		this.first.close();
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void itIsLeftOnlyWhenTheSentinelsNameAnother(boolean pooled) throws Exception {
		if (pooled) {
			this.engines.pool((pool) -> pool.setMaxTotal(2));
		}
		CallSender engine = this.engines
			.on(new RedisSentinelConfiguration("sessions", Set.of(this.sentinel.host() + ":" + this.sentinel.port())));
		assertThat(write(engine).get(5, TimeUnit.SECONDS)).isNotNull();
		List<String> clients = clients();
		this.first.commands().configSet("min-replicas-to-write", "1");
		await().during(Duration.ofMillis(1500)).atMost(Duration.ofSeconds(5)).until(() -> {
			assertThat(write(engine)).failsWithin(Duration.ofSeconds(5))
				.withThrowableThat()
				.satisfies(
						(failure) -> assertThat(Failures.translate(failure).getReason()).isEqualTo(Reason.NO_REPLICAS));
			return true;
		});
		assertThat(clients()).as("they are kept").containsAll(clients);
		try (var connection = this.sentinel.client().connectSentinel()) {
			connection.sync().remove("sessions");
			connection.sync().monitor("sessions", this.second.host(), this.second.port(), 1);
		}
		await().ignoreExceptions().until(() -> write(engine).get(5, TimeUnit.SECONDS) != null);
		assertThat(this.second.commands().get("key")).isEqualTo("value");
	}

	private static CompletableFuture<Reply> write(CallSender engine) {
		return engine.send(Call.of(CommandType.SET, KEY).arg("value"));
	}

	private List<String> clients() {
		return this.first.commands()
			.clientList()
			.lines()
			.filter((client) -> client.contains("cmd=set"))
			.map((client) -> client.substring(0, client.indexOf(' ')))
			.toList();
	}

}
