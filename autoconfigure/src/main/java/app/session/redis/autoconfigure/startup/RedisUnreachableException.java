package app.session.redis.autoconfigure.startup;

import org.jspecify.annotations.Nullable;

/**
 * Redis can't be reached at start.
 */
class RedisUnreachableException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final RedisObstacle obstacle;

	private final @Nullable String mend;

	RedisUnreachableException(String message, RedisObstacle obstacle, @Nullable Throwable cause) {
		this(message, obstacle, null, cause);
	}

	RedisUnreachableException(String message, RedisObstacle obstacle, @Nullable String mend,
			@Nullable Throwable cause) {
		super(message, cause);
		this.obstacle = obstacle;
		this.mend = mend;
	}

	/**
	 * Return what mends it in this very case, beside what the obstacle says.
	 * @return the mend, or {@code null}
	 */
	@Nullable String getMend() {
		return this.mend;
	}

	RedisObstacle getObstacle() {
		return this.obstacle;
	}

}
