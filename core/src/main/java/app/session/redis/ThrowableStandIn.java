package app.session.redis;

import org.jspecify.annotations.Nullable;

/**
 * Stands in for an exception that can't be stored: one whose class is not among the
 * allowed types or whose fields can't be serialized. It has the original's message, stack
 * trace and causes; only the name of the original's class is kept.
 */
public final class ThrowableStandIn extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final String typeName;

	/**
	 * Creates a stand-in.
	 * @param typeName the name of the class of the original exception
	 * @param message the original's message
	 * @param cause the original's cause
	 */
	public ThrowableStandIn(String typeName, @Nullable String message, @Nullable Throwable cause) {
		super(message, cause);
		this.typeName = typeName;
	}

	/**
	 * Returns the name of the class of the original exception.
	 * @return the name, as {@link Class#getName()} returns it
	 */
	public String getTypeName() {
		return this.typeName;
	}

	@Override
	@SuppressWarnings("OverrideThrowableToString") // the message is the original's
	public String toString() {
		String message = getMessage();
		return this.typeName + ((message != null) ? ": " + message : "");
	}

}
