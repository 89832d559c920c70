package app.session.redis.benchmarks.load;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Load on several connections, each of which sends its next request when the previous
 * request was answered.
 */
public final class ClosedLoop {

	private ClosedLoop() {
	}

	/**
	 * Sends requests for a given time.
	 * @param port the application's port
	 * @param connections the number of connections
	 * @param duration the duration
	 * @param requests the requests
	 * @return the result
	 */
	public static LoadResult during(int port, int connections, Duration duration, Requests requests) {
		long end = System.nanoTime() + duration.toNanos();
		return run(port, connections, requests, () -> System.nanoTime() < end);
	}

	/**
	 * Sends a number of requests.
	 * @param port the application's port
	 * @param connections the number of connections
	 * @param count the number of requests
	 * @param requests the requests
	 * @return the result
	 */
	public static LoadResult count(int port, int connections, long count, Requests requests) {
		AtomicLong left = new AtomicLong(count);
		return run(port, connections, requests, () -> left.getAndDecrement() > 0);
	}

	private static LoadResult run(int port, int connections, Requests requests, Condition more) {
		byte[][] encoded = requests.encoded();
		List<Worker> workers = new ArrayList<>();
		for (int i = 0; i < connections; i++) {
			int first = i * encoded.length / connections;
			workers.add(new Worker(port) {

				@Override
				void run(HttpConnection connection) throws IOException {
					int next = first;
					while (more.holds()) {
						send(connection, encoded[next++ % encoded.length], System.nanoTime());
					}
				}

			});
		}
		return Worker.runAll(workers);
	}

	/** Decides whether to continue. */
	@FunctionalInterface
	private interface Condition {

		boolean holds();

	}

}
