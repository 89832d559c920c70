package app.session.redis.codec;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.type.TypeFactory;
import tools.jackson.databind.type.TypeModifier;
import tools.jackson.databind.util.ArrayBuilders;
import tools.jackson.databind.util.LookupCache;
import tools.jackson.databind.util.SimpleLookupCache;

import org.springframework.util.ClassUtils;

/**
 * Loads classes that JSON names. Every name in JSON passes {@link #findClass}, in all 3.x
 * releases of Jackson: type ids, each of their type parameters, and values of type
 * {@code Class}. Classes that are not allowed are neither loaded nor initialized.
 */
final class AllowedTypeFactory extends TypeFactory {

	private static final long serialVersionUID = 1L;

	private static final int CACHE_SIZE = 200;

	private final transient JsonTypes types;

	AllowedTypeFactory(JsonTypes types, @Nullable ClassLoader classLoader) {
		this(types, new SimpleLookupCache<>(16, CACHE_SIZE), null, classLoader);
	}

	private AllowedTypeFactory(JsonTypes types, LookupCache<Object, JavaType> cache,
			TypeModifier @Nullable [] modifiers, @Nullable ClassLoader classLoader) {
		super(cache, modifiers, classLoader);
		this.types = types;
	}

	@Override
	public Class<?> findClass(String className) throws ClassNotFoundException {
		Class<?> primitive = _findPrimitive(className);
		if (primitive != null) {
			return primitive;
		}
		if (!this.types.allows(className)) {
			throw this.types.refused(className);
		}
		ClassLoader classLoader = getClassLoader();
		return Class.forName(className, false,
				(classLoader != null) ? classLoader : ClassUtils.getDefaultClassLoader());
	}

	@Override
	public TypeFactory snapshot() {
		return withCache(_typeCache.snapshot());
	}

	@Override
	public TypeFactory withModifier(@Nullable TypeModifier modifier) {
		TypeModifier[] modifiers = null;
		if (modifier != null) {
			modifiers = (_modifiers != null) ? ArrayBuilders.insertInListNoDup(_modifiers, modifier)
					: new TypeModifier[] { modifier };
		}
		return new AllowedTypeFactory(this.types, _typeCache.emptyCopy(), modifiers, getClassLoader());
	}

	@Override
	public TypeFactory withClassLoader(ClassLoader classLoader) {
		return new AllowedTypeFactory(this.types, _typeCache, _modifiers, classLoader);
	}

	@Override
	public TypeFactory withCache(LookupCache<Object, JavaType> cache) {
		return new AllowedTypeFactory(this.types, cache, _modifiers, getClassLoader());
	}

}
