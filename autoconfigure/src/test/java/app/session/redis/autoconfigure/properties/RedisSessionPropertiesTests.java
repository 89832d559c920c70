package app.session.redis.autoconfigure.properties;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import app.session.redis.settings.SessionSettings;
import app.session.redis.settings.SessionSettingsBuilder;
import org.junit.jupiter.api.Test;

import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the records that declare the properties.
 */
class RedisSessionPropertiesTests {

	private static final String PREFIX = "app.session.redis";

	@Test
	void defaults_areThoseOfTheCore() {
		SessionSettingsBuilder settings = SessionSettings.builder();
		bind(RedisSessionProperties.class, Map.of()).applyTo(settings);
		settings.commandTimeout(bind(RedisSessionConnectionProperties.class, Map.of()).commandTimeout());
		assertThat(settings.build()).isEqualTo(SessionSettings.builder().build());
	}

	@Test
	void secrets_areNotPartOfTheText() {
		Map<String, Object> values = new LinkedHashMap<>();
		for (String name : List.of("url", "username", "password", "sentinel.username", "sentinel.password")) {
			values.put(PREFIX + "." + name, "top secret");
		}
		values.put(PREFIX + ".encryption.keys.k1",
				Base64.getEncoder().encodeToString("top secret".getBytes(StandardCharsets.UTF_8)));
		RedisSessionConnectionProperties connection = bind(RedisSessionConnectionProperties.class, values);
		RedisSessionProperties properties = bind(RedisSessionProperties.class, values);
		assertThat(connection.sentinel().password()).isEqualTo("top secret");
		assertThat(properties.encryption().keys()).hasSize(1);
		assertThat(List.of(connection, connection.sentinel(), properties, properties.encryption())).asString()
			.doesNotContain("top secret", "dG9wIHNlY3JldA");
	}

	@Test
	void accessors_canBeInvokedInANativeImage() {
		RuntimeHints hints = new RuntimeHints();
		new PropertyBounds.Hints().registerHints(hints, null);
		for (Class<?> type : List.of(RedisSessionProperties.class, RedisSessionProperties.Lock.class,
				RedisSessionConnectionProperties.class, RedisSessionConnectionProperties.Pool.class)) {
			assertThat(RuntimeHintsPredicates.reflection()
				.onType(type)
				.withMemberCategory(MemberCategory.INVOKE_DECLARED_METHODS)).accepts(hints);
		}
	}

	private static <T> T bind(Class<T> type, Map<String, Object> values) {
		return new Binder(new MapConfigurationPropertySource(values)).bindOrCreate(PREFIX, type);
	}

}
