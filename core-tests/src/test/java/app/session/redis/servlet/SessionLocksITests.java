package app.session.redis.servlet;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import app.session.redis.lock.SessionLocks;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The locks of sessions on each topology.
 */
@ParameterizedClass
@EnumSource(names = { "STANDALONE", "CLUSTER", "NON_BLOCKING" })
class SessionLocksITests extends OnTopology implements SessionLocksContract {

	private final ExecutorService executor = Executors.newCachedThreadPool();

	private final List<SessionLocks> started = new CopyOnWriteArrayList<>();

	SessionLocksITests(Topology topology) {
		super(topology);
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
