package app.session.redis.test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

@Timeout(90)
class LeftoversTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(60);

	@TempDir
	private Path temporary;

	private JavaProcess start(String... args) {
		return JavaProcess.of(StartMain.class)
			.args(args)
			.systemProperty("java.io.tmpdir", this.temporary.toString())
			.systemProperty(RedisBinary.PROPERTY, RedisBinary.find().path().toString())
			.start();
	}

	private static List<Long> awaitPids(JavaProcess process) {
		String pids = process.awaitLine("pids (.+)", TIMEOUT).group(1);
		List<Long> parsed = Arrays.stream(pids.split(" ", -1)).map(Long::valueOf).toList();
		assertThat(parsed).hasSize(6).allMatch(LeftoversTests::isRunning);
		return parsed;
	}

	private static boolean isRunning(long pid) {
		return ProcessHandle.of(pid).isPresent() && !isZombie(pid);
	}

	/**
	 * Tell whether a process has ended and only waits to be reaped: nobody hurries to do
	 * so when its parent has ended too.
	 * @param pid the process id
	 * @return whether it is a zombie
	 */
	private static boolean isZombie(long pid) {
		try {
			String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
			return stat.charAt(stat.lastIndexOf(')') + 2) == 'Z';
		}
		catch (IOException ex) {
			return false;
		}
	}

	private List<Path> files() throws Exception {
		try (Stream<Path> files = Files.list(this.temporary)) {
			return files.filter((file) -> file.getFileName().toString().startsWith("redis-")).toList();
		}
	}

	@Test
	void jvmThatReturnsLeavesNoProcessAndNoFile() throws Exception {
		try (JavaProcess process = start("return")) {
			List<Long> pids = awaitPids(process);
			assertThat(files()).isNotEmpty();
			process.writeLine("");
			assertThat(process.awaitExit(TIMEOUT)).isZero();
			assertThat(pids).noneMatch(LeftoversTests::isRunning);
			assertThat(files()).isEmpty();
		}
	}

	@Test
	void jvmThatExitsLeavesNoProcessAndNoFile() throws Exception {
		try (JavaProcess process = start("exit")) {
			List<Long> pids = awaitPids(process);
			process.writeLine("");
			assertThat(process.awaitExit(TIMEOUT)).isEqualTo(7);
			assertThat(pids).noneMatch(LeftoversTests::isRunning);
			assertThat(files()).isEmpty();
		}
	}

	@Test
	void jvmToldToTerminateLeavesNoProcessAndNoFile() throws Exception {
		try (JavaProcess process = start("wait")) {
			List<Long> pids = awaitPids(process);
			process.stop();
			assertThat(pids).noneMatch(LeftoversTests::isRunning);
			assertThat(files()).isEmpty();
		}
	}

	@Test
	void jvmThatHaltsLeavesNoProcess() {
		try (JavaProcess process = start("halt")) {
			List<Long> pids = awaitPids(process);
			process.writeLine("");
			process.awaitExit(TIMEOUT);
			await().atMost(TIMEOUT).until(() -> pids.stream().noneMatch(LeftoversTests::isRunning));
		}
	}

	/**
	 * Starts a server, a paused one, a cluster and a JVM, and ends as told.
	 */
	static final class StartMain {

		private StartMain() {
		}

		public static void main(String[] args) throws Exception {
			RedisServer paused = RedisServer.start();
			paused.pause();
			RedisServer.start().close();
			JavaProcess other = JavaProcess.of(JavaProcessTests.EchoMain.class).start();
			Stream<Long> cluster = SharedRedis.cluster().nodes().stream().map(RedisServer::pid);
			Stream<Long> others = Stream.of(SharedRedis.standalone().pid(), paused.pid(), other.pid());
			SharedRedis.standalone().commands().set("a", "1");
			System.out
				.println("pids " + String.join(" ", Stream.concat(cluster, others).map(String::valueOf).toList()));
			System.in.read();
			switch (args[0]) {
				case "exit" -> System.exit(7);
				case "halt" -> Runtime.getRuntime().halt(1);
				default -> {
				}
			}
		}

	}

}
