package app.session.redis.codec;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.type.WritableTypeId;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.jsontype.TypeSerializer;
import tools.jackson.databind.module.SimpleModule;

import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import org.springframework.web.servlet.FlashMap;

/**
 * Flash attributes as JSON. Jackson takes a {@link FlashMap} for the map that it also is,
 * and would lose for which request it is meant, and for how long.
 */
final class FlashMapJson {

	private static final String ATTRIBUTES = "attributes";

	private static final String PATH = "targetRequestPath";

	private static final String PARAMETERS = "targetRequestParams";

	private static final String EXPIRATION = "expirationTime";

	private FlashMapJson() {
	}

	static JacksonModule module() {
		return new SimpleModule("app.session.redis.flash").addSerializer(FlashMap.class, new Serializer())
			.addDeserializer(FlashMap.class, new Deserializer());
	}

	private static final class Serializer extends ValueSerializer<FlashMap> {

		@Override
		public void serialize(FlashMap value, JsonGenerator generator, SerializationContext context) {
			generator.writeStartObject(value);
			writeContent(value, generator, context);
			generator.writeEndObject();
		}

		@Override
		public void serializeWithType(FlashMap value, JsonGenerator generator, SerializationContext context,
				TypeSerializer types) {
			WritableTypeId id = types.writeTypePrefix(generator, context, types.typeId(value, JsonToken.START_OBJECT));
			writeContent(value, generator, context);
			types.writeTypeSuffix(generator, context, id);
		}

		private static void writeContent(FlashMap value, JsonGenerator generator, SerializationContext context) {
			write(ATTRIBUTES, new HashMap<>(value), generator, context);
			write(PATH, value.getTargetRequestPath(), generator, context);
			write(PARAMETERS, new LinkedHashMap<>(value.getTargetRequestParams()), generator, context);
			generator.writeNumberProperty(EXPIRATION, value.getExpirationTime());
		}

		private static void write(String name, @Nullable Object value, JsonGenerator generator,
				SerializationContext context) {
			generator.writeName(name);
			if (value != null) {
				context.findTypedValueSerializer(value.getClass(), true).serialize(value, generator, context);
			}
			else {
				generator.writeNull();
			}
		}

	}

	private static final class Deserializer extends ValueDeserializer<FlashMap> {

		@Override
		@SuppressWarnings("unchecked") // as they were written
		public FlashMap deserialize(JsonParser parser, DeserializationContext context) {
			FlashMap value = new FlashMap();
			// When the type was told, its property is already passed
			String name = parser.isExpectedStartObjectToken() ? parser.nextName() : parser.currentName();
			for (; name != null; name = parser.nextName()) {
				parser.nextToken();
				switch (name) {
					case ATTRIBUTES -> value.putAll((Map<String, Object>) context.readValue(parser, Object.class));
					case PATH -> value.setTargetRequestPath((String) context.readValue(parser, Object.class));
					case PARAMETERS ->
						value.addTargetRequestParams(parameters(context.readValue(parser, Object.class)));
					case EXPIRATION -> value.setExpirationTime(parser.getLongValue());
					default -> parser.skipChildren();
				}
			}
			return value;
		}

		@SuppressWarnings("unchecked") // as they were written
		private static MultiValueMap<String, String> parameters(Object value) {
			return new LinkedMultiValueMap<>((Map<String, List<String>>) value);
		}

	}

}
