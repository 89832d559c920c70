package app.session.redis;

/**
 * The limits on one server.
 */
class StandaloneSessionLimitsTests implements SessionLimitsContract {

	private final TestRepositories repositories = topology().repositories();

	@Override
	public Topology topology() {
		return Topology.STANDALONE;
	}

	@Override
	public TestRepositories repositories() {
		return this.repositories;
	}

}
