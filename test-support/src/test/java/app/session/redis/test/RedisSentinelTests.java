package app.session.redis.test;

import java.util.List;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

@Timeout(120)
class RedisSentinelTests {

	@Test
	void replicaTakesOverFromAKilledPrimary() {
		RedisSentinel redis = RedisSentinel.builder()
			.password("da\"ta")
			.sentinelPassword("watch it")
			.option("min-replicas-to-write", "1")
			.start();
		try (redis) {
			RedisServer first = redis.primary();
			assertThat(first).isSameAs(redis.servers().get(0));
			assertThat(redis.servers()).hasSize(3);
			assertThat(redis.sentinels()).hasSize(3);
			assertThat(redis.masterName()).isEqualTo("mymaster");
			List<String> addresses = redis.sentinels()
				.stream()
				.map((sentinel) -> "127.0.0.1:" + sentinel.port())
				.toList();
			assertThat(redis.addresses()).isEqualTo(addresses);
			assertThat(redis.toString()).contains(addresses);
			assertThatIllegalStateException().isThrownBy(redis::wayToFirst);
			first.commands().set("a", "1");
			assertThat(first.commands().waitForReplication(2, 5000)).isEqualTo(2);
			assertThat(redis.killPrimary()).isSameAs(first);
			RedisServer second = redis.awaitFailover(first);
			assertThat(second).isNotSameAs(first).isSameAs(redis.primary());
			assertThat(second.keys()).containsExactly("a");
			redis.awaitOk();
		}
		redis.close();
		assertThat(redis.servers()).noneMatch(RedisServer::isRunning);
		assertThat(redis.sentinels()).noneMatch(RedisServer::isRunning);
	}

	@Test
	void isolatedPrimaryIsReplacedAndFollowsWhenItIsReachedAgain() {
		try (RedisSentinel redis = RedisSentinel.builder().replicas(1).isolable().start()) {
			assertThat(redis.servers()).hasSize(2);
			RedisServer first = redis.primary();
			assertThat(client(redis)).isEqualTo(first.pid());
			redis.wayToFirst().stopForwarding();
			RedisServer second = redis.awaitFailover(first);
			assertThat(second).isNotSameAs(first);
			assertThat(client(redis)).isEqualTo(second.pid());
			first.commands().set("a", "1");
			assertThat(first.keys()).containsExactly("a");
			assertThat(second.keys()).isEmpty();
			redis.wayToFirst().forward();
			redis.awaitOk();
			assertThat(first.keys()).isEmpty();
		}
	}

	private static long client(RedisSentinel redis) {
		RedisURI.Builder uri = RedisURI.builder().withSentinelMasterId(redis.masterName());
		redis.sentinels().forEach((sentinel) -> uri.withSentinel(sentinel.host(), sentinel.port()));
		RedisClient client = RedisClient.create(Lettuce.resources(), uri.build());
		try (StatefulRedisConnection<String, String> connection = client.connect()) {
			String info = connection.sync().info("server");
			return info.lines()
				.filter((line) -> line.startsWith("process_id:"))
				.mapToLong((line) -> Long.parseLong(line.substring(line.indexOf(':') + 1)))
				.findAny()
				.orElseThrow();
		}
		finally {
			client.shutdown();
		}
	}

	@Test
	void wrongDescriptionsAreRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> RedisSentinel.builder().replicas(0));
		assertThatIllegalStateException()
			.isThrownBy(() -> RedisSentinel.builder().option("no-such-option", "1").start())
			.withMessageContaining("no-such-option");
	}

}
