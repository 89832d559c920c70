package app.session.redis.store;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What may block, as connecting does, each on a thread of its own. None is to be left
 * behind: a client that is closed never answers who waits for it to connect.
 */
final class BlockingTasks {

	private final Set<Thread> running = ConcurrentHashMap.newKeySet();

	void start(String name, Runnable task) {
		Thread thread = new Thread(() -> {
			try {
				task.run();
			}
			finally {
				this.running.remove(Thread.currentThread());
			}
		}, name);
		thread.setDaemon(true);
		this.running.add(thread);
		thread.start();
	}

	/**
	 * Waits until all that were started are done, and interrupts those that are not.
	 * @param patience how long they are waited for
	 */
	void end(Duration patience) {
		long deadline = System.nanoTime() + patience.toNanos();
		for (Thread thread : this.running) {
			try {
				long left = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
				if (left > 0) {
					thread.join(left);
				}
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				deadline = System.nanoTime();
			}
			thread.interrupt();
		}
	}

}
