package app.session.redis.codec;

import tools.jackson.databind.DatabindContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.jsontype.PolymorphicTypeValidator;

/**
 * Lets JSON name allowed types only. A name is refused before its class is loaded.
 */
final class AllowedTypesValidator extends PolymorphicTypeValidator {

	private static final long serialVersionUID = 1L;

	private final transient AllowedTypes allowedTypes;

	AllowedTypesValidator(AllowedTypes allowedTypes) {
		this.allowedTypes = allowedTypes;
	}

	/** No type opens the way for all of its subtypes. */
	@Override
	public Validity validateBaseType(DatabindContext context, JavaType baseType) {
		return Validity.INDETERMINATE;
	}

	@Override
	public Validity validateSubClassName(DatabindContext context, JavaType baseType, String subClassName) {
		return this.allowedTypes.allows(subClassName) ? Validity.INDETERMINATE : Validity.DENIED;
	}

	@Override
	public Validity validateSubType(DatabindContext context, JavaType baseType, JavaType subType) {
		Class<?> type = subType.getRawClass();
		return (this.allowedTypes.allows(type) && this.allowedTypes.isValue(type)) ? Validity.ALLOWED : Validity.DENIED;
	}

}
