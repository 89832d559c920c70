package app.session.redis.test;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

import app.session.redis.test.Monitor.Command;
import org.awaitility.Awaitility;

/**
 * Measures the cost of requests: the commands that Redis receives, and the round trips
 * that a request waits for. To count round trips, the network is delayed by much more
 * than the rest of a request takes: each round trip takes at least that long. A slow
 * machine can only add to the time, so the best of a few attempts counts.
 */
public final class RequestCosts {

	private static final Duration DELAY = Duration.ofMillis(150);

	/** After that, a command that no request waits for has reached Redis. */
	private static final Duration PAUSE = Duration.ofMillis(100);

	private static final int MAX_ATTEMPTS = 6;

	private final Monitor monitor;

	private final List<TcpProxy> proxies;

	private final int confirmations;

	/**
	 * Creates an instance.
	 * @param monitor sees the commands
	 * @param proxies the network between the application and Redis
	 * @param confirmations how often the smallest number of round trips must be measured
	 */
	public RequestCosts(Monitor monitor, List<TcpProxy> proxies, int confirmations) {
		this.monitor = monitor;
		this.proxies = proxies;
		this.confirmations = confirmations;
	}

	/**
	 * Measures a request several times.
	 * @param <T> the type of the prepared object
	 * @param preparation prepares each request, and isn't counted
	 * @param request the request
	 * @return its cost
	 */
	public <T> Cost of(Supplier<T> preparation, Consumer<T> request) {
		// the first request fills the caches of the application and of Redis
		request.accept(preparation.get());
		T prepared = preparation.get();
		quiet(PAUSE);
		this.monitor.reset();
		request.accept(prepared);
		quiet(PAUSE);
		List<Command> commands = ofRequests(this.monitor.commands());
		int roundTrips = commands.size();
		int confirmed = 0;
		for (int i = 0; i < MAX_ATTEMPTS && confirmed < this.confirmations; i++) {
			int measured = roundTrips(preparation.get(), request);
			confirmed = (measured == roundTrips) ? confirmed + 1 : (measured < roundTrips) ? 1 : confirmed;
			roundTrips = Math.min(roundTrips, measured);
		}
		quiet(DELAY.plus(PAUSE));
		return new Cost(commands, roundTrips);
	}

	/**
	 * Returns commands without the check by which a node, twice a minute, finds out
	 * whether another one collects expired sessions.
	 * @param commands the commands that Redis has received
	 * @return those that can be part of a request
	 */
	public static List<Command> ofRequests(List<Command> commands) {
		return commands.stream()
			.filter((command) -> !command.name().equals("EXISTS") || !command.args().get(0).endsWith(":collector"))
			.toList();
	}

	private <T> int roundTrips(T prepared, Consumer<T> request) {
		this.proxies.forEach((proxy) -> proxy.delay(DELAY));
		try {
			long start = System.nanoTime();
			request.accept(prepared);
			return (int) ((System.nanoTime() - start) / DELAY.toNanos());
		}
		finally {
			this.proxies.forEach((proxy) -> proxy.delay(Duration.ZERO));
		}
	}

	/** Waits for background commands. */
	private void quiet(Duration pause) {
		int[] last = { -1 };
		Awaitility.await().pollDelay(Duration.ZERO).pollInterval(pause).until(() -> {
			int before = last[0];
			last[0] = this.monitor.commands().size();
			return before == last[0];
		});
	}

	/**
	 * The cost of a request.
	 *
	 * @param commands the commands that clients sent for it
	 * @param roundTrips the number of round trips that it waited for
	 */
	public record Cost(List<Command> commands, int roundTrips) {

		/**
		 * Returns the number of commands.
		 * @return the number
		 */
		public int count() {
			return this.commands.size();
		}

		@Override
		public String toString() {
			return count() + " commands, " + this.roundTrips + " round trips: " + this.commands;
		}

	}

}
