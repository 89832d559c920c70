package app.session.redis.sample.embedded;

import org.apache.commons.logging.impl.NoOpLog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringApplication;
import org.springframework.context.aot.AbstractAotProcessor;
import org.springframework.mock.env.MockEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

class EmbeddedRedisPostProcessorTests {

	private final EmbeddedRedisPostProcessor postProcessor = new EmbeddedRedisPostProcessor((log) -> new NoOpLog());

	private final MockEnvironment environment = new MockEnvironment();

	@ParameterizedTest
	@ValueSource(strings = { "app.session.redis.hosts=redis.test:7000", "app.session.redis.hosts[0]=redis.test:7000",
			"app.session.redis.host=redis.test", "app.session.redis.url=redis://redis.test",
			"app.session.redis.socket=/run/redis.sock", "spring.data.redis.host=redis.test",
			"spring.data.redis.url=redis://redis.test", "spring.data.redis.cluster.nodes[0]=redis.test:7000" })
	void leavesAConfiguredRedisAlone(String property) {
		int split = property.indexOf('=');
		this.environment.setProperty(property.substring(0, split), property.substring(split + 1));
		this.postProcessor.postProcessEnvironment(this.environment, new SpringApplication());
		assertThat(this.environment.getPropertySources().contains("embeddedRedis")).isFalse();
	}

	@Test
	void startsNothingDuringAheadOfTimeProcessing() {
		System.setProperty(AbstractAotProcessor.AOT_PROCESSING, "true");
		try {
			this.environment.setProperty(EmbeddedRedisPostProcessor.PORT_PROPERTY, "1");
			this.postProcessor.postProcessEnvironment(this.environment, new SpringApplication());
			assertThat(this.environment.getProperty("app.session.redis.hosts")).isEqualTo("localhost:1");
		}
		finally {
			System.clearProperty(AbstractAotProcessor.AOT_PROCESSING);
		}
	}

}
