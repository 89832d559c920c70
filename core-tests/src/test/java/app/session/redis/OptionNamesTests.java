package app.session.redis;

import java.lang.reflect.Method;
import java.util.List;
import java.util.stream.Stream;

import app.session.redis.codec.TypeCheck;
import app.session.redis.settings.SessionSettingsBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import static org.assertj.core.api.Assertions.assertThat;

class OptionNamesTests {

	private static final String SETTINGS = "SessionSettingsBuilder.";

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = { "DATABASE", "HOSTS" })
	void eachOptionIsNamedAfterAMethodOfTheSettings(Option option) {
		String name = OptionNames.METHODS.name(option);
		assertThat(name).startsWith(SETTINGS);
		assertThat(Stream.of(SessionSettingsBuilder.class.getMethods()).map(Method::getName))
			.contains(name.substring(SETTINGS.length()));
	}

	@Test
	void optionsOfTheConnectionAreNamedAfterItsFactory() throws NoSuchMethodException {
		assertThat(OptionNames.METHODS.name(Option.DATABASE)).isEqualTo("LettuceConnectionFactory."
				+ LettuceConnectionFactory.class.getMethod("setDatabase", int.class).getName());
		assertThat(OptionNames.METHODS.name(Option.HOSTS)).contains("LettuceConnectionFactory");
	}

	@Test
	void valuesAreShownAsArguments() {
		assertThat(OptionNames.METHODS.setting(Option.TYPE_CHECK, TypeCheck.ENFORCE))
			.isEqualTo("SessionSettingsBuilder.typeCheck(ENFORCE)");
		assertThat(OptionNames.METHODS.render(Option.ALLOWED_TYPES, List.of("com.acme.Cart", "com.acme.shop")))
			.isEqualTo("SessionSettingsBuilder.allowedTypes(com.acme.Cart, com.acme.shop)");
	}

}
