package app.session.redis.test;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * Bounded waiting for a state that nobody announces.
 */
final class Await {

	private static final Duration INTERVAL = Duration.ofMillis(5);

	private Await() {
	}

	/**
	 * Wait until nothing is in the way any more.
	 * @param timeout how long to wait at most
	 * @param obstacle tells what is in the way, or {@code null} when nothing is
	 * @throws IllegalStateException naming the obstacle when the time is up
	 */
	static void until(Duration timeout, Supplier<@Nullable String> obstacle) {
		long start = System.nanoTime();
		String last = obstacle.get();
		while (last != null) {
			if (System.nanoTime() - start >= timeout.toNanos()) {
				throw new IllegalStateException("Gave up after " + timeout + ": " + last);
			}
			if (Thread.currentThread().isInterrupted()) {
				throw new IllegalStateException("Interrupted while waiting: " + last);
			}
			LockSupport.parkNanos(INTERVAL.toNanos());
			last = obstacle.get();
		}
	}

}
