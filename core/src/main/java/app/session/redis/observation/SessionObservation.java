package app.session.redis.observation;

import io.micrometer.common.docs.KeyName;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;
import io.micrometer.observation.docs.ObservationDocumentation;

/**
 * The observations for metrics and traces. They identify no session, principal or key.
 */
public enum SessionObservation implements ObservationDocumentation {

	/**
	 * An operation of the store, for as long as its caller waits for it.
	 */
	OPERATION {

		@Override
		public String getName() {
			return NAME;
		}

		@Override
		public String getContextualName() {
			return "redis session <operation>";
		}

		@Override
		public Class<? extends ObservationConvention<? extends Observation.Context>> getDefaultConvention() {
			return StoreOperationConvention.class;
		}

		@Override
		public KeyName[] getLowCardinalityKeyNames() {
			return Keys.values();
		}

	};

	static final String NAME = "redis.session.operations";

	/**
	 * The tags.
	 */
	public enum Keys implements KeyName {

		/** The operation: a {@link StoreOperation}. */
		OPERATION {

			@Override
			public String asString() {
				return "operation";
			}

		},

		/** The outcome: {@link StoreOperationContext#getOutcome()}. */
		OUTCOME {

			@Override
			public String asString() {
				return "outcome";
			}

		}

	}

}
