package app.session.redis.benchmarks.load;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Load at a constant rate, as of many clients that know nothing of each other. A request
 * is due at its time whether or not those before it were answered, and its latency is
 * taken from then: so an application that stalls is charged for all that it kept waiting.
 */
public final class OpenLoop {

	/** So many that a stall of a part of a second leaves connections to send on. */
	private static final int CONNECTIONS = 64;

	private OpenLoop() {
	}

	/**
	 * Sends requests for a while.
	 * @param port the application's port
	 * @param rate how many requests per second
	 * @param duration how long
	 * @param requests the requests
	 * @return what came of it
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
