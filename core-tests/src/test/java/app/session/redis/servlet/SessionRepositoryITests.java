package app.session.redis.servlet;

import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The behaviour of the repository on one server and on a cluster.
 */
@ParameterizedClass
@EnumSource(names = { "STANDALONE", "CLUSTER" })
class SessionRepositoryITests extends OnTopology implements SessionRepositoryContract {

	SessionRepositoryITests(Topology topology) {
		super(topology);
	}

}
