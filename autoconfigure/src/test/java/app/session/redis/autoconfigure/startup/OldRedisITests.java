package app.session.redis.autoconfigure.startup;

import app.session.redis.autoconfigure.ContextRunners;
import app.session.redis.test.RedisBinary;
import app.session.redis.test.RedisServer;
import org.junit.jupiter.api.Test;

import org.springframework.boot.diagnostics.FailureAnalysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Tests a server that lacks commands that the store requires. The profile "versions",
 * which downloads one, runs this test.
 */
class OldRedisITests {

	@Test
	void serverThatIsTooOld_isRefusedAtStart() {
		String version = RedisBinary.find().version();
		assumeThat(version).as("a server that is too old").startsWith("6.0");
		try (RedisServer server = RedisServer.start()) {
			ContextRunners.application()
				.withPropertyValues("app.session.redis.hosts=127.0.0.1:" + server.port())
				.run((context) -> {
					FailureAnalysis analysis = new RedisUnreachableFailureAnalyzer()
						.analyze(context.getStartupFailure());
					assertThat(analysis).isNotNull();
					assertThat(analysis.getDescription()).contains("too old", version);
					assertThat(analysis.getAction()).contains("6.2");
				});
		}
	}

}
