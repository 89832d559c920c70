package app.session.redis.codec;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.type.WritableTypeId;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.jsontype.TypeDeserializer;
import tools.jackson.databind.jsontype.TypeSerializer;

/**
 * Objects that are written as named properties and created from them, instead of through
 * the properties that Jackson detects.
 */
final class PropertiesJson {

	private PropertiesJson() {
	}

	/**
	 * Writes the properties of an object.
	 *
	 * @param <T> the type of the object
	 */
	static final class Serializer<T> extends ValueSerializer<T> {

		private final BiFunction<T, SerializationContext, Properties> properties;

		Serializer(BiFunction<T, SerializationContext, Properties> properties) {
			this.properties = properties;
		}

		@Override
		public void serialize(T value, JsonGenerator generator, SerializationContext context) {
			Properties written = this.properties.apply(value, context);
			if (written.type() != value.getClass()) {
				throw new UnstorableValueException("JSON can't represent a " + value.getClass().getName() + " here");
			}
			generator.writeStartObject(value);
			write(written, generator, context);
			generator.writeEndObject();
		}

		@Override
		public void serializeWithType(T value, JsonGenerator generator, SerializationContext context,
				TypeSerializer types) {
			Properties written = this.properties.apply(value, context);
			WritableTypeId id = types.writeTypePrefix(generator, context,
					types.typeId(value, written.type(), JsonToken.START_OBJECT));
			write(written, generator, context);
			types.writeTypeSuffix(generator, context, id);
		}

		private static void write(Properties written, JsonGenerator generator, SerializationContext context) {
			written.values().forEach((name, value) -> {
				generator.writeName(name);
				ObjectJson.write(value, generator, context);
			});
			written.written().run();
		}

	}

	/**
	 * Creates an object from its properties.
	 *
	 * @param <T> the type of the object
	 */
	static final class Deserializer<T> extends ValueDeserializer<T> {

		private final BiFunction<Map<String, @Nullable Object>, DeserializationContext, T> creator;

		Deserializer(BiFunction<Map<String, @Nullable Object>, DeserializationContext, T> creator) {
			this.creator = creator;
		}

		@Override
		public T deserialize(JsonParser parser, DeserializationContext context) {
			Map<String, @Nullable Object> properties = new LinkedHashMap<>();
			// After the name of the type, the current token is the first property
			String name = parser.isExpectedStartObjectToken() ? parser.nextName() : parser.currentName();
			for (; name != null; name = parser.nextName()) {
				parser.nextToken();
				properties.put(name, ObjectJson.read(parser, context));
			}
			return this.creator.apply(properties, context);
		}

		@Override
		public Object deserializeWithType(JsonParser parser, DeserializationContext context, TypeDeserializer types) {
			return types.deserializeTypedFromObject(parser, context);
		}

	}

	/**
	 * The properties of an object.
	 *
	 * @param type the type that JSON names
	 * @param values the properties by their names
	 * @param written the action to run after they are written
	 */
	record Properties(Class<?> type, Map<String, @Nullable Object> values, Runnable written) {

		Properties(Class<?> type, Map<String, @Nullable Object> values) {
			this(type, values, () -> {
			});
		}

	}

}
