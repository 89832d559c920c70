package app.session.redis.autoconfigure.connection;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

import app.session.redis.autoconfigure.properties.RedisSessionConnectionProperties;
import app.session.redis.autoconfigure.properties.RedisSessionConnectionProperties.Backoff;
import io.lettuce.core.resource.Delay;
import io.lettuce.core.resource.Delay.StatefulDelay;

/**
 * The delay between attempts to connect, used at start and by Lettuce after a connection
 * was lost. Lettuce's own delays don't limit the exponent, so that some of them
 * eventually retry without a delay. The jitter algorithms are described in
 * <a href="https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/">
 * Exponential Backoff And Jitter</a>.
 */
public final class BackoffDelay extends Delay implements StatefulDelay {

	private static final int MAX_DOUBLINGS = 30;

	private final RedisSessionConnectionProperties.BackoffAlgorithm algorithm;

	private final long base;

	private final long cap;

	private volatile long previous;

	/**
	 * Creates the delay.
	 * @param properties the properties of the delays between attempts to connect
	 */
	public BackoffDelay(Backoff properties) {
		this.algorithm = properties.algorithm();
		this.base = properties.base().toMillis();
		this.cap = properties.cap().toMillis();
		this.previous = this.base;
	}

	/**
	 * Returns the time to wait.
	 * @param attempt the number of failed attempts, starting at 1
	 * @return the delay, at most the cap
	 */
	@Override
	public Duration createDelay(long attempt) {
		long delay = switch (this.algorithm) {
			case CONSTANT -> Math.min(this.base, this.cap);
			case EXPONENTIAL -> exponential(attempt);
			case FULL_JITTER -> random(0, exponential(attempt));
			case EQUAL_JITTER -> exponential(attempt) / 2 + random(0, exponential(attempt) / 2);
			case DECORRELATED_JITTER -> Math.min(random(this.base, this.previous * 3), this.cap);
		};
		this.previous = delay;
		return Duration.ofMillis(delay);
	}

	@Override
	public void reset() {
		this.previous = this.base;
	}

	private long exponential(long attempt) {
		long doublings = Math.max(0, Math.min(attempt - 1, MAX_DOUBLINGS));
		return Math.min(this.base << doublings, this.cap);
	}

	private static long random(long from, long to) {
		return ThreadLocalRandom.current().nextLong(from, to + 1);
	}

}
