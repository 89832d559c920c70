package app.session.redis.codec;

import java.util.List;

/**
 * A value can't be stored because it is or holds objects of types that are not among the
 * allowed types. The message names all of them and, where they can be allowed, the
 * setting that does so.
 */
public class TypeRefusedException extends IllegalArgumentException {

	private static final long serialVersionUID = 1L;

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
	 * Returns the same refusal with another message.
	 * @param message the message
	 * @return the refusal, whose cause is this one
	 */
	public TypeRefusedException withMessage(String message) {
		return new TypeRefusedException(message, this.typeNames, this);
	}

	/**
	 * Returns the names of the classes that were refused, in the order in which they were
	 * found.
	 * @return the names
	 */
	public List<String> getTypeNames() {
		return this.typeNames;
	}

}
