package app.session.redis.codec;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.validation.BindingResult;
import org.springframework.web.multipart.MultipartFile;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that values of the JDK, Spring and libraries can be stored with Java
 * serialization. Only forms of the application itself are allowed.
 */
class StorableValuesTests {

	private static final Set<String> COMPARED_BY_PARTS_WITHOUT_EQUALS = Set.of(
			"org.hibernate.collection.spi.PersistentBag",
			"org.springframework.security.cas.authentication.CasAuthenticationToken",
			"org.springframework.security.web.webauthn.authentication.WebAuthnAuthentication",
			"org.springframework.validation.BeanPropertyBindingResult",
			"org.springframework.web.util.HierarchicalUriComponents");

	private final ValueCodec codec = ValueCodec.builder()
		.classLoader(getClass().getClassLoader())
		.allowedTypes(new AllowedTypes(List.of(RealValues.class.getName(), StorableValues.class.getName())))
		.build();

	static Stream<Arguments> values() throws Exception {
		return StorableValues.all().entrySet().stream().map((entry) -> Arguments.of(entry.getKey(), entry.getValue()));
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("values")
	void aValueComesBack(String name, Object value) throws Exception {
		Object result = this.codec.deserialize(this.codec.serialize(value));
		if (value instanceof Object[] array) {
			assertThat((Object[]) result).isEqualTo(array);
		}
		else if (definesEquals(value.getClass())) {
			assertThat(result).isEqualTo(value);
		}
		if (!(value instanceof Iterable || value instanceof Map)) {
			assertThat(result).hasSameClassAs(value);
		}
		assertThat(this.codec.serialize(result)).hasSameSizeAs(this.codec.serialize(value));
	}

	private static boolean definesEquals(Class<?> type) throws NoSuchMethodException {
		Class<?> owner = type.getMethod("equals", Object.class).getDeclaringClass();
		return owner != Object.class && !COMPARED_BY_PARTS_WITHOUT_EQUALS.contains(type.getName());
	}

	@Test
	void aBindingResultKeepsItsErrorsAndTheTypesOfItsFields() {
		BindingResult result = (BindingResult) this.codec
			.deserialize(this.codec.serialize(StorableValues.bindingResult()));
		assertThat(result.getFieldErrors()).singleElement()
			.satisfies((error) -> assertThat(error.getCodes()).contains("typeMismatch.form.count"));
		assertThat(result).extracting("fieldTypes")
			.asInstanceOf(InstanceOfAssertFactories.MAP)
			.containsEntry("field of MultipartFile", MultipartFile.class)
			.containsEntry("field of int", int.class);
	}

}
