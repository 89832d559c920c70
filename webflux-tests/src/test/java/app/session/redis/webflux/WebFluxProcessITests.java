package app.session.redis.webflux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

import app.session.redis.test.JavaProcess;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests a reactive application in a process of its own: with a context that was processed
 * ahead of time, and with a restart by DevTools.
 */
class WebFluxProcessITests {

	private static final Duration PATIENCE = Duration.ofMinutes(1);

	private static final String STARTED = "Netty started on port (\\d+)";

	private final RedisServer server = SharedRedis.standalone();

	private JavaProcess.Builder application() {
		return JavaProcess.of(WebFluxTestApplication.class)
			.args("--server.port=0", "--app.session.redis.host=" + this.server.host(),
					"--app.session.redis.port=" + this.server.port());
	}

	private static Browser browser(JavaProcess process) {
		return new Browser(Integer.parseInt(process.awaitLine(STARTED, PATIENCE).group(1)));
	}

	@Test
	void contextThatWasProcessedAheadOfTime_servesSessions() {
		try (JavaProcess process = application().systemProperty("spring.aot.enabled", "true")
			.systemProperty("spring.devtools.restart.enabled", "false")
			.start()) {
			Browser browser = browser(process);
			browser.get("/write?value=apple");
			browser.logIn("anna");
			assertThat(browser.get("/read")).isEqualTo("apple");
			assertThat(browser.get("/user")).isEqualTo("anna");
			assertThat(process.output()).anyMatch((line) -> line.contains("Starting AOT-processed"));
		}
	}

	@Test
	void restartByDevTools_keepsSessions(@TempDir Path folder) throws IOException {
		try (JavaProcess process = application()
			.args("--spring.devtools.restart.additional-paths=" + folder,
					"--spring.devtools.restart.poll-interval=200ms", "--spring.devtools.restart.quiet-period=100ms")
			.start()) {
			Browser before = browser(process);
			before.get("/in-place?value=a");
			before.logIn("anna");
			Files.createFile(folder.resolve("changed"));
			Awaitility.await()
				.atMost(PATIENCE)
				.until(() -> process.output()
					.stream()
					.filter((line) -> line.contains("Netty started on port"))
					.count() == 2);
			String last = process.output()
				.stream()
				.filter((line) -> line.contains("Netty started on port"))
				.reduce((first, second) -> second)
				.orElseThrow();
			Browser after = new Browser(Integer.parseInt(last.replaceFirst(".*Netty started on port (\\d+).*", "$1")))
				.cookie(before.cookie());
			assertThat(after.get("/user")).isEqualTo("anna");
			assertThat(after.get("/in-place?value=b")).isEqualTo("[a, b]");
		}
	}

}
