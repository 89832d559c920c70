package app.session.redis.autoconfigure.startup;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import app.session.redis.autoconfigure.ContextRunners;
import app.session.redis.servlet.AtomicRedisSessionRepository;
import app.session.redis.test.Background;
import app.session.redis.test.JavaProcess;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(OutputCaptureExtension.class)
class StartupCheckTests {

	private final WebApplicationContextRunner contextRunner = ContextRunners.application()
		.withPropertyValues("app.session.redis.host=127.0.0.1", "app.session.redis.backoff.base=10ms",
				"app.session.redis.backoff.cap=20ms");

	@Test
	void nothingListens_failsAfterTheRetries() throws IOException {
		int port = freePort();
		this.contextRunner.withPropertyValues("app.session.redis.port=" + port).run((context) -> {
			FailureAnalysis analysis = analyze(context.getStartupFailure());
			assertThat(analysis.getDescription()).contains("Redis at 127.0.0.1:" + port, "the connection was refused",
					"4 attempts");
			assertThat(analysis.getAction()).contains("Start Redis there", "'app.session.redis.startup'", "'wait'",
					"'lazy'");
		});
	}

	@Test
	void nothingListensAndNoRetries_failsAfterTheFirstAttempt() throws IOException {
		this.contextRunner
			.withPropertyValues("app.session.redis.port=" + freePort(), "app.session.redis.connect-retries=0")
			.run((context) -> assertThat(analyze(context.getStartupFailure()).getDescription())
				.contains("(1 attempt in"));
	}

	@Test
	void unknownHost_failsSayingSo() {
		this.contextRunner
			.withPropertyValues("app.session.redis.host=no-such-host.invalid", "app.session.redis.connect-retries=0")
			.run((context) -> assertThat(analyze(context.getStartupFailure()).getDescription())
				.contains("Redis at no-such-host.invalid:6379", "the host name can't be resolved"));
	}

	@Test
	void serverHangs_failsSayingSo() {
		try (RedisServer server = RedisServer.start()) {
			server.pause();
			this.contextRunner
				.withPropertyValues("app.session.redis.port=" + server.port(), "app.session.redis.connect-retries=0",
						"app.session.redis.command-timeout=200ms")
				.run((context) -> assertThat(analyze(context.getStartupFailure()).getDescription())
					.contains("the server did not answer in time"));
		}
	}

	@Test
	void passwordMissing_failsAtOnceSayingSo() {
		try (RedisServer server = RedisServer.builder().option("requirepass", "secret").start()) {
			this.contextRunner.withPropertyValues("app.session.redis.port=" + server.port()).run((context) -> {
				FailureAnalysis analysis = analyze(context.getStartupFailure());
				assertThat(analysis.getDescription()).contains("requires a password", "(1 attempt in");
				assertThat(analysis.getAction()).contains("'app.session.redis.password'").doesNotContain("lazy");
			});
		}
	}

	@Test
	void passwordWrong_failsAtOnceWithoutShowingIt(CapturedOutput output) {
		try (RedisServer server = RedisServer.builder().option("requirepass", "secret").start()) {
			this.contextRunner
				.withPropertyValues("app.session.redis.port=" + server.port(), "app.session.redis.password=not-it")
				.run((context) -> {
					FailureAnalysis analysis = analyze(context.getStartupFailure());
					assertThat(analysis.getDescription()).contains("rejects the username or password");
					assertThat(analysis.getDescription() + analysis.getAction()).doesNotContain("not-it");
					for (Throwable cause = context.getStartupFailure(); cause != null; cause = cause.getCause()) {
						assertThat(cause).message().doesNotContain("not-it");
					}
					assertThat(output).doesNotContain("not-it");
				});
		}
	}

	@Test
	void encryptionNotExpected_failsSayingSo() {
		this.contextRunner
			.withPropertyValues("app.session.redis.port=" + SharedRedis.standalone().port(),
					"app.session.redis.ssl.enabled=true", "app.session.redis.connect-retries=0",
					"app.session.redis.command-timeout=500ms")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.satisfies((cause) -> assertThat(analyze(context.getStartupFailure()).getAction()).isNotEmpty()));
	}

	@Test
	void notRedis_failsSayingSo() throws Exception {
		try (ServerSocket socket = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"))) {
			CompletableFuture<Void> answering = Background.run(() -> answerAsHttp(socket));
			this.contextRunner
				.withPropertyValues("app.session.redis.port=" + socket.getLocalPort(),
						"app.session.redis.connect-retries=0")
				.run((context) -> assertThat(analyze(context.getStartupFailure()).getDescription())
					.contains("speaks another protocol"));
			socket.close();
			answering.get(10, TimeUnit.SECONDS);
		}
	}

	@Test
	void lazy_startsWithoutRedis() throws IOException {
		this.contextRunner.withPropertyValues("app.session.redis.port=" + freePort(), "app.session.redis.startup=lazy")
			.run((context) -> assertThat(context).hasSingleBean(AtomicRedisSessionRepository.class));
	}

	@Test
	void wait_startsWhenRedisComes(CapturedOutput output) throws Exception {
		int port = freePort();
		CompletableFuture<RedisServer> server = new CompletableFuture<>();
		Thread starter = new Thread(() -> {
			awaitOutput(output, "Waiting for Redis at 127.0.0.1:" + port);
			server.complete(RedisServer.builder().port(port).start());
		});
		starter.start();
		try {
			this.contextRunner.withPropertyValues("app.session.redis.port=" + port, "app.session.redis.startup=wait")
				.run((context) -> assertThat(context).hasSingleBean(AtomicRedisSessionRepository.class));
		}
		finally {
			server.get(30, TimeUnit.SECONDS).close();
		}
	}

	@Test
	void wait_endsOnSigterm() throws IOException {
		try (JavaProcess process = JavaProcess.of(WaitingApplication.class)
			.args("--app.session.redis.host=127.0.0.1", "--app.session.redis.port=" + freePort(),
					"--app.session.redis.startup=wait", "--app.session.redis.backoff.base=30s",
					"--app.session.redis.backoff.cap=30s", "--spring.docker.compose.enabled=false")
			.start()) {
			process.awaitLine((line) -> line.contains("Waiting for Redis at 127.0.0.1"), Duration.ofSeconds(60));
			ProcessHandle.of(process.pid()).orElseThrow().destroy();
			process.awaitExit(Duration.ofSeconds(10));
		}
	}

	@Test
	void waitWithTimeout_failsThen() throws IOException {
		long start = System.nanoTime();
		this.contextRunner
			.withPropertyValues("app.session.redis.port=" + freePort(), "app.session.redis.startup=wait",
					"app.session.redis.startup-timeout=300ms")
			.run((context) -> {
				assertThat(analyze(context.getStartupFailure()).getDescription())
					.contains("the connection was refused");
				assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(250));
			});
	}

	private static void answerAsHttp(ServerSocket server) {
		try {
			while (true) {
				try (var client = server.accept()) {
					client.getInputStream().read(new byte[1024]);
					client.getOutputStream()
						.write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
				}
			}
		}
		catch (IOException ex) {
			// closed by the test
			return;
		}
	}

	private static void awaitOutput(CapturedOutput output, String text) {
		Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> output.toString().contains(text));
	}

	private static FailureAnalysis analyze(Throwable failure) {
		FailureAnalysis analysis = new RedisUnreachableFailureAnalyzer().analyze(failure);
		assertThat(analysis).as("analysis of %s", failure).isNotNull();
		return analysis;
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0)) {
			return socket.getLocalPort();
		}
	}

	/** An application that does nothing but start. */
	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class WaitingApplication {

		public static void main(String[] args) {
			SpringApplication.run(WaitingApplication.class, args);
		}

	}

}
