package app.session.redis.servlet;

/**
 * The operations on a cluster of three primaries.
 */
class ClusterSessionOperationsITests implements SessionOperationsContract {

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
