package app.session.redis.codec;

import java.util.Map;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.databind.exc.InvalidDefinitionException;
import tools.jackson.databind.exc.InvalidTypeIdException;

/**
 * Describes why Jackson couldn't write or read a value, without the parts of the value
 * that Jackson's messages quote.
 */
final class JsonFailure {

	private final JsonTypes types;

	JsonFailure(JsonTypes types) {
		this.types = types;
	}

	/** Returns whether a value was rejected for a reason that is safe to show. */
	static boolean isRefusal(Throwable failure) {
		return failure instanceof InvalidTypeIdException || ownReason(failure) != null;
	}

	/**
	 * Returns whether the type of an object was rejected, in which case the description
	 * states what to do.
	 */
	static boolean isRefusedType(Throwable failure) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (cause instanceof TypeRefusedException || cause instanceof UnstorableValueException) {
				return cause instanceof TypeRefusedException;
			}
		}
		return failure instanceof InvalidTypeIdException refused && refused.getTypeId() != null;
	}

	/** Describes the failure and its path. */
	String describe(Throwable failure) {
		if (!(failure instanceof JacksonException problem)) {
			String reason = ownReason(failure);
			return (reason != null) ? reason : failure.getClass().getName();
		}
		String where = path(problem);
		return where.isEmpty() ? kind(problem) : "at " + where + ": " + kind(problem);
	}

	private String kind(JacksonException problem) {
		String reason = ownReason(problem);
		if (reason != null) {
			return reason;
		}
		if (problem instanceof StreamConstraintsException) {
			return "it is nested too deeply, contains itself, or contains a number or name that is too long";
		}
		if (problem instanceof InvalidTypeIdException refused && refused.getTypeId() != null) {
			return this.types.refusal(refused.getTypeId());
		}
		if (problem instanceof InvalidDefinitionException undefined && undefined.getType() != null) {
			Class<?> type = undefined.getType().getRawClass();
			String name = AllowedTypes.printable(type.getName());
			return StateFields.isOfJdk(type) ? "JSON can't represent a " + name : "Jackson can't create "
					+ "objects of " + name
					+ ": give it a public constructor that Jackson can call, or a constructor without arguments";
		}
		return problem.getClass().getName();
	}

	/**
	 * Returns the message of an exception that this package has thrown, if it is the
	 * reason.
	 */
	private static @Nullable String ownReason(Throwable failure) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (cause instanceof TypeRefusedException || cause instanceof UnstorableValueException) {
				return cause.getMessage();
			}
		}
		return null;
	}

	/**
	 * Returns the properties on the path to the failure, without keys of maps, which are
	 * a part of the value.
	 */
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
