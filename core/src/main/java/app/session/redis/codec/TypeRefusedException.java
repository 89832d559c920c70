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

	/** The same refusal with the name of the attribute. */
	TypeRefusedException of(String attribute) {
		return new TypeRefusedException(message(attribute, this), this.typeNames, this);
	}

	static String message(String attribute, IllegalArgumentException refusal) {
		String name = attribute.matches("[^\\p{Cntrl}]{1,200}") ? "'" + attribute + "'" : "with an unprintable name";
		return "Session attribute " + name + ": " + refusal.getMessage();
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
