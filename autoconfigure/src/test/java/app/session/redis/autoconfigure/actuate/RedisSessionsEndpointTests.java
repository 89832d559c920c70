package app.session.redis.autoconfigure.actuate;

import java.util.Arrays;

import org.junit.jupiter.api.Test;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.annotation.ReflectiveRuntimeHintsRegistrar;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link RedisSessionsEndpoint}.
 */
class RedisSessionsEndpointTests {

	@Test
	void everyAnswerCanBeWrittenInANativeImage() {
		RuntimeHints hints = new RuntimeHints();
		new ReflectiveRuntimeHintsRegistrar().registerRuntimeHints(hints, RedisSessionsEndpoint.class);
		assertThat(Arrays.stream(SessionsDescriptors.class.getDeclaredClasses()).filter(Class::isRecord)).isNotEmpty()
			.allSatisfy((type) -> assertThat(RuntimeHintsPredicates.reflection().onType(type)).accepts(hints));
	}

}
