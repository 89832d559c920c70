package app.session.redis.test;

import java.util.concurrent.CompletableFuture;

/**
 * What goes on beside a test and may block.
 */
public final class Background {

	private Background() {
	}

	/**
	 * Run a task on a thread of its own: the common pool, where {@code CompletableFuture}
	 * runs tasks otherwise, has one thread on a small machine.
	 * @param task the task
	 * @return what completes when the task ends
	 */
	public static CompletableFuture<Void> run(Runnable task) {
		return CompletableFuture.runAsync(task, (running) -> {
			Thread thread = new Thread(running, "beside the test");
			thread.setDaemon(true);
			thread.start();
		});
	}

}
