package app.session.redis.benchmarks.load;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Load at a constant rate, like that of many independent clients. A request is due at its
 * time whether or not earlier requests were answered, and its latency is measured from
 * that time, so a stall of the application affects every request that had to wait.
 */
public final class OpenLoop {

	/**
	 * Large enough that connections are available after a stall of a fraction of a
	 * second.
	 */
	private static final int CONNECTIONS = 64;

	private OpenLoop() {
	}

	/**
	 * Sends requests for a given time.
	 * @param port the application's port
	 * @param rate the number of requests per second
	 * @param duration the duration
	 * @param requests the requests
	 * @return the result
	 */
	public static LoadResult during(int port, double rate, Duration duration, Requests requests) {
		byte[][] encoded = requests.encoded();
		AtomicLong next = new AtomicLong();
		long count = (long) (rate * duration.toNanos() / 1e9);
		long start = System.nanoTime() + Duration.ofMillis(100).toNanos();
		List<Worker> workers = new ArrayList<>();
		for (int i = 0; i < CONNECTIONS; i++) {
			workers.add(new Worker(port) {

				@Override
				void run(HttpConnection connection) throws IOException {
					long number = next.getAndIncrement();
					while (number < count) {
						long due = start + (long) (number * 1e9 / rate);
						await(due);
						send(connection, encoded[(int) (number % encoded.length)], due);
						number = next.getAndIncrement();
					}
				}

			});
		}
		return Worker.runAll(workers);
	}

	private static void await(long due) {
		for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
			LockSupport.parkNanos(left);
		}
	}

}
