package app.session.redis.servlet;

/**
 * The limits of sessions on one server, while use cases start and continue on a thread
 * that must not be blocked.
 */
class NonBlockingSessionLimitsITests extends OnTopology implements SessionLimitsContract {

	NonBlockingSessionLimitsITests() {
		super(Topology.NON_BLOCKING);
	}

}
