package app.session.redis.codec;

import java.io.Serializable;
import java.util.Set;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.KeyDeserializer;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.Deserializers;
import tools.jackson.databind.deser.KeyDeserializers;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.jsontype.TypeDeserializer;

/**
 * Rejects objects of types that are not allowed in places where JSON doesn't name them. A
 * class of the application may declare a property of any type. Jackson creates files,
 * paths, patterns and others from strings, and map keys with any constructor or factory
 * method that accepts a string.
 */
final class AllowedDeserializers extends Deserializers.Base implements KeyDeserializers {

	/**
	 * Types of keys that Jackson creates from text without calling code of the key's
	 * class, or opening or resolving anything.
	 */
	private static final Set<Class<?>> KEYS = Set.of(String.class, Object.class, CharSequence.class, Serializable.class,
			Boolean.class, Byte.class, Character.class, Short.class, Integer.class, Long.class, Float.class,
			Double.class, UUID.class);

	private final JsonTypes types;

	AllowedDeserializers(JsonTypes types) {
		this.types = types;
	}

	@Override
	public @Nullable ValueDeserializer<?> findBeanDeserializer(JavaType type, DeserializationConfig config,
			BeanDescription.Supplier description) {
		return refusalOf(type.getRawClass());
	}

	@Override
	public @Nullable ValueDeserializer<?> findEnumDeserializer(JavaType type, DeserializationConfig config,
			BeanDescription.Supplier description) {
		return refusalOf(type.getRawClass());
	}

	@Override
	public @Nullable ValueDeserializer<?> findTreeNodeDeserializer(JavaType type, DeserializationConfig config,
			BeanDescription.Supplier description) {
		ValueDeserializer<?> refusal = refusalOf(type.getRawClass());
		return (refusal != null) ? refusal : new JsonNodeJson.Deserializer(type.getRawClass());
	}

	private @Nullable ValueDeserializer<?> refusalOf(Class<?> type) {
		return this.types.mayDeclare(type) ? null : new RefusingDeserializer(type, this.types);
	}

	@Override
	public boolean hasDeserializerFor(DeserializationConfig config, Class<?> type) {
		return false;
	}

	@Override
	public @Nullable KeyDeserializer findKeyDeserializer(JavaType type, DeserializationConfig config,
			BeanDescription.Supplier description) {
		Class<?> raw = type.getRawClass();
		return (KEYS.contains(raw) || (raw.isEnum() && this.types.allows(raw))) ? null
				: new RefusingKeyDeserializer(raw, this.types);
	}

	/**
	 * Fails only if there is a value, so that a property of any type can be null.
	 */
	private static final class RefusingDeserializer extends StdDeserializer<Object> {

		private final JsonTypes types;

		RefusingDeserializer(Class<?> type, JsonTypes types) {
			super(type);
			this.types = types;
		}

		@Override
		public Object deserialize(JsonParser parser, DeserializationContext context) {
			throw this.types.refused(handledType().getName());
		}

		@Override
		public Object deserializeWithType(JsonParser parser, DeserializationContext context, TypeDeserializer types) {
			throw this.types.refused(handledType().getName());
		}

	}

	/**
	 * Fails for any key. {@link MapJson} writes keys of such types as values next to the
	 * values of the entries.
	 */
	private static final class RefusingKeyDeserializer extends KeyDeserializer {

		private final Class<?> type;

		private final JsonTypes types;

		RefusingKeyDeserializer(Class<?> type, JsonTypes types) {
			this.type = type;
			this.types = types;
		}

		@Override
		public Object deserializeKey(String key, DeserializationContext context) {
			throw this.types.refused(this.type.getName());
		}

	}

}
