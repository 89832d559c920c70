package app.session.redis.servlet;

import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The limits of the reactive repository on one server and on a cluster.
 */
@ParameterizedClass
@EnumSource(names = { "REACTIVE", "REACTIVE_CLUSTER" })
class ReactiveSessionLimitsITests extends OnTopology implements SessionLimitsContract {

	ReactiveSessionLimitsITests(Topology topology) {
		super(topology);
	}

}
