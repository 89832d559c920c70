package app.session.redis.client;

import java.io.IOException;

import org.junit.jupiter.api.Test;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.core.io.support.SpringFactoriesLoader;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the hints of native images.
 */
class SessionRuntimeHintsTests {

	@Test
	void everyScriptIsPartOfTheImage() throws IOException {
		RuntimeHints hints = hints();
		Resource[] scripts = new PathMatchingResourcePatternResolver()
			.getResources("classpath*:app/session/redis/client/*.lua");
		assertThat(scripts).hasSize(31);
		for (Resource script : scripts) {
			assertThat(
					RuntimeHintsPredicates.resource().forResource("app/session/redis/client/" + script.getFilename()))
				.accepts(hints);
		}
	}

	@Test
	void listsOfClientsArePartOfTheImage() {
		assertThat(RuntimeHintsPredicates.resource().forResource("app/session/redis/session/crawlers.txt"))
			.accepts(hints());
		assertThat(RuntimeHintsPredicates.resource().forResource("app/session/redis/session/clients.txt"))
			.accepts(hints());
	}

	@Test
	void whatJsonNeedsIsPartOfTheImage() throws ClassNotFoundException {
		Class<?> mixin = Class.forName("app.session.redis.codec.AuthenticationExceptionMixin");
		assertThat(RuntimeHintsPredicates.reflection().onType(mixin)).accepts(hints());
	}

	private static RuntimeHints hints() {
		RuntimeHints hints = new RuntimeHints();
		SpringFactoriesLoader.forResourceLocation("META-INF/spring/aot.factories")
			.load(RuntimeHintsRegistrar.class)
			.stream()
			.filter((registrar) -> registrar.getClass().getName().startsWith("app.session.redis"))
			.forEach((registrar) -> registrar.registerHints(hints, SessionRuntimeHintsTests.class.getClassLoader()));
		return hints;
	}

}
