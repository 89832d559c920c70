package app.session.redis.servlet;

import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The operations on each topology.
 */
@ParameterizedClass
@EnumSource(names = { "STANDALONE", "CLUSTER", "NON_BLOCKING", "REACTIVE" })
class SessionOperationsITests extends OnTopology implements SessionOperationsContract {

	SessionOperationsITests(Topology topology) {
		super(topology);
	}

}
