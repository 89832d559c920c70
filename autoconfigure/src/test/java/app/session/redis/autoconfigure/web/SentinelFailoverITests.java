package app.session.redis.autoconfigure.web;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;

import app.session.redis.test.RedisSentinel;
import app.session.redis.test.RedisServer;
import io.lettuce.core.RedisException;
import io.lettuce.core.internal.HostAndPort;
import io.lettuce.core.resource.DnsResolver;
import io.lettuce.core.resource.MappingSocketAddressResolver;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import org.springframework.boot.data.redis.autoconfigure.ClientResourcesBuilderCustomizer;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests the failure of a primary under Sentinel while users work on two nodes.
 */
class SentinelFailoverITests {

	private static final String FENCE = "fence";

	private static final int REPLICAS = 2;

	private static final String PASSWORD = "of the data";

	private static final String SENTINEL_PASSWORD = "of the sentinels";

	/**
	 * The ports through which clients reach the servers that the sentinels know by other
	 * ports.
	 */
	private static final Map<Integer, Integer> shortcuts = new ConcurrentHashMap<>();

	@Test
	void primaryThatIsKilledIsReplaced() {
		try (RedisSentinel redis = RedisSentinel.builder()
			.replicas(REPLICAS)
			.password(PASSWORD)
			.sentinelPassword(SENTINEL_PASSWORD)
			.start();
				WebNode first = node(redis, PASSWORD, SENTINEL_PASSWORD);
				WebNode second = node(redis, PASSWORD, SENTINEL_PASSWORD)) {
			List<WebNode> nodes = List.of(first, second);
			SteadyLoad load = new SteadyLoad(nodes);
			FailoverReport report = new FailoverReport("Sentinel, primary killed", load);
			try (load) {
				load.writers(8).visitors(4).passersBy(4);
				load.awaitAllWrite();
				load.awaitAnswers(1000);
				RedisServer primary = redis.primary();
				report.fence(primary, FENCE, REPLICAS);
				load.awaitAnswers(100);
				report.begin();
				primary.kill();
				report.end();
				redis.awaitFailover(primary);
				report.put("sentinels agree after", report.sinceBegin(System.nanoTime()));
				load.awaitAllWrite();
				long recovered = System.nanoTime();
				load.sendPassersAway();
				report.checkExpiries(nodes, recovered);
				report.reportRecovery(load.writers());
			}
			report.checkRequests();
			report.checkLosses();
			report.checkEnded();
			report.checkThreads();
			report.print();
		}
	}

	/**
	 * The process exists, and the operating system acknowledges what is sent to it.
	 */
	@Test
	void primaryThatHangsIsReplaced() {
		try (RedisSentinel redis = RedisSentinel.builder().replicas(REPLICAS).start();
				WebNode node = node(redis, null, null)) {
			SteadyLoad load = new SteadyLoad(List.of(node));
			FailoverReport report = new FailoverReport("Sentinel, primary hangs", load);
			try (load) {
				load.writers(12);
				load.awaitAllWrite();
				RedisServer primary = redis.primary();
				report.fence(primary, FENCE, REPLICAS);
				load.awaitAnswers(100);
				report.begin();
				primary.pause();
				report.end();
				redis.awaitFailover(primary);
				report.put("sentinels agree after", report.sinceBegin(System.nanoTime()));
				load.awaitAllWrite();
				report.reportRecovery(load.writers());
			}
			report.checkRequests();
			report.checkLosses();
			report.checkThreads();
			report.print();
		}
	}

	/**
	 * The sentinels and the replicas don't reach the primary, but its clients do. When
	 * the sentinels reach it again, they make it a replica and drop its clients.
	 */
	@Test
	void primaryThatIsCutOffFromItsReplicasIsReplacedAndLeftWhenItIsDemoted() {
		cutOff(0, (redis, primary) -> {
			redis.wayToFirst().forward();
			Awaitility.await()
				.atMost(Duration.ofSeconds(60))
				.pollInterval(Duration.ofMillis(5))
				// the connection that sends the command is dropped with the other clients
				.ignoreExceptionsInstanceOf(RedisException.class)
				.until(() -> primary.commands().info("replication").contains("role:slave"));
		});
	}

	/**
	 * Like the previous test, but the primary refuses writes without replicas: then the
	 * sentinels are queried again, although the server is still running and considers
	 * itself the primary.
	 */
	@Test
	void primaryThatIsCutOffFromItsReplicasAndNeedsOneIsLeftWhenItRefuses() {
		cutOff(1, (redis, primary) -> assertThat(primary.commands().info("replication")).contains("role:master"));
	}

	private static void cutOff(int minReplicas, BiConsumer<RedisSentinel, RedisServer> ending) {
		try (RedisSentinel redis = RedisSentinel.builder()
			.replicas(REPLICAS)
			.isolable()
			.option("min-replicas-to-write", Integer.toString(minReplicas))
			.option("min-replicas-max-lag", "1")
			.start()) {
			RedisServer primary = redis.primary();
			shortcuts.put(redis.wayToFirst().port(), primary.port());
			try (WebNode node = node(redis, null, null)) {
				SteadyLoad load = new SteadyLoad(List.of(node));
				FailoverReport report = new FailoverReport(
						"Sentinel, primary cut off from its replicas, min-replicas-to-write " + minReplicas, load);
				try (load) {
					load.writers(12).leavers(20);
					load.awaitAllWrite();
					report.fence(primary, FENCE, REPLICAS);
					load.awaitAnswers(100);
					report.begin();
					redis.wayToFirst().stopForwarding();
					redis.awaitFailover(primary);
					report.put("sentinels agree after", report.sinceBegin(System.nanoTime()));
					load.awaitAnswers(100);
					load.leave();
					ending.accept(redis, primary);
					report.end();
					report.put("it is no longer the primary after", report.sinceBegin(System.nanoTime()));
					load.awaitAllWrite();
					report.reportRecovery(load.writers());
				}
				report.checkRequests();
				report.checkLosses();
				report.checkEnded();
				report.checkThreads();
				report.print();
			}
		}
	}

	private static WebNode node(RedisSentinel redis, String password, String sentinelPassword) {
		List<String> properties = new ArrayList<>(List.of("app.session.redis.mode=sentinel",
				"app.session.redis.hosts=" + String.join(",", redis.addresses()),
				"app.session.redis.sentinel.master=" + redis.masterName()));
		if (password != null) {
			properties.addAll(List.of("app.session.redis.password=" + password,
					"app.session.redis.sentinel.password=" + sentinelPassword));
		}
		return WebNode.start(List.of(WebTestApplication.class, ExpiryWatch.class, Shortcuts.class), properties);
	}

	/**
	 * Lets clients reach the primary through another port than the sentinels.
	 */
	@TestConfiguration(proxyBeanMethods = false)
	static class Shortcuts {

		@Bean
		ClientResourcesBuilderCustomizer shortcutsOfClients() {
			return (builder) -> builder.socketAddressResolver(
					MappingSocketAddressResolver.create(DnsResolver.unresolved(), (address) -> HostAndPort
						.of(address.getHostText(), shortcuts.getOrDefault(address.getPort(), address.getPort()))));
		}

	}

}
