package app.session.redis.codec;

/**
 * Thrown if a value can't be stored as JSON without changing it, or takes too much work
 * to read. The message is the end of a sentence and contains no part of the value.
 */
final class UnstorableValueException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	UnstorableValueException(String message) {
		super(message);
	}

}
