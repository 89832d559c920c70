package app.session.redis.sample;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests the hints for native images that AOT processing has generated for this
 * application.
 */
class NativeHintsITests {

	@Test
	void typesInSessions_canBeSerialized() throws IOException {
		JsonNode metadata = metadata();
		for (String type : List.of("app.session.redis.sample.shop.Cart", "app.session.redis.sample.device.Device",
				"org.springframework.security.core.context.SecurityContextImpl", "java.util.LinkedHashMap")) {
			assertThat(isSerializable(metadata, type)).as(type).isTrue();
		}
		assertThat(isSerializable(metadata, "app.session.redis.sample.shop.Catalogue")).isFalse();
	}

	@Test
	void scriptsOfTheStore_arePartOfTheImage() throws IOException {
		assertThat(metadata().toString()).contains("app/session/redis/client/*.lua");
	}

	private static JsonNode metadata() throws IOException {
		Path classes = Path
			.of(URI.create(ShopApplication.class.getProtectionDomain().getCodeSource().getLocation().toString()));
		try (Stream<Path> files = Files.walk(classes.resolveSibling("spring-aot"))) {
			Path file = files.filter((path) -> path.endsWith("reachability-metadata.json")).findFirst().orElseThrow();
			return JsonMapper.shared().readTree(Files.readString(file));
		}
	}

	private static boolean isSerializable(JsonNode metadata, String type) {
		return metadata.get("reflection")
			.valueStream()
			.anyMatch((hint) -> hint.path("type").asString("").equals(type)
					&& hint.path("serializable").asBoolean(false));
	}

}
