package app.session.redis.servlet;

import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The statistics on one server and on a cluster.
 */
@ParameterizedClass
@EnumSource(names = { "STANDALONE", "CLUSTER" })
class SessionStatisticsITests extends OnTopology implements SessionStatisticsContract {

	SessionStatisticsITests(Topology topology) {
		super(topology);
	}

}
