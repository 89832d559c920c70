package app.session.redis;

/**
 * The limits on a cluster of three primaries.
 */
class ClusterSessionLimitsTests implements SessionLimitsContract {

	private final TestRepositories repositories = topology().repositories();

	@Override
	public Topology topology() {
		return Topology.CLUSTER;
	}

	@Override
	public TestRepositories repositories() {
		return this.repositories;
	}

}
