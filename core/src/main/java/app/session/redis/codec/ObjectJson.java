package app.session.redis.codec;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.jsontype.TypeSerializer;

/**
 * Writes and reads nested values as if they could be of any class: with the name of the
 * class if it isn't clear from the JSON.
 */
final class ObjectJson {

	private ObjectJson() {
	}

	static void write(String property, @Nullable Object value, JsonGenerator generator, SerializationContext context) {
		generator.writeName(property);
		write(value, generator, context);
	}

	static void write(@Nullable Object value, JsonGenerator generator, SerializationContext context) {
		if (value == null) {
			generator.writeNull();
			return;
		}
		TypeSerializer types = (TypeSerializer) context.getAttribute(ObjectJson.class);
		if (types == null) {
			types = context.findTypeSerializer(context.constructType(Object.class));
			context.setAttribute(ObjectJson.class, types);
		}
		ValueSerializer<Object> serializer = context.findRootValueSerializer(value.getClass());
		serializer.serializeWithType(value, generator, context, types);
	}

	/** Reads the value that begins at the current token. */
	static @Nullable Object read(JsonParser parser, DeserializationContext context) {
		if (parser.hasToken(JsonToken.VALUE_NULL)) {
			return null;
		}
		ValueDeserializer<?> deserializer = (ValueDeserializer<?>) context.getAttribute(ObjectJson.class);
		if (deserializer == null) {
			deserializer = context.findRootValueDeserializer(context.constructType(Object.class));
			context.setAttribute(ObjectJson.class, deserializer);
		}
		return deserializer.deserialize(parser, context);
	}

}
