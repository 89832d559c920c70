package app.session.redis.autoconfigure.properties;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import app.session.redis.codec.CompressionAlgorithm;
import app.session.redis.settings.SessionSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.ThrowingSupplier;

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
		SessionSettings expected = new SessionSettings();
		SessionSettings settings = new SessionSettings();
		bind(RedisSessionProperties.class, Map.of()).applyTo(settings);
		settings.setCommandTimeout(bind(RedisSessionConnectionProperties.class, Map.of()).commandTimeout());
		assertThat(Arrays.stream(SessionSettings.class.getDeclaredMethods()).filter(this::isAccessor))
			.hasSizeGreaterThan(35)
			.allSatisfy((accessor) -> assertThat(value(accessor, settings)).as(accessor.getName())
				.isEqualTo(value(accessor, expected)));
		assertThat(bind(RedisSessionProperties.class, Map.of()).compression().algorithm())
			.isEqualTo(CompressionAlgorithm.NONE);
	}

	private boolean isAccessor(Method method) {
		return Modifier.isPublic(method.getModifiers()) && method.getParameterCount() == 0
				&& method.getReturnType() != void.class && !method.getName().equals("copy");
	}

	private static Object value(Method accessor, SessionSettings settings) {
		ThrowingSupplier<Object> invocation = () -> accessor.invoke(settings);
		try {
			return invocation.get();
		}
		catch (Throwable ex) {
			throw new IllegalStateException(ex);
		}
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
