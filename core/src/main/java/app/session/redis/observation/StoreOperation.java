package app.session.redis.observation;

import java.util.Locale;

import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;

/**
 * An operation of the store on behalf of a request, or of code that uses the repository.
 * Background work of a node is not included.
 */
public enum StoreOperation {

	/** Reads a session. */
	LOAD,

	/** Writes a session for the first time. */
	CREATE,

	/** Writes the changes to a session. */
	SAVE,

	/** Deletes a session, or the sessions of an index value. */
	DELETE,

	/** Finds sessions by their index entries. */
	FIND,

	/** Counts all sessions, or the sessions of an index value. */
	COUNT,

	/** Reads a page of all sessions. */
	PAGE,

	/** Describes a session. */
	DESCRIBE,

	/** Takes the lock of a session, and waits for it if necessary. */
	LOCK,

	/**
	 * Reserves a place among the sessions of a principal, and makes room if there is
	 * none.
	 */
	RESERVE,

	/** Checks the limit on the total number of sessions. */
	ADMIT,

	/** Takes a session over from Spring Session's own repository. */
	TAKE_OVER,

	/** Waits until replicas have received a change. */
	CONFIRM;

	@SuppressWarnings("ImmutableEnumChecker") // never modified
	private final KeyValue keyValue = SessionObservation.Keys.OPERATION
		.withValue(name().toLowerCase(Locale.ROOT).replace('_', '-'));

	@SuppressWarnings("ImmutableEnumChecker") // likewise
	private final KeyValues pending = keyValues(StoreOperationContext.PENDING);

	@SuppressWarnings("ImmutableEnumChecker") // likewise
	private final KeyValues success = keyValues(StoreOperationContext.SUCCESS);

	/** Returns the value of the tag. */
	String value() {
		return this.keyValue.getValue();
	}

	/** Returns the tags; those of nearly all observations are created in advance. */
	KeyValues tags(String outcome) {
		return switch (outcome) {
			case StoreOperationContext.SUCCESS -> this.success;
			case StoreOperationContext.PENDING -> this.pending;
			default -> keyValues(outcome);
		};
	}

	private KeyValues keyValues(String outcome) {
		return KeyValues.of(this.keyValue, SessionObservation.Keys.OUTCOME.withValue(outcome));
	}

}
