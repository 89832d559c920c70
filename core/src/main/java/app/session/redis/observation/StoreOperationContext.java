package app.session.redis.observation;

import java.util.Locale;

import app.session.redis.SessionStoreUnavailableException.Reason;
import io.micrometer.observation.Observation;

/**
 * What is known of an operation of the store: nothing of the session.
 */
public final class StoreOperationContext extends Observation.Context {

	/** It is under way. */
	static final String PENDING = "pending";

	/** Redis has answered. */
	static final String SUCCESS = "success";

	/** A limit refused it, or it was asked for wrongly. */
	static final String REJECTED = "rejected";

	/** Too few replicas have confirmed. */
	static final String UNCONFIRMED = "unconfirmed";

	private final StoreOperation operation;

	private String outcome = PENDING;

	StoreOperationContext(StoreOperation operation) {
		this.operation = operation;
	}

	/**
	 * Which operation it is.
	 * @return the operation
	 */
	public StoreOperation getOperation() {
		return this.operation;
	}

	/**
	 * What came of it: {@code pending} while it is under way, then {@code success} when
	 * Redis has answered, whatever it was, {@code rejected} when a limit refused it or it
	 * was asked for wrongly, {@code unconfirmed} when too few replicas have confirmed, or
	 * in lower case with hyphens why the store is unavailable, a {@link Reason}.
	 * @return the outcome
	 */
	public String getOutcome() {
		return this.outcome;
	}

	void setOutcome(String outcome) {
		this.outcome = outcome;
	}

	void setOutcome(Reason reason) {
		this.outcome = reason.name().toLowerCase(Locale.ROOT).replace('_', '-');
	}

}
