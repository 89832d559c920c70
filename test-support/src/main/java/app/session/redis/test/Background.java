package app.session.redis.test;

import java.util.concurrent.CompletableFuture;

/**
 * Runs tasks that may block concurrently with a test.
 */
public final class Background {

	private Background() {
	}

	/**
	 * Runs a task on a separate thread. The common pool, which {@code CompletableFuture}
	 * uses by default, has one thread on a small machine.
	 * @param task the task
	 * @return a future that completes when the task ends
	 */
	public static CompletableFuture<Void> run(Runnable task) {
		return CompletableFuture.runAsync(task, (running) -> {
			Thread thread = new Thread(running, "test-background");
			thread.setDaemon(true);
			thread.start();
		});
	}

}
