package app.session.redis.servlet;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import app.session.redis.client.Caller;
import app.session.redis.client.NonBlockingCaller;
import app.session.redis.lock.SessionLocks;
import app.session.redis.test.SharedRedis;

/**
 * The locks of sessions on one server, while use cases start and continue on a thread
 * that must not be blocked.
 */
class NonBlockingSessionLocksITests implements SessionLocksContract {

	private final TestRepositories repositories = TestRepositories.nonBlocking(SharedRedis.standalone());

	private final ExecutorService executor = Executors.newCachedThreadPool();

	private final List<SessionLocks> started = new CopyOnWriteArrayList<>();

	@Override
	public Topology topology() {
		return Topology.STANDALONE;
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

	@Override
	public Caller caller(Duration commandTimeout) {
		return new NonBlockingCaller(this.repositories.thread().executor(), commandTimeout);
	}

	@Override
	public SessionLocks facing(SessionLocks locks) {
		return NonBlockingEngine.starting(locks, this.repositories.thread());
	}

	/** No thread waits that could be interrupted. */
	@Override
	public void aThreadThatIsInterruptedWaitsNoLonger() {
	}

}
