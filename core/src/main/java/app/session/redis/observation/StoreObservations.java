package app.session.redis.observation;

import java.util.function.Predicate;
import java.util.function.Supplier;

import app.session.redis.SessionLimitExceededException;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;

/**
 * Observes operations of the store for those who wait for them. Where nobody looks, it
 * costs a question.
 */
public final class StoreObservations {

	private static final StoreOperationConvention CONVENTION = new StoreOperationConvention();

	private final ObservationRegistry registry;

	/**
	 * Creates it.
	 * @param registry who looks
	 */
	public StoreObservations(ObservationRegistry registry) {
		this.registry = registry;
	}

	/**
	 * Observes an operation, as part of what this thread is observed to do.
	 * @param <T> the type of its answer
	 * @param operation the operation
	 * @param question does it
	 * @return its answer
	 */
	public <T extends @Nullable Object> T observe(StoreOperation operation, Supplier<T> question) {
		if (this.registry.isNoop()) {
			return question.get();
		}
		return observe(new StoreOperationContext(operation), question, (answer) -> true);
	}

	/**
	 * Observes a wait for replicas, as part of what this thread is observed to do.
	 * @param question waits
	 * @return whether enough replicas have confirmed
	 */
	public boolean observeConfirmation(Supplier<Boolean> question) {
		if (this.registry.isNoop()) {
			return question.get();
		}
		return observe(new StoreOperationContext(StoreOperation.CONFIRM), question, (confirmed) -> confirmed);
	}

	@SuppressWarnings("try") // a scope need only be closed
	private <T extends @Nullable Object> T observe(StoreOperationContext context, Supplier<T> question,
			Predicate<T> confirmed) {
		Observation observation = Observation.start(null, CONVENTION, () -> context, this.registry);
		try (Observation.Scope scope = observation.openScope()) {
			T answer = question.get();
			context
				.setOutcome(confirmed.test(answer) ? StoreOperationContext.SUCCESS : StoreOperationContext.UNCONFIRMED);
			return answer;
		}
		catch (SessionStoreUnavailableException ex) {
			context.setOutcome(ex.getReason());
			observation.error(ex);
			throw ex;
		}
		catch (SessionLimitExceededException | IllegalArgumentException ex) {
			// No fault of the store
			context.setOutcome(StoreOperationContext.REJECTED);
			throw ex;
		}
		catch (RuntimeException | Error ex) {
			context.setOutcome(Reason.FAILED);
			observation.error(ex);
			throw ex;
		}
		finally {
			observation.stop();
		}
	}

}
