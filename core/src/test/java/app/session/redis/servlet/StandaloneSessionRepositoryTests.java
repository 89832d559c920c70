package app.session.redis.servlet;

/**
 * The behaviour on one server.
 */
class StandaloneSessionRepositoryTests implements SessionRepositoryContract {

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
