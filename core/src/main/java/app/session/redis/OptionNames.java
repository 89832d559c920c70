package app.session.redis;

import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Renders the names of options in messages in the way in which the application configures
 * the library. Implementations must be safe for use by several threads.
 */
@FunctionalInterface
public interface OptionNames {

	/**
	 * Renders options as methods of the settings, for applications that call them:
	 * {@code SessionSettingsBuilder.allowedTypes(com.acme.Cart, com.acme.Order)}.
	 */
	OptionNames METHODS = (option, values) -> option.method() + (values.isEmpty() ? ""
			: values.stream().map(String::valueOf).collect(Collectors.joining(", ", "(", ")")));

	/**
	 * Returns the text for an option, with values that it should have.
	 * @param option the option
	 * @param values the values: strings, booleans or constants of the option's enum;
	 * empty for the name of the option alone
	 * @return the text, which fits into a sentence like a name
	 */
	String render(Option option, Collection<?> values);

	/**
	 * Returns the name of an option.
	 * @param option the option
	 * @return the name
	 */
	default String name(Option option) {
		return render(option, List.of());
	}

	/**
	 * Returns the text for an option with the value that it should have.
	 * @param option the option
	 * @param value the value: a string, a boolean or a constant of the option's enum
	 * @return the text, for example {@code SessionSettingsBuilder.collectorEnabled(true)}
	 */
	default String setting(Option option, Object value) {
		return render(option, List.of(value));
	}

}
