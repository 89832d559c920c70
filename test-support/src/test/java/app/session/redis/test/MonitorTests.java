package app.session.redis.test;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

import app.session.redis.test.Monitor.Command;
import io.lettuce.core.KillArgs;
import io.lettuce.core.RedisClient;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assumptions.assumeThat;

@Timeout(60)
class MonitorTests {

	private static RedisServer server;

	private Monitor monitor;

	@BeforeAll
	static void startServer() {
		server = RedisServer.start();
	}

	@AfterAll
	static void closeServer() {
		server.close();
	}

	@BeforeEach
	void openMonitor() {
		server.flushAll();
		this.monitor = Monitor.of(server);
	}

	@AfterEach
	void closeMonitor() {
		this.monitor.close();
		this.monitor.close();
	}

	@Test
	void commandsAreThoseOfClientsInOrder() {
		server.commands().set("a", "1");
		server.commands().hset("b", "field", "value");
		assertThat(this.monitor.commands()).extracting(Command::name, Command::args)
			.containsExactly(tuple("SET", List.of("a", "1")), tuple("HSET", List.of("b", "field", "value")));
	}

	@Test
	void commandTellsTheClientAndTheLine() {
		server.commands().get("a");
		String address = server.commands().clientList().replaceFirst("(?s).* addr=(\\S+) .*cmd=client.*", "$1");
		Command get = this.monitor.commands().get(0);
		assertThat(get.client()).isEqualTo(address);
		assertThat(get.raw()).contains(address).endsWith("\"GET\" \"a\"");
	}

	@Test
	void commandsAnsweredAreAlwaysThere() {
		for (int i = 0; i < 500; i++) {
			this.monitor.reset();
			server.commands().set("key", Integer.toString(i));
			assertThat(this.monitor.commands()).singleElement()
				.extracting(Command::args)
				.isEqualTo(List.of("key", Integer.toString(i)));
		}
	}

	@Test
	void resetForgets() {
		server.commands().get("a");
		this.monitor.reset();
		assertThat(this.monitor.commands()).isEmpty();
		assertThat(this.monitor.allCommands()).isEmpty();
	}

	@Test
	void commandsCalledByAScriptAreLeftOut() {
		server.commands().eval("redis.call('set', KEYS[1], 'lua')", ScriptOutputType.STATUS, "a");
		assertThat(this.monitor.commands()).singleElement().extracting(Command::name).isEqualTo("EVAL");
	}

	@Test
	void handshakesAreLeftOutButInAllCommands() {
		RedisClient client = RedisClient.create(Lettuce.resources(), server.uri());
		try (StatefulRedisConnection<String, String> connection = client.connect()) {
			connection.sync().ping();
			connection.sync().clientSetname("me");
			connection.sync().select(1);
			connection.sync().get("a");
		}
		finally {
			client.shutdown();
		}
		assertThat(this.monitor.commands()).extracting(Command::name).containsExactly("GET");
		assertThat(this.monitor.allCommands()).extracting(Command::name).contains("PING", "SELECT", "GET");
	}

	@Test
	void otherCommandsOfTheSameNameAreNotLeftOut() {
		assumeThat(RedisBinary.find().version()).as("before 7.0, MONITOR conceals CLIENT").doesNotStartWith("6.");
		server.commands().clientSetname("me");
		server.commands().clientId();
		assertThat(this.monitor.commands()).extracting(Command::name, Command::args)
			.containsExactly(tuple("CLIENT", List.of("ID")));
	}

	@Test
	void otherMonitorsAreLeftOut() {
		try (Monitor other = Monitor.of(server)) {
			other.sync();
			assertThat(other.allCommands()).isEmpty();
			assertThat(this.monitor.allCommands()).isEmpty();
		}
	}

	@Test
	void argumentsAreDecoded() {
		assumeThat(RedisBinary.find().version()).as("Valkey 8.1.1 escapes neither quotes nor backslashes")
			.doesNotMatch("8\\.1\\.[01]");
		List<String> arguments = List.of("with \"quotes\" and \\ backslash", "tab\tnew\nline\r\b\u0007", "", "\" \"",
				"\u00fc\u20ac\ud83d\ude00", "\u0000\u0001\u007f", "\\x41", "]");
		server.commands().rpush("list", arguments.toArray(String[]::new));
		List<String> expected = new ArrayList<>(List.of("list"));
		expected.addAll(arguments);
		assertThat(this.monitor.commands()).singleElement().extracting(Command::args).isEqualTo(expected);
	}

	@Test
	void quotesAndBackslashesThatAreNotEscapedLeaveTheOtherWordsAlone() {
		assertThat(Monitor.words("\"SET\" \"a\"b\" \"\\\" \"\\k\\x00\"\" \"\" \"1\" \"\"")).containsExactly("SET",
				"a\"b", "\\", "\\k\u0000\"", "", "1", "");
	}

	@Test
	void everyByteIsDecoded() {
		byte[] bytes = new byte[128];
		IntStream.range(0, bytes.length).forEach((i) -> bytes[i] = (byte) i);
		try (StatefulRedisConnection<byte[], byte[]> connection = server.client().connect(ByteArrayCodec.INSTANCE)) {
			connection.sync().set("a".getBytes(StandardCharsets.UTF_8), bytes);
		}
		assertThat(this.monitor.commands()).singleElement()
			.extracting((command) -> command.args().get(1))
			.isEqualTo(new String(bytes, StandardCharsets.US_ASCII));
	}

	@Test
	void commandsOfATransactionAreThere() {
		server.commands().multi();
		server.commands().set("a", "1");
		server.commands().exec();
		assertThat(this.monitor.commands()).extracting(Command::name).containsExactlyInAnyOrder("MULTI", "SET", "EXEC");
	}

	@Test
	void awaitCommandGivesOneThatComesLater() {
		server.commands().set("a", "1");
		Thread thread = new Thread(() -> server.commands().set("b", "2"));
		thread.start();
		Command command = this.monitor.awaitCommand((candidate) -> candidate.args().contains("b"),
				Duration.ofSeconds(10));
		assertThat(command.name()).isEqualTo("SET");
		assertThatIllegalStateException()
			.isThrownBy(() -> this.monitor.awaitCommand((candidate) -> false, Duration.ofMillis(50)))
			.withMessageContaining("\"SET\" \"a\"");
	}

	@Test
	void serverKilledHasItsCommandsKept() {
		try (RedisServer other = RedisServer.start(); Monitor monitorOfOther = Monitor.of(other)) {
			other.commands().set("a", "1");
			monitorOfOther.sync();
			other.kill();
			assertThat(monitorOfOther.commands()).extracting(Command::name).containsExactly("SET");
		}
	}

	@Test
	void serverRestartedIsMonitoredAgainAfterReset() {
		try (RedisServer other = RedisServer.start(); Monitor monitorOfOther = Monitor.of(other)) {
			other.restart();
			other.commands().set("a", "1");
			assertThatIllegalStateException().isThrownBy(monitorOfOther::commands).withMessageContaining("restart");
			monitorOfOther.reset();
			other.commands().get("a");
			assertThat(monitorOfOther.commands()).extracting(Command::name).containsExactly("GET");
		}
	}

	@Test
	void connectionKilledByTheServerIsReportedUntilReset() {
		server.commands().clientKill(KillArgs.Builder.typeNormal().skipme());
		server.commands().get("a");
		assertThatIllegalStateException().isThrownBy(this.monitor::commands).withMessageContaining("has ended");
		this.monitor.reset();
		server.commands().get("a");
		assertThat(this.monitor.commands()).extracting(Command::name).containsExactly("GET");
	}

	@Test
	void serverWithPasswordIsMonitored() {
		try (RedisServer other = RedisServer.builder().option("requirepass", "secret").start();
				Monitor monitorOfOther = Monitor.of(other)) {
			other.commands().set("a", "1");
			assertThat(monitorOfOther.commands()).extracting(Command::name).containsExactly("SET");
		}
	}

	@Test
	void clusterIsMonitoredOnAllNodesInOrderOfTime() {
		RedisCluster cluster = SharedRedis.cluster();
		cluster.commands().ping();
		try (Monitor monitorOfCluster = Monitor.of(cluster)) {
			List<String> keys = IntStream.range(0, 50).mapToObj((i) -> "key" + i).toList();
			keys.forEach((key) -> cluster.commands().set(key, "1"));
			assertThat(monitorOfCluster.commands()).extracting((command) -> command.args().get(0))
				.containsExactlyElementsOf(keys);
		}
	}

}
