package app.session.redis.codec;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.data.redis.serializer.RedisSerializer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class ValueCodecTests {

	private final ValueCodec codec = new ValueCodec(getClass().getClassLoader(), null);

	@Test
	void everyValueComesBackAsItWas() {
		for (Object value : List.of("", "text", "ü\u0000\uD83D\uDE00", 42, 4L, true, List.of("a", 1),
				Map.of("k", "v"))) {
			assertThat(this.codec.decode(this.codec.encode(value))).isEqualTo(value);
		}
	}

	@Test
	void aStringCostsOneByteMoreThanItsText() {
		assertThat(this.codec.encode("abc")).hasSize(4);
	}

	@Test
	void whatIsNotSerializableIsNamed() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.codec.encode(List.of(new Object())))
			.withMessageContaining("java.lang.Object is not Serializable");
	}

	@Test
	void damagedBytesAreUnreadableAndTellNothingOfThemselves() {
		byte[] whole = this.codec.encode(new Value("secret"));
		for (int length = 0; length < whole.length; length++) {
			byte[] cut = java.util.Arrays.copyOf(whole, length);
			assertThatExceptionOfType(UnreadableValueException.class).isThrownBy(() -> this.codec.decode(cut))
				.satisfies((ex) -> assertThat(ex.getMessage()).doesNotContain("secret"));
		}
		assertThatExceptionOfType(UnreadableValueException.class)
			.isThrownBy(() -> this.codec.decode(new byte[] { 99, 1 }))
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
		ValueCodec customized = new ValueCodec(getClass().getClassLoader(), custom);
		byte[] written = customized.encode("a");
		assertThat(customized.decode(written)).isEqualTo("custom a");
		assertThat(customized.decode(this.codec.encode("a"))).as("written before").isEqualTo("a");
		assertThat(customized.decode(this.codec.encode(7))).as("written before").isEqualTo(7);
		assertThatExceptionOfType(UnreadableValueException.class).isThrownBy(() -> this.codec.decode(written))
			.withMessageContaining("no longer configured");
	}

	@Test
	void classesComeFromTheApplicationsClassLoaderAsAfterARestartByDevTools() {
		RestartClassLoader restarted = new RestartClassLoader(getClass().getClassLoader());
		Object value = new ValueCodec(restarted, null).decode(this.codec.encode(new Value("kept")));
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

	/** Loads the application's classes anew, as DevTools' does. */
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
