package app.session.redis.servlet;

import java.time.Duration;

import app.session.redis.client.BlockingCaller;
import app.session.redis.client.CallSender;
import app.session.redis.lock.SessionLocks;
import app.session.redis.observation.SessionCounts;
import app.session.redis.settings.LockSettings;
import app.session.redis.settings.OnLockTimeout;
import app.session.redis.store.SessionStore;

/**
 * A node in a process of its own that takes the lock of a session and keeps it.
 */
final class LockNode {

	static final Duration LEASE = Duration.ofMillis(1500);

	private LockNode() {
	}

	public static void main(String[] args) throws InterruptedException {
		boolean pooled = Boolean.parseBoolean(args[3]);
		int port = Integer.parseInt(args[1]);
		TestRepositories repositories = pooled ? TestRepositories.pooled(args[0], port)
				: TestRepositories.on(args[0], port);
		var factory = repositories.unstarted((settings) -> {
		}).connectionFactory();
		SessionStore store = new SessionStore(new CallSender(factory, Duration.ofSeconds(10), null), "app:session");
		SessionLocks locks = new SessionLocks(new BlockingCaller(Duration.ofSeconds(10)), store, "killed",
				new LockSettings(Duration.ZERO, LEASE, OnLockTimeout.REJECT, 0), new SessionCounts());
		locks.start();
		if (BlockingCaller.result(locks.acquire(args[2], null, null, null, null)) != null) {
			System.out.println("locked");
		}
		Thread.currentThread().join();
	}

}
