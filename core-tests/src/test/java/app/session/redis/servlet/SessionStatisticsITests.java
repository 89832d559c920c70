package app.session.redis.servlet;

import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The statistics on one server, on a cluster, and through the reactive repository.
 */
@ParameterizedClass
@EnumSource(names = { "STANDALONE", "CLUSTER", "REACTIVE" })
class SessionStatisticsITests extends OnTopology implements SessionStatisticsContract {

	SessionStatisticsITests(Topology topology) {
		super(topology);
	}

}
