package app.session.redis.autoconfigure.properties;

import java.lang.reflect.Parameter;
import java.time.Duration;

import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.bind.Name;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.util.ReflectionUtils;
import org.springframework.util.unit.DataSize;

/**
 * Checks the {@link Bounds} of properties.
 */
public final class PropertyBounds {

	private PropertyBounds() {
	}

	/**
	 * Checks the values of a record and of the records that it contains.
	 * @param prefix the prefix of the properties, such as {@code app.session.redis}
	 * @param properties the record
	 * @throws InvalidConfigurationPropertyValueException if a value is out of its bounds
	 */
	public static void check(String prefix, Record properties) {
		for (Parameter parameter : parameters(properties.getClass())) {
			Object value = value(properties, parameter);
			Bounds bounds = parameter.getAnnotation(Bounds.class);
			String name = prefix + "." + name(parameter);
			if (value instanceof Record group) {
				check(name, group);
			}
			else if (bounds != null && value instanceof Comparable<?> number) {
				check(name, number, bounds);
			}
		}
	}

	private static void check(String name, Comparable<?> value, Bounds bounds) {
		boolean tooLow = !bounds.min().isEmpty() && compare(value, bounds.min()) < 0;
		boolean tooHigh = !bounds.max().isEmpty() && compare(value, bounds.max()) > 0;
		if (tooLow || tooHigh) {
			throw new InvalidConfigurationPropertyValueException(name, value, "It must be " + text(bounds) + ".");
		}
	}

	private static String text(Bounds bounds) {
		if (bounds.max().isEmpty()) {
			return "at least " + bounds.min();
		}
		return bounds.min().isEmpty() ? "at most " + bounds.max()
				: "at least " + bounds.min() + " and at most " + bounds.max();
	}

	private static int compare(Comparable<?> value, String bound) {
		if (value instanceof Duration duration) {
			return duration.compareTo(DurationStyle.detectAndParse(bound));
		}
		if (value instanceof DataSize size) {
			return size.compareTo(DataSize.parse(bound));
		}
		return ((Integer) value).compareTo(Integer.valueOf(bound));
	}

	private static @Nullable Object value(Record properties, Parameter parameter) {
		return ReflectionUtils.invokeMethod(ReflectionUtils.findMethod(properties.getClass(), parameter.getName()),
				properties);
	}

	/** Returns the parameters of a record's canonical constructor. */
	static Parameter[] parameters(Class<?> record) {
		return record.getDeclaredConstructors()[0].getParameters();
	}

	/** Returns the last part of the name of the property that is bound to a parameter. */
	static String name(Parameter parameter) {
		Name name = parameter.getAnnotation(Name.class);
		return (name != null) ? name.value() : DataObjectPropertyName.toDashedForm(parameter.getName());
	}

	/**
	 * Registers the accessors for native images. Spring Boot registers the constructors.
	 */
	public static final class Hints implements RuntimeHintsRegistrar {

		@Override
		public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
			register(hints, RedisSessionConnectionProperties.class);
			register(hints, RedisSessionProperties.class);
		}

		private static void register(RuntimeHints hints, Class<?> record) {
			hints.reflection().registerType(record, MemberCategory.INVOKE_DECLARED_METHODS);
			for (Parameter parameter : parameters(record)) {
				if (parameter.getType().isRecord()) {
					register(hints, parameter.getType());
				}
			}
		}

	}

}
