package app.session.redis.settings;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

import org.springframework.session.MapSession;

/**
 * How long sessions live: what the repository's setters set.
 */
public final class Lifetimes {

	private static final Duration LONGEST_OF_BOTS = Duration.ofHours(2);

	/** The header of a stored session has 40 bits for the milliseconds of a timeout. */
	private static final Duration LONGEST = Duration.ofDays(3650);

	public Duration idle = MapSession.DEFAULT_MAX_INACTIVE_INTERVAL;

	public Duration absolute = Duration.ZERO;

	public Duration min = Duration.ZERO;

	public Duration max = Duration.ofDays(30);

	public Duration first = Duration.ZERO;

	public Duration botFirst = Duration.ofSeconds(60);

	/** Null: that of others, but no longer than crawlers need. */
	public @Nullable Duration botIdle;

	/** The idle timeout that a new session begins with. */
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
	 * The idle timeout of a new session until its client comes back; null when it is the
	 * one that it is meant to have.
	 */
	public @Nullable Duration first(boolean bot, Duration idle) {
		Duration timeout = bot ? this.botFirst : this.first;
		return (isEndless(timeout) || !isShorter(timeout, idle)) ? null : timeout;
	}

	/** What is asked for, within the bounds. For ever stays for ever. */
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

	void check() {
		requireAtMost("idle timeout", this.idle);
		if (this.botIdle != null) {
			requireAtMost("idle timeout of crawlers", this.botIdle);
		}
		requireNotNegative("absolute timeout", this.absolute);
		requireNotNegative("first idle timeout", this.first);
		requireNotNegative("first idle timeout of crawlers", this.botFirst);
		requireNotNegative("shortest idle timeout", this.min);
		requireNotNegative("longest idle timeout", this.max);
		if (this.min.compareTo(this.max) > 0) {
			throw new IllegalArgumentException("No idle timeout can be at least " + this.min + " and at most "
					+ this.max + ". Lower the one or raise the other");
		}
	}

	private static void requireNotNegative(String name, Duration timeout) {
		if (timeout.isNegative()) {
			throw new IllegalArgumentException("The " + name + " must not be negative, but it is " + timeout);
		}
		requireAtMost(name, timeout);
	}

	private static void requireAtMost(String name, Duration timeout) {
		if (timeout.compareTo(LONGEST) > 0) {
			throw new IllegalArgumentException(
					"The " + name + " must be at most " + LONGEST.toDays() + " days, but it is " + timeout);
		}
	}

}
