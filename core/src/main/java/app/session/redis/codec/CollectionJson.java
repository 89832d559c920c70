package app.session.redis.codec;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CopyOnWriteArraySet;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.type.WritableTypeId;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.SerializationConfig;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.deser.ValueDeserializerModifier;
import tools.jackson.databind.deser.ValueInstantiator;
import tools.jackson.databind.deser.jdk.CollectionDeserializer;
import tools.jackson.databind.deser.jdk.StringCollectionDeserializer;
import tools.jackson.databind.deser.std.DelegatingDeserializer;
import tools.jackson.databind.jsontype.TypeDeserializer;
import tools.jackson.databind.jsontype.TypeSerializer;
import tools.jackson.databind.ser.ValueSerializerModifier;
import tools.jackson.databind.type.CollectionType;

/**
 * Collections as JSON: an array, as written by Jackson, or for a sorted collection with a
 * comparator an object with the comparator's name and the elements. Elements are read
 * before they are added, so that adding them takes limited time.
 */
final class CollectionJson {

	private static final String ORDER = "order";

	private static final String ELEMENTS = "elements";

	/** Adding to such a set compares the element with all others. */
	private static final int MAX_OF_ARRAY_SET = 1000;

	private CollectionJson() {
	}

	static ValueSerializerModifier serializers() {
		return new Serializers();
	}

	static ValueDeserializerModifier deserializers() {
		return new Deserializers();
	}

	private static final class Serializers extends ValueSerializerModifier {

		private static final long serialVersionUID = 1L;

		@Override
		@SuppressWarnings("unchecked") // of collections, as the caller knows
		public ValueSerializer<?> modifyCollectionSerializer(SerializationConfig config, CollectionType type,
				BeanDescription.Supplier description, ValueSerializer<?> serializer) {
			Class<?> raw = type.getRawClass();
			return (SortedSet.class.isAssignableFrom(raw) || PriorityQueue.class.isAssignableFrom(raw))
					? new Serializer((ValueSerializer<Object>) serializer) : serializer;
		}

	}

	private static final class Serializer extends ValueSerializer<Collection<?>> {

		private final ValueSerializer<Object> delegate;

		Serializer(ValueSerializer<Object> delegate) {
			this.delegate = delegate;
		}

		@Override
		public void resolve(SerializationContext context) {
			this.delegate.resolve(context);
		}

		@Override
		public ValueSerializer<?> createContextual(SerializationContext context, BeanProperty property) {
			return new Serializer(context.handleSecondaryContextualization(this.delegate, property));
		}

		@Override
		public boolean isEmpty(SerializationContext context, Collection<?> value) {
			return value.isEmpty();
		}

		@Override
		public void serialize(Collection<?> value, JsonGenerator generator, SerializationContext context) {
			WellKnownOrder order = order(value);
			if (order == null) {
				this.delegate.serialize(value, generator, context);
				return;
			}
			generator.writeStartObject(value);
			writeContent(value, order, generator, context);
			generator.writeEndObject();
		}

		@Override
		public void serializeWithType(Collection<?> value, JsonGenerator generator, SerializationContext context,
				TypeSerializer types) {
			WellKnownOrder order = order(value);
			if (order == null) {
				this.delegate.serializeWithType(value, generator, context, types);
				return;
			}
			WritableTypeId id = types.writeTypePrefix(generator, context, types.typeId(value, JsonToken.START_OBJECT));
			writeContent(value, order, generator, context);
			types.writeTypeSuffix(generator, context, id);
		}

		private static @Nullable WellKnownOrder order(Collection<?> value) {
			return WellKnownOrder.of((value instanceof SortedSet<?> sorted) ? sorted.comparator()
					: ((PriorityQueue<?>) value).comparator());
		}

		private void writeContent(Collection<?> value, WellKnownOrder order, JsonGenerator generator,
				SerializationContext context) {
			generator.writeStringProperty(ORDER, order.name());
			generator.writeName(ELEMENTS);
			this.delegate.serialize(value, generator, context);
		}

	}

	private static final class Deserializers extends ValueDeserializerModifier {

		private static final long serialVersionUID = 1L;

		@Override
		public ValueDeserializer<?> modifyCollectionDeserializer(DeserializationConfig config, CollectionType type,
				BeanDescription.Supplier description, ValueDeserializer<?> deserializer) {
			Class<?> raw = type.getRawClass();
			boolean affected = Set.class.isAssignableFrom(raw) || PriorityQueue.class.isAssignableFrom(raw)
					|| CopyOnWriteArrayList.class.isAssignableFrom(raw);
			return (affected && (deserializer instanceof CollectionDeserializer
					|| deserializer instanceof StringCollectionDeserializer)) ? new Deserializer(deserializer)
							: deserializer;
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
		public @Nullable Object deserialize(JsonParser parser, DeserializationContext context) {
			ValueInstantiator instantiator = ((ValueInstantiator.Gettable) _delegatee).getValueInstantiator();
			if (!instantiator.canCreateUsingDefault()) {
				return super.deserialize(parser, context);
			}
			WellKnownOrder order = null;
			if (parser.isExpectedStartObjectToken()) {
				parser.nextToken();
			}
			if (parser.hasToken(JsonToken.PROPERTY_NAME)) {
				order = readOrder(parser, context);
			}
			List<Object> elements = readElements(parser, context);
			if (order != null && parser.nextToken() != JsonToken.END_OBJECT) {
				return context.reportInputMismatch(this, "Not a collection");
			}
			Collection<Object> collection = create(order, instantiator, context);
			if (collection instanceof CopyOnWriteArraySet && elements.size() > MAX_OF_ARRAY_SET) {
				throw new UnstorableValueException(
						"a CopyOnWriteArraySet can have at most " + MAX_OF_ARRAY_SET + " elements");
			}
			if (collection instanceof Set) {
				JsonReading.of(context).hashes().add(elements);
			}
			collection.addAll(elements);
			return collection;
		}

		private WellKnownOrder readOrder(JsonParser parser, DeserializationContext context) {
			WellKnownOrder order = null;
			if (parser.currentName().equals(ORDER) && parser.nextToken() == JsonToken.VALUE_STRING) {
				order = WellKnownOrder.valueOf(parser.getString());
			}
			if (order == null || !ELEMENTS.equals(parser.nextName())) {
				return context.reportInputMismatch(this, "Not a collection");
			}
			parser.nextToken();
			return order;
		}

		@SuppressWarnings("unchecked") // the delegate creates the elements
		private List<Object> readElements(JsonParser parser, DeserializationContext context) {
			return (List<Object>) ((ValueDeserializer<Object>) _delegatee).deserialize(parser, context,
					new ArrayList<>());
		}

		@SuppressWarnings("unchecked") // a collection, whatever its elements are
		private Collection<Object> create(@Nullable WellKnownOrder order, ValueInstantiator instantiator,
				DeserializationContext context) {
			if (order == null) {
				return (Collection<Object>) instantiator.createUsingDefault(context);
			}
			Class<?> type = handledType();
			if (type == TreeSet.class) {
				return new TreeSet<>(order.comparator());
			}
			if (type == ConcurrentSkipListSet.class) {
				return new ConcurrentSkipListSet<>(order.comparator());
			}
			if (type == PriorityQueue.class) {
				return new PriorityQueue<>(order.comparator());
			}
			throw new UnstorableValueException("JSON can't represent the comparator of a " + type.getName());
		}

	}

}
