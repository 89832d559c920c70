package app.session.redis.engine;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.client.Caller;
import app.session.redis.client.Failures;
import app.session.redis.client.ReplicaConfirmation;
import app.session.redis.client.Stages;
import app.session.redis.observation.SessionCounter;
import app.session.redis.observation.SessionCounts;
import app.session.redis.observation.StoreObservations;
import app.session.redis.observation.StoreOperation;
import app.session.redis.session.SessionScope;
import app.session.redis.store.RedisKeys;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Common functions of the use cases: passing replies to the caller, recording failures of
 * the store in the scope of the request, observations, and confirming changes of identity
 * by replicas.
 */
public final class StoreCalls {

	private static final Log logger = LogFactory.getLog(StoreCalls.class);

	private final Caller caller;

	private final RedisKeys keys;

	private final StoreObservations observations;

	private final SessionCounts counts;

	private final @Nullable ReplicaConfirmation confirmation;

	StoreCalls(Caller caller, RedisKeys keys, StoreObservations observations, SessionCounts counts,
			@Nullable ReplicaConfirmation confirmation) {
		this.caller = caller;
		this.keys = keys;
		this.observations = observations;
		this.counts = counts;
		this.confirmation = confirmation;
	}

	Caller caller() {
		return this.caller;
	}

	/**
	 * Receives a reply. If it fails, the request sends no further commands to Redis.
	 * @param <T> the type of the reply
	 * @param scope the request
	 * @param reply the pending reply
	 * @return the reply
	 */
	public <T extends @Nullable Object> CompletionStage<T> receive(SessionScope scope, CompletionStage<T> reply) {
		return recordFailure(scope, Stages.recover(this.caller.receive(reply),
				// A caller can fail by itself, for example if its executor rejects a task
				(failure) -> CompletableFuture.failedFuture(Failures.translate(failure))));
	}

	/** Records in the scope of a request if a stage fails because of the store. */
	<T extends @Nullable Object> CompletionStage<T> recordFailure(SessionScope scope, CompletionStage<T> stage) {
		if (Stages.hasSucceeded(stage)) {
			return stage;
		}
		return stage.whenComplete((reply, failure) -> {
			if (failure != null && Stages.unwrap(failure) instanceof SessionStoreUnavailableException unavailable) {
				scope.fail(unavailable);
			}
		});
	}

	/**
	 * Observes an operation.
	 * @param <T> the type of its result
	 * @param scope the request
	 * @param operation the operation
	 * @param action starts the operation
	 * @return its result
	 */
	public <T extends @Nullable Object> CompletionStage<T> observe(SessionScope scope, StoreOperation operation,
			Supplier<? extends CompletionStage<T>> action) {
		return this.observations.observe(scope.client().observation(), operation, action);
	}

	/** Waits, if configured, until enough replicas have acknowledged the last write. */
	CompletionStage<@Nullable Void> confirm(SessionScope scope, String handle) {
		ReplicaConfirmation confirmation = this.confirmation;
		if (confirmation == null) {
			return Stages.done();
		}
		return this.observations
			.observeConfirmation(scope.client().observation(),
					() -> confirmation.confirm(this.caller, this.keys.confirmation(handle)))
			.thenAccept((confirmed) -> {
				if (!confirmed) {
					this.counts.increment(SessionCounter.UNCONFIRMED);
					logger.debug("Too few replicas have the last change of session " + handle);
				}
			});
	}

	void close() {
		if (this.confirmation != null) {
			this.confirmation.close();
		}
	}

}
