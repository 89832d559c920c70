package app.session.redis.observation;

import java.util.Locale;

import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;

/**
 * What is asked of the store for a request, or by code that uses the repository. What a
 * node does in the background is none of it.
 */
public enum StoreOperation {

	/** Reads a session. */
	LOAD,

	/** Writes a session for the first time. */
	CREATE,

	/** Writes what has changed of a session. */
	SAVE,

	/** Deletes a session, or those of an index value. */
	DELETE,

	/** Finds sessions by what they are indexed under. */
	FIND,

	/** Counts sessions, all of them or those of an index value. */
	COUNT,

	/** Reads a page of all sessions. */
	PAGE,

	/** Describes a session. */
	DESCRIBE,

	/** Takes the lock of a session, and waits for it. */
	LOCK,

	/**
	 * Reserves a place among the sessions of a principal, and makes room where there is
	 * none.
	 */
	RESERVE,

	/** Asks whether there may be one more session in all. */
	ADMIT,

	/** Takes a session over from Spring Session's own repository. */
	TAKE_OVER,

	/** Waits until replicas have a change. */
	CONFIRM;

	@SuppressWarnings("ImmutableEnumChecker") // never modified
	private final KeyValue keyValue = SessionObservation.Keys.OPERATION
		.withValue(name().toLowerCase(Locale.ROOT).replace('_', '-'));

	@SuppressWarnings("ImmutableEnumChecker") // likewise
	private final KeyValues pending = keyValues(StoreOperationContext.PENDING);

	@SuppressWarnings("ImmutableEnumChecker") // likewise
	private final KeyValues success = keyValues(StoreOperationContext.SUCCESS);

	/** The value of the tag. */
	String value() {
		return this.keyValue.getValue();
	}

	/** The tags; those of nearly every observation are there already. */
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
