package app.session.redis.servlet;

/**
 * What is counted and observed on a cluster of three primaries.
 */
class ClusterSessionStatisticsITests implements SessionStatisticsContract {

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
