package app.session.redis.codec;

import org.jspecify.annotations.Nullable;

/**
 * A stored value can't be turned into an object: its class is gone or has changed, or its
 * bytes are damaged.
 */
public class UnreadableValueException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates the exception.
	 * @param message what happened, without the value
	 * @param cause why, or null
	 */
	public UnreadableValueException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
