package app.session.redis.servlet;

/**
 * The behaviour of the repository on one server, while use cases start and continue on a
 * thread that must not be blocked.
 */
class NonBlockingSessionRepositoryITests extends OnTopology implements SessionRepositoryContract {

	NonBlockingSessionRepositoryITests() {
		super(Topology.NON_BLOCKING);
	}

}
