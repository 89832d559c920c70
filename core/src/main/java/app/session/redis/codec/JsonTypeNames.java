package app.session.redis.codec;

import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DatabindContext;
import tools.jackson.databind.DefaultTyping;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.jsontype.NamedType;
import tools.jackson.databind.jsontype.PolymorphicTypeValidator;
import tools.jackson.databind.jsontype.TypeIdResolver;
import tools.jackson.databind.jsontype.impl.ClassNameIdResolver;
import tools.jackson.databind.jsontype.impl.DefaultTypeResolverBuilder;

/**
 * Writes the class name of each object whose declared type doesn't determine it. Also
 * determines the element type of an empty {@link EnumSet}, which Jackson can't do without
 * access to its private fields.
 */
final class JsonTypeNames extends DefaultTypeResolverBuilder {

	private static final long serialVersionUID = 1L;

	JsonTypeNames(PolymorphicTypeValidator validator) {
		super(validator, DefaultTyping.NON_FINAL, JsonTypeInfo.As.PROPERTY);
	}

	private JsonTypeNames(JsonTypeNames base, @Nullable Class<?> defaultImpl) {
		super(base, defaultImpl);
	}

	@Override
	public DefaultTypeResolverBuilder withDefaultImpl(@Nullable Class<?> defaultImpl) {
		return new JsonTypeNames(this, defaultImpl);
	}

	@Override
	protected TypeIdResolver idResolver(DatabindContext context, JavaType baseType, PolymorphicTypeValidator validator,
			Collection<NamedType> subtypes, boolean serialization, boolean deserialization) {
		return new Names(baseType, subtypes, validator);
	}

	private static final class Names extends ClassNameIdResolver {

		private static final long serialVersionUID = 1L;

		Names(JavaType baseType, Collection<NamedType> subtypes, PolymorphicTypeValidator validator) {
			super(baseType, subtypes, validator);
		}

		@Override
		protected String _idFrom(DatabindContext context, Object value, Class<?> type) {
			if (value instanceof EnumSet<?> set && set.isEmpty()) {
				EnumSet<?> all = EnumSet.complementOf(set);
				if (!all.isEmpty()) {
					return super._idFrom(context, all, all.getClass());
				}
			}
			if (value instanceof EnumMap<?, ?> map && map.isEmpty()) {
				throw new UnstorableValueException("JSON can't represent the type of the keys of an empty EnumMap");
			}
			return super._idFrom(context, value, type);
		}

	}

}
