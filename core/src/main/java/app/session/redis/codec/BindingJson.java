package app.session.redis.codec;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import app.session.redis.codec.PropertiesJson.Properties;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.module.SimpleModule;

import org.springframework.context.MessageSourceResolvable;
import org.springframework.context.support.DefaultMessageSourceResolvable;
import org.springframework.util.Assert;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;
import org.springframework.validation.AbstractBindingResult;
import org.springframework.validation.BeanPropertyBindingResult;
import org.springframework.validation.FieldError;
import org.springframework.validation.MapBindingResult;
import org.springframework.validation.ObjectError;

/**
 * The result of binding and validating a form, which flash attributes contain, as JSON.
 * Jackson treats a binding result as a bean whose {@code model} contains the result
 * itself.
 */
final class BindingJson {

	private static final boolean PRESENT = ClassUtils
		.isPresent("org.springframework.validation.BeanPropertyBindingResult", BindingJson.class.getClassLoader());

	/**
	 * The prefix of private classes that differ from their superclasses only in transient
	 * fields.
	 */
	private static final String VALIDATOR = "org.springframework.validation.beanvalidation.SpringValidatorAdapter$";

	private BindingJson() {
	}

	/** Returns whether objects of a class are written as objects of another class. */
	static boolean isWrittenAs(Class<?> type, Class<?> as) {
		return type.getName().startsWith(VALIDATOR) && writtenAs(type) == as;
	}

	static Class<?> writtenAs(Class<?> type) {
		return (PRESENT && type.getName().startsWith(VALIDATOR)) ? Types.writtenAs(type) : type;
	}

	static JacksonModule module() {
		return Types.addTo(new SimpleModule("app.session.redis.binding"));
	}

	/** Spring's classes, which may be absent. */
	private static final class Types {

		private static final String OBJECT_NAME = "objectName";

		private static final String TARGET = "target";

		private static final String AUTO_GROW = "autoGrowNestedPaths";

		private static final String AUTO_GROW_LIMIT = "autoGrowCollectionLimit";

		private static final String NESTED_PATH = "nestedPath";

		private static final String ERRORS = "errors";

		private static final String FIELD_TYPES = "fieldTypes";

		private static final String FIELD_VALUES = "fieldValues";

		private static final String SUPPRESSED = "suppressedFields";

		private static final String CODES = "codes";

		private static final String ARGUMENTS = "arguments";

		private static final String DEFAULT_MESSAGE = "defaultMessage";

		private static final String FIELD = "field";

		private static final String REJECTED_VALUE = "rejectedValue";

		private static final String BINDING_FAILURE = "bindingFailure";

		private Types() {
		}

		static Class<?> writtenAs(Class<?> type) {
			if (FieldError.class.isAssignableFrom(type)) {
				return FieldError.class;
			}
			if (ObjectError.class.isAssignableFrom(type)) {
				return ObjectError.class;
			}
			return MessageSourceResolvable.class.isAssignableFrom(type) ? DefaultMessageSourceResolvable.class : type;
		}

		static SimpleModule addTo(SimpleModule module) {
			return module
				.addSerializer(DefaultMessageSourceResolvable.class,
						new PropertiesJson.Serializer<>((value, context) -> properties(value)))
				.addSerializer(BeanPropertyBindingResult.class,
						new PropertiesJson.Serializer<>((value, context) -> properties(value)))
				.addSerializer(MapBindingResult.class,
						new PropertiesJson.Serializer<>((value, context) -> properties(value)))
				.addDeserializer(DefaultMessageSourceResolvable.class,
						new PropertiesJson.Deserializer<>((properties, context) -> resolvable(properties)))
				.addDeserializer(ObjectError.class,
						new PropertiesJson.Deserializer<>((properties, context) -> objectError(properties)))
				.addDeserializer(FieldError.class,
						new PropertiesJson.Deserializer<>((properties, context) -> fieldError(properties)))
				.addDeserializer(BeanPropertyBindingResult.class,
						new PropertiesJson.Deserializer<>((properties, context) -> beanResult(properties, context)))
				.addDeserializer(MapBindingResult.class,
						new PropertiesJson.Deserializer<>((properties, context) -> mapResult(properties, context)));
		}

		private static Properties properties(DefaultMessageSourceResolvable value) {
			Map<String, @Nullable Object> properties = new LinkedHashMap<>();
			if (value instanceof ObjectError error) {
				properties.put(OBJECT_NAME, error.getObjectName());
			}
			if (value instanceof FieldError error) {
				properties.put(FIELD, error.getField());
				properties.put(REJECTED_VALUE, error.getRejectedValue());
				properties.put(BINDING_FAILURE, error.isBindingFailure());
			}
			properties.put(CODES, value.getCodes());
			properties.put(ARGUMENTS, arguments(value.getArguments()));
			properties.put(DEFAULT_MESSAGE, value.getDefaultMessage());
			Class<?> type = value.getClass();
			return new Properties(type.getName().startsWith(VALIDATOR) ? writtenAs(type) : type, properties);
		}

		/** Replaces arguments of a private class. */
		private static Object @Nullable [] arguments(Object @Nullable [] arguments) {
			if (arguments == null) {
				return null;
			}
			Object[] replaced = arguments.clone();
			for (int i = 0; i < replaced.length; i++) {
				if (replaced[i] instanceof MessageSourceResolvable resolvable
						&& resolvable.getClass().getName().startsWith(VALIDATOR)) {
					replaced[i] = new DefaultMessageSourceResolvable(resolvable.getCodes(), resolvable.getArguments(),
							resolvable.getDefaultMessage());
				}
			}
			return replaced;
		}

		private static DefaultMessageSourceResolvable resolvable(Map<String, @Nullable Object> properties) {
			return new DefaultMessageSourceResolvable((String[]) properties.get(CODES),
					(Object[]) properties.get(ARGUMENTS), (String) properties.get(DEFAULT_MESSAGE));
		}

		private static ObjectError objectError(Map<String, @Nullable Object> properties) {
			return new ObjectError(text(properties, OBJECT_NAME), (String[]) properties.get(CODES),
					(Object[]) properties.get(ARGUMENTS), (String) properties.get(DEFAULT_MESSAGE));
		}

		private static FieldError fieldError(Map<String, @Nullable Object> properties) {
			return new FieldError(text(properties, OBJECT_NAME), text(properties, FIELD),
					properties.get(REJECTED_VALUE), Boolean.TRUE.equals(properties.get(BINDING_FAILURE)),
					(String[]) properties.get(CODES), (Object[]) properties.get(ARGUMENTS),
					(String) properties.get(DEFAULT_MESSAGE));
		}

		private static Properties properties(BeanPropertyBindingResult result) {
			Map<String, @Nullable Object> properties = common(result);
			properties.put(AUTO_GROW, field(result, BeanPropertyBindingResult.class, AUTO_GROW));
			properties.put(AUTO_GROW_LIMIT, field(result, BeanPropertyBindingResult.class, AUTO_GROW_LIMIT));
			return new Properties(result.getClass(), properties);
		}

		private static Properties properties(MapBindingResult result) {
			return new Properties(result.getClass(), common(result));
		}

		private static Map<String, @Nullable Object> common(AbstractBindingResult result) {
			Map<String, @Nullable Object> properties = new LinkedHashMap<>();
			properties.put(OBJECT_NAME, result.getObjectName());
			properties.put(TARGET, result.getTarget());
			properties.put(NESTED_PATH, result.getNestedPath());
			properties.put(ERRORS, new ArrayList<>(result.getAllErrors()));
			Map<String, String> types = new LinkedHashMap<>();
			((Map<?, ?>) Objects.requireNonNull(field(result, AbstractBindingResult.class, FIELD_TYPES)))
				.forEach((name, type) -> types.put((String) name, ((Class<?>) type).getName()));
			properties.put(FIELD_TYPES, types);
			properties.put(FIELD_VALUES, new HashMap<>(
					(Map<?, ?>) Objects.requireNonNull(field(result, AbstractBindingResult.class, FIELD_VALUES))));
			properties.put(SUPPRESSED, result.getSuppressedFields());
			return properties;
		}

		/** Returns the value of a field, since some fields have no getter. */
		private static @Nullable Object field(Object object, Class<?> type, String name) {
			Field field = ReflectionUtils.findField(type, name);
			Assert.state(field != null, () -> "Spring's " + type.getSimpleName() + " has no field " + name);
			ReflectionUtils.makeAccessible(field);
			return ReflectionUtils.getField(field, object);
		}

		private static BeanPropertyBindingResult beanResult(Map<String, @Nullable Object> properties,
				DeserializationContext context) {
			BeanPropertyBindingResult result = new BeanPropertyBindingResult(properties.get(TARGET),
					text(properties, OBJECT_NAME), Boolean.TRUE.equals(properties.get(AUTO_GROW)),
					(Integer) Objects.requireNonNull(properties.get(AUTO_GROW_LIMIT)));
			return fill(result, properties, context);
		}

		private static MapBindingResult mapResult(Map<String, @Nullable Object> properties,
				DeserializationContext context) {
			MapBindingResult result = new MapBindingResult((Map<?, ?>) Objects.requireNonNull(properties.get(TARGET)),
					text(properties, OBJECT_NAME));
			return fill(result, properties, context);
		}

		private static <T extends AbstractBindingResult> T fill(T result, Map<String, @Nullable Object> properties,
				DeserializationContext context) {
			((List<?>) Objects.requireNonNull(properties.get(ERRORS)))
				.forEach((error) -> result.addError((ObjectError) error));
			Map<?, ?> types = (Map<?, ?>) Objects.requireNonNull(properties.get(FIELD_TYPES));
			Map<?, ?> values = (Map<?, ?>) Objects.requireNonNull(properties.get(FIELD_VALUES));
			types.forEach((name, type) -> result.recordFieldValue((String) name, load((String) type, context),
					values.get(name)));
			for (String suppressed : (String[]) Objects.requireNonNull(properties.get(SUPPRESSED))) {
				result.recordSuppressedField(suppressed);
			}
			result.setNestedPath((String) properties.get(NESTED_PATH));
			return result;
		}

		private static Class<?> load(String name, DeserializationContext context) {
			try {
				return context.findClass(name);
			}
			catch (ClassNotFoundException ex) {
				throw new UnstorableValueException("the class of a field is missing: " + AllowedTypes.printable(name));
			}
		}

		private static String text(Map<String, @Nullable Object> properties, String name) {
			return (String) Objects.requireNonNull(properties.get(name));
		}

	}

}
