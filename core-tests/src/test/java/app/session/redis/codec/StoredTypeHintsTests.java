package app.session.redis.codec;

import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.OutputStream;
import java.io.Serializable;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.TypeReference;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.security.core.authority.FactorGrantedAuthority;
import org.springframework.security.core.context.SecurityContextImpl;
import org.springframework.security.oauth2.client.authentication.OAuth2AuthenticationToken;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests which stored types a native image can read and write.
 */
class StoredTypeHintsTests {

	private static final RuntimeHints hints = new RuntimeHints();

	@BeforeAll
	static void register() {
		new StoredTypeHints().registerHints(hints, StoredTypeHintsTests.class.getClassLoader());
	}

	private static boolean isRegistered(Class<?> type) {
		TypeReference reference = type.isArray() ? TypeReference.of(type) : TypeReference.of(type.getName());
		return RuntimeHintsPredicates.reflection().onJavaSerialization(reference, true).test(hints);
	}

	@Test
	void typesOfSpringSecurity_areRegistered() {
		assertThat(List.of(SecurityContextImpl.class, OAuth2AuthenticationToken.class, FactorGrantedAuthority.class))
			.allMatch(StoredTypeHintsTests::isRegistered);
	}

	@Test
	void valuesOfTheJdk_areRegistered() throws ClassNotFoundException {
		assertThat(List.of(ArrayList.class, Instant.class, Class.forName("java.time.Ser"), IOException.class,
				Class.forName("java.util.Collections$UnmodifiableMap"), byte[].class))
			.allMatch(StoredTypeHintsTests::isRegistered);
	}

	@Test
	void typesThatAreNotAllowed_areNotRegistered() {
		assertThat(isRegistered(StoredTypeHintsTests.Added.class)).isFalse();
		assertThat(isRegistered(java.rmi.server.UnicastRemoteObject.class)).isFalse();
	}

	@Test
	void presenceOfOptionalLibraries_isKnown() throws ClassNotFoundException {
		for (String name : List.of("tools.jackson.databind.json.JsonMapper", "net.jpountz.lz4.LZ4Factory",
				"com.github.luben.zstd.Zstd", "org.springframework.web.servlet.FlashMap")) {
			assertThat(RuntimeHintsPredicates.reflection().onType(Class.forName(name))).accepts(hints);
		}
	}

	/** Every class in the streams of the values that the codec's tests store. */
	@Test
	void everyTypeOfTheRoundTrips_isRegistered() throws ReflectiveOperationException {
		Set<String> missing = new LinkedHashSet<>();
		int values = 0;
		for (Method method : RealValues.class.getDeclaredMethods()) {
			if (Modifier.isStatic(method.getModifiers()) && method.getParameterCount() == 0 && !method.isSynthetic()) {
				method.setAccessible(true);
				for (Class<?> type : classesOf(method.invoke(null))) {
					if (!type.isArray() && !type.getName().startsWith("app.session.redis.") && !isRegistered(type)) {
						missing.add(type.getName());
					}
				}
				values++;
			}
		}
		assertThat(values).isGreaterThan(10);
		assertThat(missing).isEmpty();
	}

	private static Set<Class<?>> classesOf(Object value) {
		Set<Class<?>> types = new LinkedHashSet<>();
		try (ObjectOutputStream out = new ObjectOutputStream(OutputStream.nullOutputStream()) {

			@Override
			protected void writeClassDescriptor(ObjectStreamClass descriptor) throws IOException {
				types.add(descriptor.forClass());
				super.writeClassDescriptor(descriptor);
			}

		}) {
			out.writeObject(value);
		}
		catch (IOException ex) {
			// Written in another form
		}
		return types;
	}

	@Test
	void addedTypes_areRegisteredWithTheirNestedTypesAndPackages() {
		RuntimeHints added = new RuntimeHints();
		StoredTypeHints.register(added.reflection(), List.of(Added.class.getName()), true, getClass().getClassLoader());
		assertThat(RuntimeHintsPredicates.reflection().onJavaSerialization(Added.class, true)).accepts(added);
		assertThat(RuntimeHintsPredicates.reflection().onJavaSerialization(Added.Nested.class, true)).accepts(added);
		assertThat(RuntimeHintsPredicates.reflection().onMethodInvocation(Added.class, "getName")).accepts(added);
		RuntimeHints ofPackage = new RuntimeHints();
		StoredTypeHints.register(ofPackage.reflection(), List.of("app.session.redis.codec"), false,
				getClass().getClassLoader());
		assertThat(RuntimeHintsPredicates.reflection().onJavaSerialization(Added.class, true)).accepts(ofPackage);
		RuntimeHints never = new RuntimeHints();
		StoredTypeHints.register(never.reflection(), List.of("java.rmi.server"), false, getClass().getClassLoader());
		assertThat(never.reflection().typeHints()).isEmpty();
	}

	/** A type of an application. */
	static class Added implements Serializable {

		private static final long serialVersionUID = 1L;

		private String name = "";

		public String getName() {
			return this.name;
		}

		public void setName(String name) {
			this.name = name;
		}

		/** A nested type. */
		static class Nested implements Serializable {

			private static final long serialVersionUID = 1L;

		}

	}

}
