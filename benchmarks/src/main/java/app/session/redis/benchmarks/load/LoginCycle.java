package app.session.redis.benchmarks.load;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Load on several connections, each of which repeatedly creates a session, logs in and
 * logs out: a log-in requires a session without a principal, and a log-out requires a
 * session with one. Each request counts.
 */
public final class LoginCycle {

	/** The number of requests of a cycle. */
	public static final int REQUESTS = 3;

	private LoginCycle() {
	}

	/**
	 * Runs cycles for a given time.
	 * @param port the application's port
	 * @param connections the number of connections
	 * @param duration the duration
	 * @return the result
	 */
	public static LoadResult during(int port, int connections, Duration duration) {
		long end = System.nanoTime() + duration.toNanos();
		return run(port, connections, () -> System.nanoTime() < end);
	}

	private static LoadResult run(int port, int connections, BooleanSupplier more) {
		List<Worker> workers = new ArrayList<>();
		for (int i = 0; i < connections; i++) {
			String principal = "user-" + i;
			workers.add(new Worker(port) {

				@Override
				void run(HttpConnection connection) throws IOException {
					while (more.getAsBoolean()) {
						String cookie = send(connection, "/new?attributes=8&size=128", "");
						cookie = send(connection, "/login?principal=" + principal, cookie);
						send(connection, "/logout", cookie);
					}
				}

				private String send(HttpConnection connection, String path, String cookie) throws IOException {
					List<String> cookies = send(connection, Requests.encode("POST", path, cookie), System.nanoTime())
						.cookies();
					return cookies.isEmpty() ? cookie : cookies.get(cookies.size() - 1);
				}

			});
		}
		return Worker.runAll(workers);
	}

}
