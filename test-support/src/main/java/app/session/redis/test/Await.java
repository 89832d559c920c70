package app.session.redis.test;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * Waits for a state by polling, up to a timeout.
 */
final class Await {

	private static final Duration INTERVAL = Duration.ofMillis(5);

	private Await() {
	}

	/**
	 * Waits until there is no obstacle.
	 * @param timeout the maximum time to wait
	 * @param obstacle describes the obstacle, or returns {@code null} if there is none
	 * @throws IllegalStateException with the obstacle if it remains until the timeout
	 */
	static void until(Duration timeout, Supplier<@Nullable String> obstacle) {
		long start = System.nanoTime();
		String last = obstacle.get();
		while (last != null) {
			if (System.nanoTime() - start >= timeout.toNanos()) {
				throw new IllegalStateException("Timed out after " + timeout + ": " + last);
			}
			if (Thread.currentThread().isInterrupted()) {
				throw new IllegalStateException("Interrupted while waiting: " + last);
			}
			LockSupport.parkNanos(INTERVAL.toNanos());
			last = obstacle.get();
		}
	}

}
