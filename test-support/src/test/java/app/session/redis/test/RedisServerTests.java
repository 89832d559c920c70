package app.session.redis.test;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

@Timeout(60)
class RedisServerTests {

	private final List<RedisServer> servers = new ArrayList<>();

	@AfterEach
	void closeServers() {
		this.servers.forEach(RedisServer::close);
	}

	private RedisServer start(RedisServer.Builder builder) {
		RedisServer server = builder.start();
		this.servers.add(server);
		return server;
	}

	private RedisServer start() {
		return start(RedisServer.builder());
	}

	@Test
	void startGivesAServerThatAnswers() {
		RedisServer server = start();
		assertThat(server.commands().ping()).isEqualTo("PONG");
		assertThat(server.isRunning()).isTrue();
		assertThat(server.uri()).isEqualTo("redis://127.0.0.1:" + server.port());
		assertThat(server.commands().info("server")).contains("process_id:" + server.pid() + "\r\n");
		assertThat(server.log()).contains("Ready to accept connections");
	}

	@Test
	void startTakesThePortAndOptionsGiven() {
		int port = FreePort.find();
		RedisServer server = start(RedisServer.builder()
			.port(port)
			.option("notify-keyspace-events", "Egx")
			.option("save", "900", "1")
			.option("client-output-buffer-limit", "pubsub", "1mb", "1mb", "10")
			.option("client-output-buffer-limit", "replica", "2mb", "2mb", "10"));
		assertThat(server.port()).isEqualTo(port);
		RedisCommands<String, String> commands = server.commands();
		assertThat(commands.configGet("notify-keyspace-events").get("notify-keyspace-events")).contains("E", "g", "x");
		assertThat(commands.configGet("save")).containsEntry("save", "900 1");
		assertThat(commands.configGet("client-output-buffer-limit").get("client-output-buffer-limit"))
			.contains("pubsub 1048576 1048576 10")
			.contains("slave 2097152 2097152 10");
	}

	@Test
	void startWithoutOptionsKeepsNothingOnDisk() {
		RedisCommands<String, String> commands = start().commands();
		assertThat(commands.configGet("save")).containsEntry("save", "");
		assertThat(commands.configGet("appendonly")).containsEntry("appendonly", "no");
		assertThat(commands.configGet("bind")).containsEntry("bind", "127.0.0.1");
	}

	@Test
	void startWithAnUnknownOptionFailsWithTheLogAndLeavesNothing() {
		Set<Path> before = Leftovers.directories();
		assertThatIllegalStateException().isThrownBy(() -> start(RedisServer.builder().option("no-such-option", "1")))
			.withMessageContaining("exited with 1")
			.withMessageContaining("no-such-option");
		assertThat(Leftovers.directories()).isEqualTo(before);
	}

	@Test
	void startOnATakenPortFails() throws Exception {
		try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
			assertThatIllegalStateException().isThrownBy(() -> start(RedisServer.builder().port(taken.getLocalPort())))
				.withMessageContaining("Address already in use");
		}
	}

	@Test
	void startOnThePortOfAnotherServerFails() {
		RedisServer other = start();
		assertThatIllegalStateException().isThrownBy(() -> start(RedisServer.builder().port(other.port())))
			.withMessageContaining("Address already in use");
		assertThat(other.commands().ping()).isEqualTo("PONG");
	}

	@Test
	void startManyGivesEachItsPort() {
		Set<Integer> ports = new HashSet<>();
		for (int i = 0; i < 20; i++) {
			ports.add(start().port());
		}
		assertThat(ports).hasSize(20).allMatch((port) -> port < 32768);
	}

	@Test
	void optionOfThisLibraryItselfIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> RedisServer.builder().option("port", "1"));
		assertThatIllegalArgumentException().isThrownBy(() -> RedisServer.builder().option("save", "--x"));
	}

	@Test
	void passwordIsUsedByClientAndUri() {
		RedisServer server = start(RedisServer.builder().option("requirepass", "se cret/"));
		server.commands().set("a", "1");
		assertThat(server.keys()).containsExactly("a");
		assertThat(server.uri()).isEqualTo("redis://:se%20cret%2F@127.0.0.1:" + server.port());
		assertThat(RedisURI.create(server.uri()).getCredentialsProvider().resolveCredentials().block().getPassword())
			.containsExactly("se cret/".toCharArray());
	}

	@Test
	void keysAreSortedAndFlushed() {
		RedisServer server = start();
		for (String key : List.of("b", "c", "a")) {
			server.commands().set(key, "1");
		}
		assertThat(server.keys()).containsExactly("a", "b", "c");
		server.flushAll();
		assertThat(server.keys()).isEmpty();
	}

	@Test
	void pauseLeavesCommandsWithoutAnswerUntilResume() throws Exception {
		RedisServer server = start();
		StatefulRedisConnection<String, String> connection = server.client().connect();
		connection.sync().set("a", "1");
		server.pause();
		RedisFuture<String> answer = connection.async().get("a");
		assertThat(answer.await(300, TimeUnit.MILLISECONDS)).isFalse();
		assertThat(server.isRunning()).isTrue();
		server.resume();
		assertThat(answer.get(5, TimeUnit.SECONDS)).isEqualTo("1");
	}

	@Test
	void killEndsTheProcess() {
		RedisServer server = start();
		long pid = server.pid();
		server.kill();
		assertThat(server.isRunning()).isFalse();
		assertThat(ProcessHandle.of(pid)).isEmpty();
		assertThat(server.log()).doesNotContain("ready to exit");
		assertThatIllegalStateException().isThrownBy(server::pause);
	}

	@Test
	void stopShutsDownInGoodOrder() {
		RedisServer server = start();
		server.stop();
		assertThat(server.isRunning()).isFalse();
		assertThat(server.log()).contains("is now ready to exit");
	}

	@Test
	void stopOfAPausedServerEndsIt() {
		RedisServer server = start();
		server.pause();
		server.stop();
		assertThat(server.isRunning()).isFalse();
	}

	@Test
	void restartKeepsPortAndDirectoryButNotUnsavedData() {
		RedisServer server = start();
		int port = server.port();
		long pid = server.pid();
		Path directory = server.directory();
		server.commands().set("a", "1");
		server.restart();
		assertThat(server.port()).isEqualTo(port);
		assertThat(server.directory()).isEqualTo(directory);
		assertThat(server.pid()).isNotEqualTo(pid);
		assertThat(server.keys()).isEmpty();
	}

	@Test
	void restartAfterKillKeepsAppendedData() {
		RedisServer server = start(RedisServer.builder().option("appendonly", "yes").option("appendfsync", "always"));
		server.commands().set("a", "1");
		server.kill();
		server.restart();
		assertThat(server.keys()).containsExactly("a");
	}

	@Test
	void restartWhileAClientReconnectsFindsThePortFree() throws Exception {
		RedisServer server = start();
		RedisClient client = RedisClient.create(Lettuce.resources(), server.uri());
		try (StatefulRedisConnection<String, String> connection = client.connect()) {
			for (int i = 0; i < 5; i++) {
				server.kill();
				RedisFuture<String> answer = connection.async().set("a", "1");
				assertThat(answer.await(100, TimeUnit.MILLISECONDS)).isFalse();
				server.restart();
				assertThat(answer.get(5, TimeUnit.SECONDS)).isEqualTo("OK");
			}
		}
		finally {
			client.shutdown();
		}
	}

	@Test
	void directoryGivenIsUsedAndKept(@TempDir Path parent) {
		Path directory = parent.resolve("data");
		RedisServer server = start(RedisServer.builder().directory(directory).option("appendonly", "yes"));
		server.commands().set("a", "1");
		server.stop();
		server.close();
		assertThat(directory).isDirectory();
		assertThat(start(RedisServer.builder().directory(directory).option("appendonly", "yes")).keys())
			.containsExactly("a");
	}

	@Test
	void closeEndsAPausedServerAndDeletesItsDirectory() {
		RedisServer server = start();
		long pid = server.pid();
		server.commands().set("a", "1");
		server.pause();
		server.close();
		assertThat(ProcessHandle.of(pid)).isEmpty();
		assertThat(server.directory()).doesNotExist();
		server.close();
		assertThatIllegalStateException().isThrownBy(server::restart);
	}

	@Test
	void replicaHasThePrimarysDataAndRefusesWrites() {
		RedisServer primary = start(RedisServer.builder().option("requirepass", "secret"));
		primary.commands().set("a", "1");
		RedisServer replica = start(RedisServer.builder().replicaOf(primary));
		assertThat(replica.keys()).containsExactly("a");
		assertThatExceptionOfType(RedisCommandExecutionException.class)
			.isThrownBy(() -> replica.commands().set("b", "1"))
			.withMessageContaining("READONLY");
		primary.commands().set("b", "1");
		assertThat(primary.commands().waitForReplication(1, 5000)).isEqualTo(1);
		assertThat(replica.keys()).containsExactly("a", "b");
	}

	@Test
	void replicaRestartedFollowsAgain() {
		RedisServer primary = start();
		RedisServer replica = start(RedisServer.builder().replicaOf(primary));
		replica.kill();
		primary.commands().set("a", "1");
		replica.restart();
		replica.awaitReplication();
		assertThat(replica.keys()).containsExactly("a");
	}

}
