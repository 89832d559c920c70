package app.session.redis.codec;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.data.redis.serializer.RedisSerializer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class ValueCodecTests {

	private static final AllowedTypes TYPES = new AllowedTypes(List.of("app.session.redis"));

	private final ValueCodec codec = codec().build();

	private static ValueCodecBuilder codec() {
		return ValueCodec.builder().classLoader(ValueCodecTests.class.getClassLoader()).allowedTypes(TYPES);
	}

	@Test
	void everyValueComesBackAsItWas() {
		for (Object value : List.of("", "text", "ü\u0000\uD83D\uDE00", 42, 4L, true, List.of("a", 1),
				Map.of("k", "v"))) {
			assertThat(this.codec.deserialize(this.codec.serialize(value))).isEqualTo(value);
		}
	}

	@ParameterizedTest
	@EnumSource
	void onlyTheFormThatIsWrittenIsReadUnlessOthersAreListed(ValueForm form) {
		ValueForm other = (form == ValueForm.JDK) ? ValueForm.JSON : ValueForm.JDK;
		byte[] written = codec().form(form).build().serialize(List.of("a"));
		ValueCodec strict = codec().form(other).build();
		assertThatExceptionOfType(UnreadableValueException.class).isThrownBy(() -> strict.deserialize(written))
			.withMessageContaining("'" + form.name().toLowerCase(Locale.ROOT) + "'")
			.withMessageContaining("SessionSettingsBuilder.readForms");
		assertThat(codec().form(other).readForms(Set.of(form)).build().deserialize(written)).isEqualTo(List.of("a"));
		byte[] text = codec().form(form).build().serialize("text");
		assertThat(strict.deserialize(text)).isEqualTo("text");
	}

	@Test
	void aCompressedValueOfAFormThatIsNotReadIsRefusedLikewise() {
		ValueCodec json = codec().form(ValueForm.JSON).compression(CompressionAlgorithm.DEFLATE, 0).build();
		SessionSeal seal = SessionSeal.none("AAAAAAAAAAAAAAAA");
		byte[] stored = json.seal(seal, "name", json.serialize(List.of("a".repeat(1000))));
		assertThat(stored).startsWith((byte) 5);
		assertThatExceptionOfType(UnreadableValueException.class)
			.isThrownBy(() -> this.codec.deserialize(this.codec.open(seal, "name", stored)))
			.withMessageContaining("SessionSettingsBuilder.readForms");
	}

	@Test
	void aStringCostsOneByteMoreThanItsText() {
		assertThat(this.codec.serialize("abc")).hasSize(4);
	}

	@Test
	void whatIsNotSerializableIsNamed() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.codec.serialize(List.of(new Object())))
			.withMessageContaining("java.lang.Object is not Serializable");
	}

	@Test
	void damagedBytesAreUnreadableAndNotDisclosed() {
		byte[] whole = this.codec.serialize(new Value("secret"));
		for (int length = 0; length < whole.length; length++) {
			byte[] cut = java.util.Arrays.copyOf(whole, length);
			assertThatExceptionOfType(UnreadableValueException.class).isThrownBy(() -> this.codec.deserialize(cut))
				.satisfies((ex) -> assertThat(ex.getMessage()).doesNotContain("secret"));
		}
		assertThatExceptionOfType(UnreadableValueException.class)
			.isThrownBy(() -> this.codec.deserialize(new byte[] { 99, 1 }))
			.withMessageContaining("99");
	}

	@Test
	void whatAnotherSerializerWroteIsReadWhileItIsConfigured() {
		RedisSerializer<Object> custom = new RedisSerializer<>() {

			@Override
			public byte[] serialize(@Nullable Object value) {
				return String.valueOf(value).getBytes(StandardCharsets.UTF_8);
			}

			@Override
			public Object deserialize(byte @Nullable [] bytes) {
				return "custom " + new String(bytes, StandardCharsets.UTF_8);
			}

		};
		ValueCodec customized = codec().serializer(custom).readForms(Set.of(ValueForm.JDK)).build();
		byte[] written = customized.serialize("a");
		assertThat(customized.deserialize(written)).isEqualTo("custom a");
		assertThat(customized.deserialize(this.codec.serialize("a"))).as("written before").isEqualTo("a");
		assertThat(customized.deserialize(this.codec.serialize(7))).as("written before").isEqualTo(7);
		assertThatExceptionOfType(UnreadableValueException.class).isThrownBy(() -> this.codec.deserialize(written))
			.withMessageContaining("no longer configured");
	}

	@Test
	void classesComeFromTheApplicationsClassLoaderAsAfterARestartByDevTools() {
		RestartClassLoader restarted = new RestartClassLoader(getClass().getClassLoader());
		Object value = codec().classLoader(restarted).build().deserialize(this.codec.serialize(new Value("kept")));
		assertThat(value.getClass().getClassLoader()).isSameAs(restarted);
		assertThat(value).hasToString("kept");
		assertThat(value).isNotInstanceOf(Value.class);
	}

	record Value(String text) implements Serializable {

		@Override
		public String toString() {
			return this.text;
		}

	}

	/** Reloads the application's classes, as the class loader of DevTools does. */
	private static final class RestartClassLoader extends ClassLoader {

		RestartClassLoader(ClassLoader parent) {
			super(parent);
		}

		@Override
		protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
			if (!name.equals(Value.class.getName())) {
				return super.loadClass(name, resolve);
			}
			Class<?> loaded = findLoadedClass(name);
			if (loaded != null) {
				return loaded;
			}
			try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
				byte[] bytes = in.readAllBytes();
				return defineClass(name, bytes, 0, bytes.length);
			}
			catch (IOException ex) {
				throw new ClassNotFoundException(name, ex);
			}
		}

	}

}
