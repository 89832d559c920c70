package app.session.redis.codec;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.KeyDeserializer;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.Deserializers;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.jsontype.TypeDeserializer;
import tools.jackson.databind.type.CollectionType;
import tools.jackson.databind.type.MapType;

/**
 * Creates the collections of the JDK that have no public class, such as those of
 * {@code List.of} or {@code Collections.unmodifiableMap}, in their original order.
 */
final class JdkCollections extends Deserializers.Base {

	private static final Map<String, Function<List<Object>, Collection<Object>>> COLLECTIONS = collections();

	private static final Map<String, Function<Map<Object, Object>, Map<Object, Object>>> MAPS = maps();

	private static Map<String, Function<List<Object>, Collection<Object>>> collections() {
		Map<String, Function<List<Object>, Collection<Object>>> makers = new LinkedHashMap<>();
		for (String list : List.of("List12", "ListN", "SubList")) {
			// Lists from streams can contain null
			makers.put("java.util.ImmutableCollections$" + list,
					(elements) -> elements.contains(null) ? elements.stream().toList() : List.copyOf(elements));
		}
		for (String set : List.of("Set12", "SetN")) {
			makers.put("java.util.ImmutableCollections$" + set, Set::copyOf);
		}
		makers.put("java.util.Arrays$ArrayList", (elements) -> Arrays.asList(elements.toArray()));
		makers.put("java.util.Collections$EmptyList", (elements) -> Collections.emptyList());
		makers.put("java.util.Collections$EmptySet", (elements) -> Collections.emptySet());
		makers.put("java.util.Collections$SingletonList", (elements) -> Collections.singletonList(elements.get(0)));
		makers.put("java.util.Collections$SingletonSet", (elements) -> Collections.singleton(elements.get(0)));
		makers.put("java.util.Collections$UnmodifiableCollection", Collections::unmodifiableCollection);
		makers.put("java.util.Collections$UnmodifiableList",
				(elements) -> Collections.unmodifiableList(new LinkedList<>(elements)));
		makers.put("java.util.Collections$UnmodifiableRandomAccessList", Collections::unmodifiableList);
		makers.put("java.util.Collections$UnmodifiableSet",
				(elements) -> Collections.unmodifiableSet(new LinkedHashSet<>(elements)));
		makers.put("java.util.Collections$SynchronizedCollection", Collections::synchronizedCollection);
		makers.put("java.util.Collections$SynchronizedList",
				(elements) -> Collections.synchronizedList(new LinkedList<>(elements)));
		makers.put("java.util.Collections$SynchronizedRandomAccessList", Collections::synchronizedList);
		makers.put("java.util.Collections$SynchronizedSet",
				(elements) -> Collections.synchronizedSet(new LinkedHashSet<>(elements)));
		makers.put("java.util.concurrent.ConcurrentHashMap$KeySetView", (elements) -> {
			Set<Object> set = ConcurrentHashMap.newKeySet();
			set.addAll(elements);
			return set;
		});
		return makers;
	}

	private static Map<String, Function<Map<Object, Object>, Map<Object, Object>>> maps() {
		Map<String, Function<Map<Object, Object>, Map<Object, Object>>> makers = new LinkedHashMap<>();
		makers.put("java.util.ImmutableCollections$Map1", Map::copyOf);
		makers.put("java.util.ImmutableCollections$MapN", Map::copyOf);
		makers.put("java.util.Collections$EmptyMap", (entries) -> Collections.emptyMap());
		makers.put("java.util.Collections$SingletonMap", (entries) -> {
			Map.Entry<Object, Object> entry = entries.entrySet().iterator().next();
			return Collections.singletonMap(entry.getKey(), entry.getValue());
		});
		makers.put("java.util.Collections$UnmodifiableMap", Collections::unmodifiableMap);
		makers.put("java.util.Collections$SynchronizedMap", Collections::synchronizedMap);
		return makers;
	}

	@Override
	public @Nullable ValueDeserializer<?> findCollectionDeserializer(CollectionType type, DeserializationConfig config,
			BeanDescription.Supplier description, @Nullable TypeDeserializer elementTypes,
			@Nullable ValueDeserializer<?> elements) {
		Function<List<Object>, Collection<Object>> factory = COLLECTIONS.get(type.getRawClass().getName());
		return (factory != null) ? new CollectionFactory<>(type,
				config.getTypeFactory().constructCollectionType(ArrayList.class, type.getContentType()), factory, null)
				: null;
	}

	@Override
	public @Nullable ValueDeserializer<?> findMapDeserializer(MapType type, DeserializationConfig config,
			BeanDescription.Supplier description, @Nullable KeyDeserializer keys,
			@Nullable TypeDeserializer elementTypes, @Nullable ValueDeserializer<?> elements) {
		Function<Map<Object, Object>, Map<Object, Object>> factory = MAPS.get(type.getRawClass().getName());
		return (factory != null) ? new CollectionFactory<>(type,
				config.getTypeFactory().constructMapType(LinkedHashMap.class, type.getKeyType(), type.getContentType()),
				factory, null) : null;
	}

	@Override
	public boolean hasDeserializerFor(DeserializationConfig config, Class<?> type) {
		return COLLECTIONS.containsKey(type.getName()) || MAPS.containsKey(type.getName());
	}

	/** Reads a list or a map and converts it to the requested collection or map. */
	private static final class CollectionFactory<C> extends StdDeserializer<Object> {

		private final JavaType type;

		private final JavaType content;

		private final Function<C, ?> factory;

		private final @Nullable ValueDeserializer<Object> delegate;

		CollectionFactory(JavaType type, JavaType content, Function<C, ?> factory,
				@Nullable ValueDeserializer<Object> delegate) {
			super(type);
			this.type = type;
			this.content = content;
			this.factory = factory;
			this.delegate = delegate;
		}

		@Override
		public Object deserializeWithType(JsonParser parser, DeserializationContext context, TypeDeserializer types) {
			return types.deserializeTypedFromAny(parser, context);
		}

		@Override
		public ValueDeserializer<?> createContextual(DeserializationContext context, @Nullable BeanProperty property) {
			return new CollectionFactory<>(this.type, this.content, this.factory,
					context.findContextualValueDeserializer(this.content, property));
		}

		@Override
		@SuppressWarnings("unchecked") // the delegate creates what the factory accepts
		public @Nullable Object deserialize(JsonParser parser, DeserializationContext context) {
			Object read = (this.delegate != null) ? this.delegate.deserialize(parser, context) : null;
			if (read instanceof List<?> elements && Set.class.isAssignableFrom(handledType())) {
				JsonReading.of(context).hashes().add(elements);
			}
			return (read != null) ? this.factory.apply((C) read) : null;
		}

	}

}
