package app.session.redis.servlet;

import app.session.redis.test.SharedRedis;

/**
 * The behaviour of the repository on one server, while use cases start and continue on a
 * thread that must not be blocked.
 */
class NonBlockingSessionRepositoryITests implements SessionRepositoryContract {

	private final TestRepositories repositories = TestRepositories.nonBlocking(SharedRedis.standalone());

	@Override
	public Topology topology() {
		return Topology.STANDALONE;
	}

	@Override
	public TestRepositories repositories() {
		return this.repositories;
	}

}
