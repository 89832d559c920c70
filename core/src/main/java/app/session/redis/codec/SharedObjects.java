package app.session.redis.codec;

import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.UnresolvedForwardReference;
import tools.jackson.databind.deser.ValueDeserializerModifier;
import tools.jackson.databind.deser.std.DelegatingDeserializer;
import tools.jackson.databind.jsontype.TypeDeserializer;

/**
 * Limits the size of objects that refer to each other by {@code @JsonIdentityInfo}. Every
 * other object in a JSON value occurs in one place. These can occur in many, so that a
 * short value can describe a tree of exponential size, which {@code hashCode} and
 * {@code equals} traverse.
 */
final class SharedObjects {

	/** The maximum number of such objects, each counted once for every place. */
	private static final long MAX_PLACES = 1_000_000;

	private final Map<Object, Long> sizes = new IdentityHashMap<>();

	private long places;

	static ValueDeserializerModifier modifier() {
		return new Modifier();
	}

	private @Nullable Object readObject(Supplier<@Nullable Object> reading) {
		long before = this.places;
		this.places++;
		Object value = reading.get();
		if (value != null) {
			this.sizes.put(value, this.places - before);
		}
		return value;
	}

	private @Nullable Object readReference(Supplier<@Nullable Object> reading) {
		Object value;
		try {
			value = reading.get();
		}
		catch (UnresolvedForwardReference ex) {
			throw new UnstorableValueException("it contains a reference that is not preceded by its object");
		}
		// An object that refers to itself is not complete yet
		this.places += (value != null) ? this.sizes.getOrDefault(value, 1L) : 0;
		if (this.places > MAX_PLACES) {
			throw new UnstorableValueException("it contains more than " + MAX_PLACES
					+ " objects, where shared objects count each time they occur");
		}
		return value;
	}

	private static boolean isReference(JsonParser parser) {
		return parser.currentToken().isScalarValue() && !parser.hasToken(JsonToken.VALUE_NULL);
	}

	private static final class Modifier extends ValueDeserializerModifier {

		private static final long serialVersionUID = 1L;

		@Override
		public ValueDeserializer<?> modifyDeserializer(DeserializationConfig config,
				BeanDescription.Supplier description, ValueDeserializer<?> deserializer) {
			return (description.get().getObjectIdInfo() != null) ? new Counting(deserializer) : deserializer;
		}

	}

	private static final class Counting extends DelegatingDeserializer {

		Counting(ValueDeserializer<?> deserializer) {
			super(deserializer);
		}

		@Override
		protected ValueDeserializer<?> newDelegatingInstance(ValueDeserializer<?> deserializer) {
			return new Counting(deserializer);
		}

		@Override
		public @Nullable Object deserialize(JsonParser parser, DeserializationContext context) {
			SharedObjects shared = JsonReading.of(context).shared();
			return isReference(parser) ? shared.readReference(() -> super.deserialize(parser, context))
					: shared.readObject(() -> super.deserialize(parser, context));
		}

		@Override
		public @Nullable Object deserializeWithType(JsonParser parser, DeserializationContext context,
				TypeDeserializer types) {
			return isReference(parser)
					? JsonReading.of(context)
						.shared()
						.readReference(() -> super.deserializeWithType(parser, context, types))
					: super.deserializeWithType(parser, context, types);
		}

	}

}
