package app.session.redis.codec;

import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

import app.session.redis.OptionNames;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests that messages of the codec name options as the application does.
 */
class OptionNamesInMessagesTests {

	private static final OptionNames NAMES = (option, values) -> "<" + option + values + ">";

	private static ValueCodec codec(ValueForm form) {
		return ValueCodec.builder().optionNames(NAMES).form(form).build();
	}

	@Test
	void aRefusedTypeIsToBeAllowed() {
		assertThatExceptionOfType(TypeRefusedException.class)
			.isThrownBy(() -> codec(ValueForm.JDK).serialize(new RealValues.Cart()))
			.withMessageContaining("allow it with <ALLOWED_TYPES[" + RealValues.Cart.class.getName() + "]>");
		assertThatIllegalArgumentException().isThrownBy(() -> codec(ValueForm.JSON).serialize(new RealValues.Cart()))
			.withMessageContaining("<ALLOWED_TYPES[]>");
	}

	@ParameterizedTest
	@EnumSource
	void aRefusedTypeInRedisIsToBeAllowed(ValueForm form) {
		byte[] stored = ValueCodec.builder()
			.form(form)
			.allowedTypes(new AllowedTypes(List.of(RealValues.class.getName())))
			.build()
			.serialize(new RealValues.Cart());
		assertThatExceptionOfType(UnreadableValueException.class).isThrownBy(() -> codec(form).deserialize(stored))
			.withMessageContaining("<ALLOWED_TYPES[]>");
	}

	@Test
	void aFormThatIsNotReadIsToBeAdded() {
		byte[] stored = codec(ValueForm.JSON).serialize(List.of(1));
		assertThatExceptionOfType(UnreadableValueException.class)
			.isThrownBy(() -> codec(ValueForm.JDK).deserialize(stored))
			.withMessageContaining("'json', which is not among the forms that are accepted (<READ_FORMS[]>)");
	}

	@Test
	void whatJsonCannotHoldIsToBeStoredByJavaSerialization() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> codec(ValueForm.JSON).serialize(new TreeSet<>(Comparator.comparing(String::length))))
			.withMessageContaining("store values with Java serialization (<SERIALIZER[JDK]>)");
	}

	@Test
	void keysThatAreMissingAreToBeConfigured() {
		SessionSeal seal = SessionSeal.of("app:session", "a".repeat(16), "k1", new byte[16]);
		byte[] sealed = { ValueSealing.ENCRYPTED };
		assertThatExceptionOfType(UnreadableValueException.class)
			.isThrownBy(() -> codec(ValueForm.JDK).open(seal, "name", sealed))
			.withMessageContaining("no encryption keys are configured (<ENCRYPTION_KEYS[]>)");
	}

}
