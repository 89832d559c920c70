package app.session.redis.autoconfigure.connection;

import java.nio.file.Path;
import java.time.Duration;

import app.session.redis.autoconfigure.ContextRunners;
import app.session.redis.autoconfigure.startup.RedisUnreachableFailureAnalyzer;
import app.session.redis.servlet.AtomicRedisSessionRepository;
import app.session.redis.session.StoredSession;
import app.session.redis.test.RedisServer;
import io.lettuce.core.resource.EpollProvider;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.diagnostics.FailureAnalysis;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests Unix domain sockets, with Netty's native transport on the class path.
 */
@EnabledOnOs(value = OS.LINUX, architectures = { "amd64", "x86_64" },
		disabledReason = "the native transport among the test's dependencies is that of Linux on x86-64")
class SocketNativeITests {

	@TempDir
	Path directory;

	@BeforeAll
	static void theTransportIsThere() {
		assertThat(EpollProvider.isAvailable()).isTrue();
	}

	@Test
	void sessionsAreKeptOverASocket() {
		Path socket = this.directory.resolve("redis.sock");
		try (RedisServer server = RedisServer.builder()
			.option("unixsocket", socket.toString())
			.option("requirepass", "secret")
			.start()) {
			for (String address : new String[] { "app.session.redis.socket=" + socket,
					"app.session.redis.url=redis-socket://:secret@" + socket + "?database=3" }) {
				ContextRunners.application()
					.withPropertyValues(address,
							address.contains("secret") ? "app.session.redis.events=broadcast"
									: "app.session.redis.password=secret")
					.run((context) -> {
						assertThat(context).hasNotFailed();
						AtomicRedisSessionRepository repository = context.getBean(AtomicRedisSessionRepository.class);
						StoredSession session = repository.createSession();
						session.setAttribute("a", "b");
						repository.save(session);
						assertThat(repository.findById(session.getId()).<String>getAttribute("a")).isEqualTo("b");
						server.restart();
						Awaitility.await()
							.atMost(Duration.ofSeconds(10))
							.ignoreExceptions()
							.until(() -> repository.findById(session.getId()) == null);
					});
			}
		}
	}

	@Test
	void noServerListensAtTheSocket_isReported() {
		Path socket = this.directory.resolve("none.sock");
		ContextRunners.application()
			.withPropertyValues("app.session.redis.socket=" + socket, "app.session.redis.connect-retries=0")
			.run((context) -> {
				FailureAnalysis analysis = new RedisUnreachableFailureAnalyzer().analyze(context.getStartupFailure());
				assertThat(analysis).isNotNull();
				assertThat(analysis.getDescription()).contains("Redis at " + socket, "the connection was refused");
			});
	}

	@Test
	void addressesWorkOverTheNativeTransportToo() {
		try (RedisServer server = RedisServer.start()) {
			ContextRunners.application()
				.withPropertyValues("app.session.redis.hosts=127.0.0.1:" + server.port())
				.run((context) -> assertThat(context).hasNotFailed());
		}
	}

}
