package app.session.redis.servlet;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import app.session.redis.lock.SessionLocks;

/**
 * The locks of sessions on a cluster of three primaries.
 */
class ClusterSessionLocksITests implements SessionLocksContract {

	private final TestRepositories repositories = topology().repositories();

	private final ExecutorService executor = Executors.newCachedThreadPool();

	private final List<SessionLocks> started = new CopyOnWriteArrayList<>();

	@Override
	public Topology topology() {
		return Topology.CLUSTER;
	}

	@Override
	public TestRepositories repositories() {
		return this.repositories;
	}

	@Override
	public ExecutorService executor() {
		return this.executor;
	}

	@Override
	public List<SessionLocks> started() {
		return this.started;
	}

}
