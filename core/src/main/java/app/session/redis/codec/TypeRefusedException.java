package app.session.redis.codec;

/**
 * A type is not allowed. Unchecked, because a stream of objects writes every
 * {@code IOException} down before it throws it.
 */
final class TypeRefusedException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	TypeRefusedException(String typeName) {
		super(AllowedTypes.refusal(typeName));
	}

}
