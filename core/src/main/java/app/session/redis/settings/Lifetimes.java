package app.session.redis.settings;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * The timeouts of sessions. An idle timeout of zero or less means that sessions never
 * expire.
 *
 * @param idle the idle timeout of new sessions
 * @param absolute the absolute timeout of new sessions; zero for none
 * @param min the shortest idle timeout that the application can set
 * @param max the longest idle timeout that the application can set
 * @param first the idle timeout before the second request; zero for none
 * @param botFirst the idle timeout of crawlers' sessions before the second request; zero
 * for none
 * @param botIdle the idle timeout of crawlers' sessions; null for the one of other
 * sessions, but at most two hours
 * @param grace how long the content of an expired session is kept
 * @param touchInterval the shortest time between two recorded accesses of a session
 */
public record Lifetimes(Duration idle, Duration absolute, Duration min, Duration max, Duration first, Duration botFirst,
		@Nullable Duration botIdle, Duration grace, Duration touchInterval) {

	private static final Duration LONGEST_OF_BOTS = Duration.ofHours(2);

	/**
	 * Returns the idle timeout of a new session.
	 * @param bot whether its client is a crawler
	 * @return the idle timeout
	 */
	public Duration idle(boolean bot) {
		if (!bot) {
			return this.idle;
		}
		if (this.botIdle != null) {
			return this.botIdle;
		}
		return isShorter(this.idle, LONGEST_OF_BOTS) ? this.idle : LONGEST_OF_BOTS;
	}

	/**
	 * Returns the idle timeout of a new session before the second request.
	 * @param bot whether its client is a crawler
	 * @param idle its idle timeout from the second request on
	 * @return the idle timeout before the second request; null if it is no shorter
	 */
	public @Nullable Duration first(boolean bot, Duration idle) {
		Duration timeout = bot ? this.botFirst : this.first;
		return (isEndless(timeout) || !isShorter(timeout, idle)) ? null : timeout;
	}

	/**
	 * Returns the idle timeout that a session gets if the application sets one.
	 * @param interval the idle timeout that the application sets
	 * @return the nearest idle timeout within the bounds; the same if it is zero or less
	 */
	public Duration bounded(Duration interval) {
		if (isEndless(interval)) {
			return interval;
		}
		if (interval.compareTo(this.min) < 0) {
			return this.min;
		}
		return (interval.compareTo(this.max) > 0) ? this.max : interval;
	}

	private static boolean isShorter(Duration timeout, Duration than) {
		return !isEndless(timeout) && (isEndless(than) || timeout.compareTo(than) < 0);
	}

	private static boolean isEndless(Duration timeout) {
		return timeout.isZero() || timeout.isNegative();
	}

}
