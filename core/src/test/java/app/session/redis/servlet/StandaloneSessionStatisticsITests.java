package app.session.redis.servlet;

/**
 * What is counted and observed on one server.
 */
class StandaloneSessionStatisticsITests implements SessionStatisticsContract {

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
