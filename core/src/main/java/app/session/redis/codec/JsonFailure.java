package app.session.redis.codec;

import java.util.Map;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.exc.InvalidDefinitionException;
import tools.jackson.databind.exc.InvalidTypeIdException;

/**
 * Tells why Jackson could not write or read, without what its own messages quote of the
 * value.
 */
final class JsonFailure {

	private JsonFailure() {
	}

	/** The kind of the failure, or the type that was refused, and where. */
	static String describe(Throwable failure) {
		if (!(failure instanceof JacksonException problem)) {
			return failure.getClass().getName();
		}
		String where = path(problem);
		return where.isEmpty() ? kind(problem) : "at " + where + ": " + kind(problem);
	}

	private static String kind(JacksonException problem) {
		if (problem instanceof InvalidTypeIdException refused && refused.getTypeId() != null) {
			return AllowedTypes.refusal(refused.getTypeId());
		}
		if (problem instanceof InvalidDefinitionException undefined && undefined.getType() != null) {
			return "Jackson can't make objects of "
					+ AllowedTypes.printable(undefined.getType().getRawClass().getName())
					+ ": give it a public constructor that Jackson can call, or one without arguments";
		}
		return problem.getClass().getName();
	}

	/** The properties that lead there; keys of maps are a part of the value. */
	private static String path(JacksonException problem) {
		StringBuilder path = new StringBuilder();
		for (JacksonException.Reference reference : problem.getPath()) {
			if (reference.getIndex() >= 0) {
				path.append('[').append(reference.getIndex()).append(']');
			}
			else {
				Class<?> owner = owner(reference.from());
				String name = reference.getPropertyName();
				boolean shown = owner != null && !Map.class.isAssignableFrom(owner) && owner != Object.class
						&& name.matches("[\\w$-]{1,100}");
				path.append(path.isEmpty() ? "" : ".").append(shown ? name : "*");
			}
		}
		return path.toString();
	}

	private static Class<?> owner(Object from) {
		return (from == null || from instanceof Class<?>) ? (Class<?>) from : from.getClass();
	}

}
