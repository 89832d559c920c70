package app.session.redis.servlet;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import app.session.redis.client.Caller;
import app.session.redis.client.NonBlockingCaller;
import app.session.redis.lock.SessionLocks;

/**
 * The locks of sessions on one server, for a caller that continues on a single thread,
 * which nothing may block.
 */
class NonBlockingSessionLocksITests implements SessionLocksContract {

	private final TestRepositories repositories = topology().repositories();

	private final ExecutorService executor = Executors.newCachedThreadPool();

	private final ExecutorService continuing = Executors.newSingleThreadExecutor((task) -> {
		Thread thread = new Thread(task, "non-blocking-caller");
		thread.setDaemon(true);
		return thread;
	});

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
		return new NonBlockingCaller(this.continuing, commandTimeout);
	}

	/** No thread waits that could be interrupted. */
	@Override
	public void aThreadThatIsInterruptedWaitsNoLonger() {
	}

}
