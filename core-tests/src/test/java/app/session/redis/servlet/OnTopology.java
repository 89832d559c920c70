package app.session.redis.servlet;

/**
 * The nodes of one test on a topology.
 */
abstract class OnTopology implements TopologyContract {

	private final Topology topology;

	private final TestRepositories repositories;

	OnTopology(Topology topology) {
		this.topology = topology;
		this.repositories = topology.repositories();
	}

	@Override
	public final Topology topology() {
		return this.topology;
	}

	@Override
	public final TestRepositories repositories() {
		return this.repositories;
	}

}
