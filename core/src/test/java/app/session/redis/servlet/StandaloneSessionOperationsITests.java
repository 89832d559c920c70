package app.session.redis.servlet;

/**
 * The operations on one server.
 */
class StandaloneSessionOperationsITests implements SessionOperationsContract {

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
