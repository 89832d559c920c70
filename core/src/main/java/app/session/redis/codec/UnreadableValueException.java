package app.session.redis.codec;

import org.jspecify.annotations.Nullable;

/**
 * Thrown if a stored value can't be deserialized because its class is missing or has
 * changed, or its bytes are damaged.
 */
public class UnreadableValueException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates the exception.
	 * @param message the message, without the value
	 * @param cause the cause, or null
	 */
	public UnreadableValueException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
