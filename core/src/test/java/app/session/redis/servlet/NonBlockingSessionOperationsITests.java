package app.session.redis.servlet;

import app.session.redis.test.SharedRedis;

/**
 * The operations on one server, while use cases start and continue on a thread that must
 * not be blocked.
 */
class NonBlockingSessionOperationsITests implements SessionOperationsContract {

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
