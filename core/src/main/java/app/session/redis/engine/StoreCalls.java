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
 * What the use cases have in common: they hand replies over to the caller, note in the
 * scope of the request when the store fails, are observed, and have changes of identity
 * confirmed by replicas.
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
	 * Receives a reply. If there is none, the request doesn't ask Redis again.
	 * @param <T> the type of the reply
	 * @param scope the request
	 * @param reply the reply to come
	 * @return the reply
	 */
	public <T extends @Nullable Object> CompletionStage<T> ask(SessionScope scope, CompletionStage<T> reply) {
		return noteFailure(scope, Stages.recover(this.caller.receive(reply),
				// A caller may fail by itself, as when its executor rejects what follows
				(failure) -> CompletableFuture.failedFuture(Failures.translate(failure))));
	}

	/** Notes in the scope of a request when a stage fails because of the store. */
	<T extends @Nullable Object> CompletionStage<T> noteFailure(SessionScope scope, CompletionStage<T> stage) {
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
	 * @param operation the operation
	 * @param action does it
	 * @return its result
	 */
	public <T extends @Nullable Object> CompletionStage<T> observe(StoreOperation operation,
			Supplier<? extends CompletionStage<T>> action) {
		return this.observations.observe(operation, action);
	}

	/** Waits, if that is configured, until a failover would keep what was written. */
	CompletionStage<@Nullable Void> confirm(String handle) {
		ReplicaConfirmation confirmation = this.confirmation;
		if (confirmation == null) {
			return Stages.done();
		}
		return this.observations
			.observeConfirmation(() -> confirmation.confirm(this.caller, this.keys.confirmation(handle)))
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
