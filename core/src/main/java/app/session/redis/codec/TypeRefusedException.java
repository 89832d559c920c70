package app.session.redis.codec;

import java.util.List;

/**
 * Thrown if a value can't be stored because it is or contains objects of types that are
 * not allowed. The message names all of them and, if they can be allowed, the setting for
 * it.
 */
public class TypeRefusedException extends IllegalArgumentException {

	private static final long serialVersionUID = 1L;

	/** The names of the classes. */
	private final List<String> typeNames;

	TypeRefusedException(String message, List<String> typeNames, Throwable cause) {
		super(message, cause);
		this.typeNames = List.copyOf(typeNames);
	}

	TypeRefusedException(String message, List<String> typeNames) {
		super(message);
		this.typeNames = List.copyOf(typeNames);
	}

	/**
	 * Returns an exception with the same types and another message.
	 * @param message the message
	 * @return the exception, with this one as the cause
	 */
	public TypeRefusedException withMessage(String message) {
		return new TypeRefusedException(message, this.typeNames, this);
	}

	/**
	 * Returns the names of the rejected classes in the order in which they were found.
	 * @return the names
	 */
	public List<String> getTypeNames() {
		return this.typeNames;
	}

}
