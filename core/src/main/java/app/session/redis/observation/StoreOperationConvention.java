package app.session.redis.observation;

import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;

/**
 * The names and tags of {@link SessionObservation#OPERATION}.
 */
final class StoreOperationConvention implements ObservationConvention<StoreOperationContext> {

	@Override
	public String getName() {
		return SessionObservation.NAME;
	}

	@Override
	public String getContextualName(StoreOperationContext context) {
		return "redis session " + context.getOperation().value();
	}

	@Override
	public KeyValues getLowCardinalityKeyValues(StoreOperationContext context) {
		return context.getOperation().tags(context.getOutcome());
	}

	@Override
	public boolean supportsContext(Observation.Context context) {
		return context instanceof StoreOperationContext;
	}

}
