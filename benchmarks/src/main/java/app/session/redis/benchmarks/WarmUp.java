package app.session.redis.benchmarks;

import java.time.Duration;

/**
 * Sends requests to an application until its throughput no longer rises: the throughput
 * of a new JVM rises in steps, with pauses between them.
 *
 * @param minRounds the minimum number of rounds
 * @param maxRounds the maximum number of rounds
 */
record WarmUp(int minRounds, int maxRounds) {

	private static final Duration ROUND = Duration.ofSeconds(2);

	/** For how many rounds the throughput has to stay the same. */
	private static final int STEADY_ROUNDS = 4;

	/** The rise of the throughput at which a warm-up continues. */
	private static final double RISE = 1.03;

	/** Returns the warm-up of an application that has just started. */
	static WarmUp first(Options options) {
		return new WarmUp(options.either(20, 1), options.either(40, 1));
	}

	/** Returns the warm-up of an application for another kind of request. */
	static WarmUp next(Options options) {
		return new WarmUp(options.either(6, 1), options.either(20, 1));
	}

	/**
	 * Runs rounds until the throughput no longer rises.
	 * @param load generates the load
	 */
	void run(Load load) {
		double best = 0;
		int steady = 0;
		for (int round = 1; round <= this.maxRounds && (round <= this.minRounds || steady < STEADY_ROUNDS); round++) {
			double throughput = load.requestsPerSecond(ROUND);
			if (throughput > best * RISE) {
				best = throughput;
				steady = 0;
			}
			else {
				steady++;
			}
		}
	}

	/** Generates the load. */
	@FunctionalInterface
	interface Load {

		double requestsPerSecond(Duration duration);

	}

}
