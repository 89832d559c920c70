package app.session.redis.servlet;

/**
 * The behaviour on a cluster of three primaries.
 */
class ClusterSessionRepositoryTests implements SessionRepositoryContract {

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
