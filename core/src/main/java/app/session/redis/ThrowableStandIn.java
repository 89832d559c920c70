package app.session.redis;

import org.jspecify.annotations.Nullable;

/**
 * Replaces a {@link Throwable} in a stored session that can't be stored as it is, because
 * its class isn't among the allowed types or can't be instantiated again. Keeps the name
 * of that class, the message, the stack trace, the cause and the suppressed exceptions.
 */
public final class ThrowableStandIn extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/** The name of the class. */
	private final String typeName;

	/**
	 * Creates a stand-in. The caller sets the stack trace and adds the suppressed
	 * exceptions.
	 * @param typeName the name of the class that it stands for
	 * @param message the message, or null
	 * @param cause the cause, or null
	 */
	public ThrowableStandIn(String typeName, @Nullable String message, @Nullable Throwable cause) {
		super(message, cause);
		this.typeName = typeName;
	}

	/**
	 * Returns the name of the class that this exception stands for.
	 * @return the name, as returned by {@link Class#getName()}
	 */
	public String getTypeName() {
		return this.typeName;
	}

	@Override
	@SuppressWarnings("OverrideThrowableToString") // names the other class
	public String toString() {
		return this.typeName + ((getMessage() != null) ? ": " + getMessage() : "");
	}

}
