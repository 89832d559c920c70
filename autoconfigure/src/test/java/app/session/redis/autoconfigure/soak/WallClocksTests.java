package app.session.redis.autoconfigure.soak;

import java.nio.file.Path;
import java.time.Duration;

import app.session.redis.test.RedisServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Tests {@link WallClocks}.
 */
class WallClocksTests {

	@Test
	void clockOfAServerIsSet_andThatOfAnotherIsNot(@TempDir Path folder) throws Exception {
		WallClocks clocks = WallClocks.prepare(folder);
		assumeTrue(clocks != null, "Needs Linux and a C compiler");
		try (RedisServer server = RedisServer.builder().binary(clocks.binary()).start();
				RedisServer other = RedisServer.builder().binary(clocks.binary()).start()) {
			server.commands().psetex("key", 60_000, "value");
			WallClocks.set(server, Duration.ofSeconds(30));
			assertThat(seconds(server)).isCloseTo(seconds(other) + 30, within(1L));
			assertThat(server.commands().pttl("key")).isBetween(1L, 30_000L);
			WallClocks.set(server, Duration.ofSeconds(-30));
			assertThat(seconds(server)).isCloseTo(seconds(other) - 30, within(1L));
			assertThat(server.commands().pttl("key")).isBetween(80_000L, 90_000L);
		}
	}

	private static long seconds(RedisServer server) {
		return Long.parseLong(server.commands().time().get(0));
	}

}
