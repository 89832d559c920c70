package app.session.redis.codec;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Hashtable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.type.WritableTypeId;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.SerializationConfig;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.deser.ValueDeserializerModifier;
import tools.jackson.databind.deser.jdk.MapDeserializer;
import tools.jackson.databind.deser.std.DelegatingDeserializer;
import tools.jackson.databind.jsontype.TypeDeserializer;
import tools.jackson.databind.jsontype.TypeSerializer;
import tools.jackson.databind.ser.ValueSerializerModifier;
import tools.jackson.databind.ser.jdk.MapSerializer;
import tools.jackson.databind.type.MapType;

/**
 * Maps as JSON. A map with string keys is written as an object, as by Jackson. A map with
 * other keys or with a comparator is written as an array: the name of the comparator if
 * there is one, and for each entry an array of key and value, both with their types.
 */
final class MapJson {

	private MapJson() {
	}

	static ValueSerializerModifier serializers() {
		return new Serializers();
	}

	static ValueDeserializerModifier deserializers() {
		return new Deserializers();
	}

	private static boolean isStringKeyed(JavaType type) {
		return type.getKeyType().getRawClass().isAssignableFrom(String.class);
	}

	private static final class Serializers extends ValueSerializerModifier {

		private static final long serialVersionUID = 1L;

		@Override
		@SuppressWarnings("unchecked") // of maps, as the caller knows
		public ValueSerializer<?> modifyMapSerializer(SerializationConfig config, MapType type,
				BeanDescription.Supplier description, ValueSerializer<?> serializer) {
			return (serializer instanceof MapSerializer && !EnumMap.class.isAssignableFrom(type.getRawClass()))
					? new Serializer((ValueSerializer<Object>) serializer, isStringKeyed(type)) : serializer;
		}

	}

	private static final class Serializer extends ValueSerializer<Map<?, ?>> {

		private final ValueSerializer<Object> delegate;

		private final boolean stringKeyed;

		Serializer(ValueSerializer<Object> delegate, boolean stringKeyed) {
			this.delegate = delegate;
			this.stringKeyed = stringKeyed;
		}

		@Override
		public void resolve(SerializationContext context) {
			this.delegate.resolve(context);
		}

		@Override
		public ValueSerializer<?> createContextual(SerializationContext context, BeanProperty property) {
			return new Serializer(context.handleSecondaryContextualization(this.delegate, property), this.stringKeyed);
		}

		@Override
		public boolean isEmpty(SerializationContext context, Map<?, ?> value) {
			return value.isEmpty();
		}

		@Override
		public void serialize(Map<?, ?> value, JsonGenerator generator, SerializationContext context) {
			WellKnownOrder order = order(value);
			if (isObject(value, order)) {
				this.delegate.serialize(value, generator, context);
				return;
			}
			generator.writeStartArray(value, value.size());
			writeEntries(value, order, generator, context);
			generator.writeEndArray();
		}

		@Override
		public void serializeWithType(Map<?, ?> value, JsonGenerator generator, SerializationContext context,
				TypeSerializer types) {
			WellKnownOrder order = order(value);
			if (isObject(value, order)) {
				this.delegate.serializeWithType(value, generator, context, types);
				return;
			}
			WritableTypeId id = types.writeTypePrefix(generator, context, types.typeId(value, JsonToken.START_ARRAY));
			writeEntries(value, order, generator, context);
			types.writeTypeSuffix(generator, context, id);
		}

		private static @Nullable WellKnownOrder order(Map<?, ?> value) {
			return (value instanceof SortedMap<?, ?> sorted) ? WellKnownOrder.of(sorted.comparator()) : null;
		}

		private boolean isObject(Map<?, ?> value, @Nullable WellKnownOrder order) {
			if (order != null || !(this.stringKeyed || value.isEmpty())) {
				return false;
			}
			for (Object key : value.keySet()) {
				// This key would be read as the name of a type
				if (!(key instanceof String name) || name.equals("@class")) {
					return false;
				}
			}
			return true;
		}

		private static void writeEntries(Map<?, ?> value, @Nullable WellKnownOrder order, JsonGenerator generator,
				SerializationContext context) {
			if (order != null) {
				generator.writeString(order.name());
			}
			value.forEach((key, content) -> {
				generator.writeStartArray();
				ObjectJson.write(key, generator, context);
				ObjectJson.write(content, generator, context);
				generator.writeEndArray();
			});
		}

	}

	private static final class Deserializers extends ValueDeserializerModifier {

		private static final long serialVersionUID = 1L;

		@Override
		public ValueDeserializer<?> modifyMapDeserializer(DeserializationConfig config, MapType type,
				BeanDescription.Supplier description, ValueDeserializer<?> deserializer) {
			return (deserializer instanceof MapDeserializer) ? new Deserializer(deserializer) : deserializer;
		}

	}

	private static final class Deserializer extends DelegatingDeserializer {

		Deserializer(ValueDeserializer<?> delegate) {
			super(delegate);
		}

		@Override
		protected ValueDeserializer<?> newDelegatingInstance(ValueDeserializer<?> delegate) {
			return new Deserializer(delegate);
		}

		@Override
		public Object deserializeWithType(JsonParser parser, DeserializationContext context, TypeDeserializer types) {
			return types.deserializeTypedFromAny(parser, context);
		}

		@Override
		public Object deserialize(JsonParser parser, DeserializationContext context) {
			if (!parser.isExpectedStartArrayToken()) {
				return Hashtable.class.isAssignableFrom(handledType()) ? readTable(parser, context)
						: super.deserialize(parser, context);
			}
			WellKnownOrder order = null;
			List<@Nullable Object> keys = new ArrayList<>();
			List<@Nullable Object> values = new ArrayList<>();
			if (parser.nextToken() == JsonToken.VALUE_STRING) {
				order = WellKnownOrder.valueOf(parser.getString());
				parser.nextToken();
			}
			while (parser.isExpectedStartArrayToken()) {
				parser.nextToken();
				keys.add(ObjectJson.read(parser, context));
				parser.nextToken();
				values.add(ObjectJson.read(parser, context));
				if (parser.nextToken() != JsonToken.END_ARRAY) {
					return context.reportInputMismatch(this, "Not an entry of a map");
				}
				parser.nextToken();
			}
			JsonReading.of(context).hashes().add(keys);
			Map<@Nullable Object, @Nullable Object> map = create(order, context);
			for (int i = 0; i < keys.size(); i++) {
				map.put(keys.get(i), values.get(i));
			}
			return map;
		}

		/**
		 * Reads a {@link Hashtable} by checking the hash codes of its keys first, since
		 * it has no trees for keys with equal hash codes.
		 */
		@SuppressWarnings("unchecked") // a map, whatever its keys are
		private Object readTable(JsonParser parser, DeserializationContext context) {
			if (parser.hasToken(JsonToken.END_OBJECT)) {
				return create(null, context);
			}
			Map<Object, Object> entries = (Map<Object, Object>) ((ValueDeserializer<Object>) _delegatee)
				.deserialize(parser, context, new LinkedHashMap<>());
			JsonReading.of(context).hashes().add(entries.keySet());
			Map<@Nullable Object, @Nullable Object> table = create(null, context);
			table.putAll(entries);
			return table;
		}

		@SuppressWarnings("unchecked") // a map, whatever its keys are
		private Map<@Nullable Object, @Nullable Object> create(@Nullable WellKnownOrder order,
				DeserializationContext context) {
			MapDeserializer delegate = (MapDeserializer) _delegatee;
			if (order == null) {
				return (Map<@Nullable Object, @Nullable Object>) delegate.getValueInstantiator()
					.createUsingDefault(context);
			}
			Class<?> type = delegate.handledType();
			if (type == ConcurrentSkipListMap.class) {
				return new ConcurrentSkipListMap<>(order.comparator());
			}
			if (type == TreeMap.class) {
				return new TreeMap<>(order.comparator());
			}
			throw new UnstorableValueException("JSON can't represent the comparator of a " + type.getName());
		}

	}

}
