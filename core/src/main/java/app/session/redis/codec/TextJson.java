package app.session.redis.codec;

import java.io.IOException;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.type.WritableTypeId;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.deser.std.StdScalarDeserializer;
import tools.jackson.databind.jsontype.TypeSerializer;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdScalarSerializer;

/**
 * A type whose values are written as strings without loss. JSON names the given type,
 * whatever class the value has.
 *
 * @param <T> the type
 */
final class TextJson<T> {

	private final Class<T> type;

	private final Writing<T> writing;

	private final Reading<T> reading;

	TextJson(Class<T> type, Writing<T> writing, Reading<T> reading) {
		this.type = type;
		this.writing = writing;
		this.reading = reading;
	}

	SimpleModule addTo(SimpleModule module) {
		return module.addSerializer(this.type, new Serializer<>(this))
			.addDeserializer(this.type, new Deserializer<>(this));
	}

	interface Writing<T> {

		String write(T value);

	}

	interface Reading<T> {

		@Nullable T read(String text, JsonReading state) throws IOException;

	}

	private static final class Serializer<T> extends StdScalarSerializer<T> {

		private final TextJson<T> form;

		Serializer(TextJson<T> form) {
			super(form.type);
			this.form = form;
		}

		@Override
		public void serialize(T value, JsonGenerator generator, SerializationContext context) {
			generator.writeString(this.form.writing.write(value));
		}

		@Override
		public void serializeWithType(T value, JsonGenerator generator, SerializationContext context,
				TypeSerializer types) {
			WritableTypeId id = types.writeTypePrefix(generator, context,
					types.typeId(value, this.form.type, JsonToken.VALUE_STRING));
			serialize(value, generator, context);
			types.writeTypeSuffix(generator, context, id);
		}

	}

	private static final class Deserializer<T> extends StdScalarDeserializer<T> {

		private final TextJson<T> form;

		Deserializer(TextJson<T> form) {
			super(form.type);
			this.form = form;
		}

		@Override
		public @Nullable T deserialize(JsonParser parser, DeserializationContext context) {
			if (parser.hasToken(JsonToken.VALUE_STRING)) {
				try {
					T value = this.form.reading.read(parser.getString(), JsonReading.of(context));
					if (value != null) {
						return value;
					}
				}
				catch (IOException | RuntimeException ex) {
					context.reportInputMismatch(this, "Not a value of this type");
				}
			}
			return context.reportInputMismatch(this, "Not a value of this type");
		}

	}

}
