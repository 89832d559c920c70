package app.session.redis.observation;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.function.Supplier;

import app.session.redis.SessionLimitExceededException;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;

/**
 * Observes operations of the store from the perspective of their callers. With a no-op
 * registry, the only cost is a check.
 */
public final class StoreObservations {

	private static final StoreOperationConvention CONVENTION = new StoreOperationConvention();

	private final ObservationRegistry registry;

	/**
	 * Creates an instance.
	 * @param registry the registry of the observations
	 */
	public StoreObservations(ObservationRegistry registry) {
		this.registry = registry;
	}

	/**
	 * Observes an operation.
	 * @param <T> the type of its result
	 * @param parent the observation of the request; null for the current one of the
	 * starting thread
	 * @param operation the operation
	 * @param action performs the operation
	 * @return the stage of its result
	 */
	public <T extends @Nullable Object> CompletionStage<T> observe(@Nullable Observation parent,
			StoreOperation operation, Supplier<? extends CompletionStage<T>> action) {
		if (this.registry.isNoop()) {
			return action.get();
		}
		return observe(parent, new StoreOperationContext(operation), action, (result) -> true);
	}

	/**
	 * Observes a wait for replicas.
	 * @param parent the observation of the request; null for the current one of the
	 * starting thread
	 * @param action waits for the replicas
	 * @return whether enough replicas have confirmed
	 */
	public CompletionStage<Boolean> observeConfirmation(@Nullable Observation parent,
			Supplier<? extends CompletionStage<Boolean>> action) {
		if (this.registry.isNoop()) {
			return action.get();
		}
		return observe(parent, new StoreOperationContext(StoreOperation.CONFIRM), action, (confirmed) -> confirmed);
	}

	@SuppressWarnings("try") // a scope need only be closed
	private <T extends @Nullable Object> CompletionStage<T> observe(@Nullable Observation parent,
			StoreOperationContext context, Supplier<? extends CompletionStage<T>> action, Predicate<T> confirmed) {
		Observation observation = Observation.createNotStarted(null, CONVENTION, () -> context, this.registry);
		if (parent != null) {
			observation.parentObservation(parent);
		}
		observation.start();
		CompletionStage<T> stage;
		try (Observation.Scope scope = observation.openScope()) {
			stage = action.get();
		}
		catch (Throwable ex) {
			failed(observation, context, ex);
			observation.stop();
			throw ex;
		}
		return stage.whenComplete((result, failure) -> {
			if (failure != null) {
				failed(observation, context, cause(failure));
			}
			else {
				context.setOutcome(
						confirmed.test(result) ? StoreOperationContext.SUCCESS : StoreOperationContext.UNCONFIRMED);
			}
			observation.stop();
		});
	}

	private static Throwable cause(Throwable failure) {
		return (failure instanceof CompletionException && failure.getCause() != null) ? failure.getCause() : failure;
	}

	private static void failed(Observation observation, StoreOperationContext context, Throwable failure) {
		if (failure instanceof SessionStoreUnavailableException unavailable) {
			context.setOutcome(unavailable.getReason());
			observation.error(failure);
		}
		else if (failure instanceof SessionLimitExceededException || failure instanceof IllegalArgumentException) {
			// Not an error of the store
			context.setOutcome(StoreOperationContext.REJECTED);
		}
		else if (failure instanceof CancellationException) {
			context.setOutcome(StoreOperationContext.CANCELLED);
		}
		else {
			context.setOutcome(Reason.FAILED);
			observation.error(failure);
		}
	}

}
