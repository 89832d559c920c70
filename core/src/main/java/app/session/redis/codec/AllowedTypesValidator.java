package app.session.redis.codec;

import tools.jackson.databind.DatabindContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.jsontype.PolymorphicTypeValidator;

/**
 * Restricts the types that JSON may name to allowed types, including type parameters and
 * array elements. Names are rejected before their classes are loaded, here or by
 * {@link AllowedTypeFactory}. Jackson before 3.1.4 relies on the validator alone for type
 * parameters and array elements.
 */
final class AllowedTypesValidator extends PolymorphicTypeValidator {

	private static final long serialVersionUID = 1L;

	private final transient JsonTypes types;

	AllowedTypesValidator(JsonTypes types) {
		this.types = types;
	}

	/** Returns {@code INDETERMINATE}, since no base type permits all of its subtypes. */
	@Override
	public Validity validateBaseType(DatabindContext context, JavaType baseType) {
		return Validity.INDETERMINATE;
	}

	/** Never returns {@code ALLOWED}, which would skip {@link #validateSubType}. */
	@Override
	public Validity validateSubClassName(DatabindContext context, JavaType baseType, String subClassName) {
		return this.types.allows(subClassName) ? Validity.INDETERMINATE : Validity.DENIED;
	}

	@Override
	public Validity validateSubType(DatabindContext context, JavaType baseType, JavaType subType) {
		return this.types.allowsNamed(subType) ? Validity.ALLOWED : Validity.DENIED;
	}

}
