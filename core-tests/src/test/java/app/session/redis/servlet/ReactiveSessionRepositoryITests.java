package app.session.redis.servlet;

import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The behaviour of the reactive repository on one server and on a cluster.
 */
@ParameterizedClass
@EnumSource(names = { "REACTIVE", "REACTIVE_CLUSTER" })
class ReactiveSessionRepositoryITests extends OnTopology implements SessionRepositoryContract {

	ReactiveSessionRepositoryITests(Topology topology) {
		super(topology);
	}

}
