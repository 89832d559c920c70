package app.session.redis.benchmarks.load;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Load of a number of connections, each of which makes a session, logs in and logs out,
 * again and again: a log-in needs a session that had none, and a log-out one that has.
 * Each request counts.
 */
public final class LoginCycle {

	/** How many requests a cycle has. */
	public static final int REQUESTS = 3;

	private LoginCycle() {
	}

	/**
	 * Goes through cycles for a while.
	 * @param port the application's port
	 * @param connections how many connections
	 * @param duration how long
	 * @return what came of it
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
