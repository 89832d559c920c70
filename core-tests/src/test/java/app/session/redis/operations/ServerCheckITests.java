package app.session.redis.operations;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

import app.session.redis.OptionNames;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.operations.Finding.Severity;
import app.session.redis.operations.ServerCheck.Requirements;
import app.session.redis.servlet.TestRepositories;
import app.session.redis.test.RedisCluster;
import app.session.redis.test.RedisServer;
import app.session.redis.test.TcpProxy;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.data.redis.connection.RedisConnectionFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests the findings for servers that put sessions at risk, and that other servers have
 * none.
 */
class ServerCheckITests {

	private static final String NAMESPACE = "app:session";

	private final Clock clock = Clock.systemUTC();

	private static RedisServer.Builder wellSet() {
		return RedisServer.builder()
			.option("appendonly", "yes")
			.option("maxmemory", "100mb")
			.option("maxmemory-policy", "noeviction");
	}

	private List<Finding> check(RedisServer server) {
		return check(server, 0, this.clock).findings();
	}

	private static ServerReport check(RedisServer server, int confirmReplicas, Clock clock) {
		try (TestRepositories repositories = TestRepositories.on(server)) {
			return check(factory(repositories), confirmReplicas, clock);
		}
	}

	private static RedisConnectionFactory factory(TestRepositories repositories) {
		return repositories.unstarted((settings) -> {
		}).connectionFactory();
	}

	private static ServerReport check(RedisConnectionFactory factory, int confirmReplicas, Clock clock) {
		try (ServerCheck check = new ServerCheck(factory, NAMESPACE, Duration.ofSeconds(2),
				new Requirements(confirmReplicas, true, false, true), clock, OptionNames.METHODS)) {
			return check.run();
		}
	}

	private void assertFound(RedisServer server, Severity severity, String code, String remedy) {
		assertThat(check(server)).singleElement().satisfies((finding) -> {
			assertThat(finding.code()).isEqualTo(code);
			assertThat(finding.severity()).isEqualTo(severity);
			assertThat(finding.remedy()).contains(remedy);
			assertThat(finding.node()).endsWith(":" + server.port());
		});
	}

	@Test
	void aWellConfiguredServerHasNoFindings() {
		try (RedisServer server = wellSet().start()) {
			sessions(server, 3);
			ServerReport report = check(server, 0, this.clock);
			assertThat(report.findings()).isEmpty();
			assertThat(report.severity()).isNull();
			assertThat(report.kind()).isIn("redis", "valkey");
			assertThat(report.version()).isNotBlank();
			assertThat(report.mode()).isEqualTo("standalone");
			assertThat(report.latency()).isPositive();
			assertThat(report.nodes()).singleElement().satisfies((node) -> {
				assertThat(node.address()).endsWith(":" + server.port());
				assertThat(node.role()).isEqualTo("master");
				assertThat(node.maxMemory()).isEqualTo(100L << 20);
				assertThat(node.usedMemory()).isBetween(1L, 100L << 20);
				assertThat(node.evictionPolicy()).isEqualTo("noeviction");
			});
			assertThat(server.keys()).as("it leaves nothing").noneMatch((key) -> key.contains("probe"));
		}
	}

	@Test
	void nothingIsFoundAtAPrimaryWithAReplica() {
		try (RedisServer server = wellSet().start();
				RedisServer unused = RedisServer.builder().replicaOf(server).start()) {
			assertThat(check(server, 1, this.clock).findings()).as("before it has the data")
				.allSatisfy((finding) -> assertThat(finding.code()).isIn("REPLICA_BEHIND", "TOO_FEW_REPLICAS"));
			Awaitility.await().until(() -> server.commands().info("replication").contains("state=online"));
			assertThat(check(server, 1, this.clock).findings()).isEmpty();
		}
	}

	@Test
	void aWellConfiguredClusterHasNoFindings() {
		try (RedisCluster cluster = RedisCluster.builder().option("appendonly", "yes").start();
				TestRepositories repositories = TestRepositories.on(cluster)) {
			ServerReport report = check(factory(repositories), 0, this.clock);
			assertThat(report.findings()).isEmpty();
			assertThat(report.mode()).isEqualTo("cluster");
			assertThat(report.nodes()).hasSize(3);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "allkeys-lru", "volatile-ttl", "allkeys-random" })
	void aPolicyThatEvictsIsFound(String policy) {
		try (RedisServer server = wellSet().option("maxmemory-policy", policy).start()) {
			assertFound(server, Severity.WARNING, "EVICTION", "maxmemory-policy noeviction");
		}
	}

	@Test
	void aPolicyThatHasEvictedIsCritical() {
		try (RedisServer server = wellSet().option("maxmemory-policy", "allkeys-lru").start()) {
			for (int i = 0; i < 100; i++) {
				server.commands().set(NAMESPACE + ":" + i, "x".repeat(10_000));
			}
			server.commands().configSet("maxmemory", Long.toString(usedMemory(server) - 300_000));
			Awaitility.await().until(() -> {
				server.commands().set(NAMESPACE + ":one-more", "x");
				return !server.commands().info("stats").contains("evicted_keys:0");
			});
			server.commands().configSet("maxmemory", "100mb");
			assertFound(server, Severity.CRITICAL, "EVICTION", "maxmemory-policy noeviction");
		}
	}

	@Test
	void aPolicyWithoutALimitOfMemoryEvictsNothing() {
		try (RedisServer server = wellSet().option("maxmemory", "0")
			.option("maxmemory-policy", "allkeys-lru")
			.start()) {
			assertThat(check(server)).isEmpty();
		}
	}

	private static long usedMemory(RedisServer server) {
		return Long.parseLong(server.commands().info("memory").replaceAll("(?s).*used_memory:(\\d+).*", "$1"));
	}

	@Test
	void memoryThatIsNearlyUsedUpIsFound() {
		try (RedisServer server = wellSet().start()) {
			for (int i = 0; i < 50; i++) {
				server.commands().set(NAMESPACE + ":" + i, "x".repeat(1_000_000));
			}
			server.commands().configSet("maxmemory", Long.toString(usedMemory(server) * 100 / 96));
			assertFound(server, Severity.WARNING, "MEMORY_NEARLY_FULL", "maxmemory");
		}
	}

	@Test
	void aMissingAppendOnlyFileIsReported() {
		try (RedisServer server = wellSet().option("appendonly", "no").start()) {
			assertFound(server, Severity.INFO, "NO_APPEND_ONLY_FILE", "appendonly yes");
		}
	}

	@Test
	void changesThatNoSnapshotHasForAnHourAreFound() {
		try (RedisServer server = wellSet().option("appendonly", "no").start()) {
			sessions(server, 1);
			Clock later = Clock.offset(this.clock, Duration.ofMinutes(61));
			assertThat(check(server, 0, later).findings()).anySatisfy((finding) -> {
				assertThat(finding.code()).isEqualTo("NO_APPEND_ONLY_FILE");
				assertThat(finding.severity()).isEqualTo(Severity.WARNING);
			});
		}
	}

	@Test
	void snapshotsThatFailAreCritical() throws IOException {
		try (RedisServer server = wellSet().option("stop-writes-on-bgsave-error", "no").start()) {
			Path obstacle = server.directory().resolve("dump.rdb");
			Files.createDirectories(obstacle.resolve("in-the-way"));
			server.commands().bgsave();
			Awaitility.await()
				.until(() -> server.commands().info("persistence").contains("rdb_last_bgsave_status:err"));
			assertFound(server, Severity.CRITICAL, "PERSISTENCE_FAILING", "log");
			Files.delete(obstacle.resolve("in-the-way"));
		}
	}

	@Test
	void aReplicaIsCritical() {
		try (RedisServer server = wellSet().start();
				RedisServer replica = RedisServer.builder()
					.option("appendonly", "yes")
					.option("replica-read-only", "no")
					.replicaOf(server)
					.start()) {
			replica.awaitReplication();
			assertFound(replica, Severity.CRITICAL, "IS_REPLICA", "configuration of the LettuceConnectionFactory");
		}
	}

	@Test
	void fewerReplicasThanLogInsWaitForAreFound() {
		try (RedisServer server = wellSet().start()) {
			assertThat(check(server, 1, this.clock).findings()).singleElement()
				.satisfies((finding) -> assertThat(finding.code()).isEqualTo("TOO_FEW_REPLICAS"));
		}
	}

	@Test
	void keysOfOthersAreFound() {
		try (RedisServer server = wellSet().start()) {
			sessions(server, 2);
			server.commands().set("cache:1", "x");
			assertFound(server, Severity.WARNING, "OTHER_KEYS", "LettuceConnectionFactory.setDatabase");
		}
	}

	@Test
	void keysOfSessionsInOtherNamespacesAreNotFoundAsKeysOfOthers() {
		try (RedisServer server = wellSet().start()) {
			sessions(server, 2);
			for (String key : List.of("shop:admin:session:{AAAAAAAAAAAAAAAA}", "shop:admin:expiry:15",
					"shop:admin:index:principal:alice:b", "shop:admin:collector", "shop:admin:lock:{AAAAAAAAAAAAAAAA}",
					"shop:admin:waiters:{AAAAAAAAAAAAAAAA}", "spring:session:sessions:1")) {
				server.commands().set(key, "x");
			}
			assertThat(check(server)).extracting(Finding::code).doesNotContain("OTHER_KEYS");
		}
	}

	@Test
	void keysOfOthersAreExpectedWhereTheRedisIsShared() {
		try (RedisServer server = wellSet().start()) {
			server.commands().set("cache:1", "x");
			try (TestRepositories repositories = TestRepositories.on(server);
					ServerCheck check = new ServerCheck(factory(repositories), NAMESPACE, Duration.ofSeconds(2),
							new Requirements(0, true, false, false), this.clock, OptionNames.METHODS)) {
				assertThat(check.run().findings()).extracting(Finding::code).doesNotContain("OTHER_KEYS");
			}
		}
	}

	@Test
	void aClockThatIsWrongIsFound() {
		try (RedisServer server = wellSet().start()) {
			assertThat(check(server, 0, Clock.offset(this.clock, Duration.ofSeconds(60))).findings()).singleElement()
				.satisfies((finding) -> {
					assertThat(finding.code()).isEqualTo("CLOCK_SKEW");
					assertThat(finding.what()).containsPattern("(59|60) s behind");
				});
		}
	}

	@Test
	void aLongWayIsFound() {
		try (RedisServer server = wellSet().start();
				TcpProxy proxy = TcpProxy.to(server);
				TestRepositories repositories = TestRepositories.on(proxy.host(), proxy.port())) {
			proxy.delay(Duration.ofMillis(30));
			ServerReport report = check(factory(repositories), 0, this.clock);
			assertThat(report.latency()).isGreaterThan(Duration.ofMillis(29));
			assertThat(report.findings()).singleElement()
				.satisfies((finding) -> assertThat(finding.code()).isEqualTo("SLOW"));
		}
	}

	/** Repeated, because a busy machine can delay all round trips. */
	@Test
	void roundTripsThatANodeIsTooBusyForAreNotALongWay() {
		try (RedisServer server = wellSet().start();
				TcpProxy proxy = TcpProxy.to(server);
				TestRepositories repositories = TestRepositories.on(proxy.host(), proxy.port())) {
			RedisConnectionFactory factory = factory(repositories);
			factory.getConnection().close();
			Awaitility.await().untilAsserted(() -> {
				server.commands().configResetstat();
				proxy.delay(Duration.ofMillis(100));
				CompletableFuture<ServerReport> checked = CompletableFuture
					.supplyAsync(() -> check(factory, 0, this.clock));
				Awaitility.await()
					.pollInterval(Duration.ofMillis(1))
					.until(() -> server.commands()
						.info("commandstats")
						.lines()
						.anyMatch((line) -> line.matches("cmdstat_ping:calls=[3-9],.*")));
				proxy.delay(Duration.ZERO);
				ServerReport report = checked.join();
				assertThat(report.latency()).isGreaterThan(Duration.ofMillis(99));
				assertThat(report.findings()).isEmpty();
			});
		}
	}

	@Test
	void commandsThatAreRefusedAreCriticalAndWhoMayNotScanNeedNot() {
		try (RedisServer server = wellSet()
			.option("user", "default", "on", "nopass", "~*", "&*", "+@all", "-scan", "-hset")
			.start()) {
			assertFound(server, Severity.CRITICAL, "COMMANDS_REFUSED", "+hset");
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void channelOfChanges_isCheckedIfCopiesAreTrusted(boolean trusted) {
		try (RedisServer server = wellSet().option("user", "default", "on", "nopass", "~*", "&other", "+@all", "-scan")
			.start();
				TestRepositories repositories = TestRepositories.on(server);
				ServerCheck check = new ServerCheck(factory(repositories), NAMESPACE, Duration.ofSeconds(2),
						new Requirements(0, false, trusted, false), this.clock, OptionNames.METHODS)) {
			List<Finding> findings = check.run().findings();
			if (trusted) {
				assertThat(findings).singleElement().satisfies((finding) -> {
					assertThat(finding.code()).isEqualTo("COMMANDS_REFUSED");
					assertThat(finding.what()).contains("publish");
					assertThat(finding.remedy()).contains("&" + NAMESPACE + ":changes");
				});
			}
			else {
				assertThat(findings).isEmpty();
			}
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void aCheckThatIsClosedLeavesNoThreadAndNoConnection(boolean pooled) {
		try (RedisServer server = wellSet().start()) {
			server.commands().ping();
			Set<Thread> threads = threads();
			List<String> connections = connections(server);
			try (TestRepositories repositories = pooled ? TestRepositories.pooled(server.host(), server.port())
					: TestRepositories.on(server)) {
				ServerCheck check = new ServerCheck(factory(repositories), NAMESPACE, Duration.ofSeconds(2),
						new Requirements(0, true, false, true), this.clock, OptionNames.METHODS);
				check.run();
				check.close();
				awaitEndOfOthers(threads);
			}
			Awaitility.await().untilAsserted(() -> assertThat(connections(server)).isEqualTo(connections));
		}
	}

	@Test
	void aCheckThatIsClosedWhileItConnectsLeavesNoThread() {
		try (RedisServer server = wellSet().start();
				TcpProxy proxy = TcpProxy.to(server);
				TestRepositories repositories = TestRepositories.on(proxy.host(), proxy.port())) {
			RedisConnectionFactory factory = factory(repositories);
			proxy.stopForwarding();
			Set<Thread> threads = threads();
			ServerCheck check = new ServerCheck(factory, NAMESPACE, Duration.ofMillis(200),
					new Requirements(0, true, false, true), this.clock, OptionNames.METHODS);
			assertThatExceptionOfType(SessionStoreUnavailableException.class).isThrownBy(check::run);
			assertThat(threads()).as("connecting").anyMatch((thread) -> !threads.contains(thread) && isOfStore(thread));
			check.close();
			awaitEndOfOthers(threads);
		}
	}

	/**
	 * Waits for a shorter time than that after which idle and connecting threads end by
	 * themselves.
	 */
	private static void awaitEndOfOthers(Set<Thread> threads) {
		Awaitility.await()
			.atMost(Duration.ofMillis(500))
			.pollInterval(Duration.ofMillis(20))
			.untilAsserted(() -> assertThat(threads()).filteredOn(ServerCheckITests::isOfStore).isSubsetOf(threads));
	}

	private static boolean isOfStore(Thread thread) {
		return thread.getName().startsWith("redis-session");
	}

	private static Set<Thread> threads() {
		return new HashSet<>(Thread.getAllStackTraces().keySet());
	}

	private static List<String> connections(RedisServer server) {
		return server.commands().clientList().lines().map((line) -> line.split(" ")[0]).sorted().toList();
	}

	@ParameterizedTest
	@CsvSource({ "6.0.16, true", "5.0.7, true", "6.2.0, false", "7.2.4, false", "10.0.0, false", "unknown, false" })
	void aVersionIsTooOldOrNot(String version, boolean tooOld) {
		assertThat(ServerCheck.isTooOld(version)).isEqualTo(tooOld);
	}

	private static void sessions(RedisServer server, int count) {
		try (TestRepositories repositories = TestRepositories.on(server)) {
			var repository = repositories.unstarted((settings) -> {
			}).repository();
			for (int i = 0; i < count; i++) {
				repository.save(repository.createSession());
			}
		}
	}

}
