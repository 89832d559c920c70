package app.session.redis.log;

import java.time.Duration;
import java.util.function.LongSupplier;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import org.apache.commons.logging.Log;
import org.jspecify.annotations.Nullable;

/**
 * Logs messages that clients can trigger with each request: a few messages per minute,
 * and one message per session. The first message after a pause reports how many were left
 * out. Thread-safe.
 */
public final class LimitedLog {

	/** The default number of messages per minute. */
	public static final int PER_MINUTE = 5;

	private static final int MAX_KEYS = 1000;

	private static final long MINUTE = Duration.ofMinutes(1).toNanos();

	private final Log logger;

	private final int perMinute;

	private final LongSupplier nanoTime;

	private final Cache<String, Boolean> keys = Caffeine.newBuilder()
		.maximumSize(MAX_KEYS)
		.executor(Runnable::run)
		.build();

	private long begin;

	private int logged;

	private long suppressed;

	/**
	 * Creates a log of at most {@value #PER_MINUTE} messages per minute.
	 * @param logger the logger to use
	 */
	public LimitedLog(Log logger) {
		this(logger, PER_MINUTE);
	}

	/**
	 * Creates a log.
	 * @param logger the logger to use
	 * @param perMinute the maximum number of messages per minute
	 */
	public LimitedLog(Log logger, int perMinute) {
		this(logger, perMinute, System::nanoTime);
	}

	LimitedLog(Log logger, int perMinute, LongSupplier nanoTime) {
		this.logger = logger;
		this.perMinute = perMinute;
		this.nanoTime = nanoTime;
		this.begin = nanoTime.getAsLong() - MINUTE;
	}

	/**
	 * Returns whether a key occurs for the first time among the last {@value #MAX_KEYS}
	 * keys.
	 * @param key the subject of a message: a session's handle, never its id
	 * @return whether it occurs for the first time
	 */
	public boolean isFirst(String key) {
		return this.keys.asMap().putIfAbsent(key, true) == null;
	}

	/**
	 * Logs a warning, unless there were too many.
	 * @param message the message
	 */
	public void warn(String message) {
		String suffix = next();
		if (suffix != null) {
			this.logger.warn(message + suffix);
		}
	}

	/**
	 * Logs an error, unless there were too many.
	 * @param message the message
	 * @param failure its cause
	 */
	public void error(String message, Throwable failure) {
		String suffix = next();
		if (suffix != null) {
			this.logger.error(message + suffix, failure);
		}
	}

	/**
	 * Returns the suffix of the next message, or null if the message is to be left out.
	 */
	private synchronized @Nullable String next() {
		long now = this.nanoTime.getAsLong();
		if (now - this.begin >= MINUTE) {
			this.begin = now;
			this.logged = 0;
		}
		if (this.logged >= this.perMinute) {
			this.suppressed++;
			return null;
		}
		this.logged++;
		String suffix = (this.suppressed > 0)
				? ". " + this.suppressed + " previous messages of this kind were not logged" : "";
		this.suppressed = 0;
		return suffix;
	}

}
