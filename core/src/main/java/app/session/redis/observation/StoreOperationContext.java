package app.session.redis.observation;

import java.util.Locale;

import app.session.redis.SessionStoreUnavailableException.Reason;
import io.micrometer.observation.Observation;

/**
 * The context of a store operation. It has no information about the session.
 */
public final class StoreOperationContext extends Observation.Context {

	/** The operation is in progress. */
	static final String PENDING = "pending";

	/** Redis has replied. */
	static final String SUCCESS = "success";

	/** A limit refused the operation, or its arguments were invalid. */
	static final String REJECTED = "rejected";

	/** The client has disconnected while its request waited for a lock. */
	static final String CANCELLED = "cancelled";

	/** Too few replicas have confirmed. */
	static final String UNCONFIRMED = "unconfirmed";

	private final StoreOperation operation;

	private String outcome = PENDING;

	StoreOperationContext(StoreOperation operation) {
		this.operation = operation;
	}

	/**
	 * Returns the operation.
	 * @return the operation
	 */
	public StoreOperation getOperation() {
		return this.operation;
	}

	/**
	 * Returns the outcome: {@code pending} while the operation is in progress;
	 * {@code success} if Redis has replied, whatever the reply; {@code rejected} if a
	 * limit refused the operation or its arguments were invalid; {@code cancelled} if the
	 * client has disconnected while its request waited for a lock; {@code unconfirmed} if
	 * too few replicas have confirmed; otherwise the {@link Reason} why the store is
	 * unavailable, in lower case with hyphens.
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
