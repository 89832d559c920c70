package app.session.redis.autoconfigure.startup;

import org.jspecify.annotations.Nullable;

/**
 * Thrown when Redis can't be reached at start.
 */
class RedisUnreachableException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final RedisObstacle obstacle;

	private final @Nullable String remedy;

	RedisUnreachableException(String message, RedisObstacle obstacle, @Nullable Throwable cause) {
		this(message, obstacle, null, cause);
	}

	RedisUnreachableException(String message, RedisObstacle obstacle, @Nullable String remedy,
			@Nullable Throwable cause) {
		super(message, cause);
		this.obstacle = obstacle;
		this.remedy = remedy;
	}

	/**
	 * Returns a remedy for this failure in addition to the action of the obstacle.
	 * @return the remedy, or {@code null}
	 */
	@Nullable String getRemedy() {
		return this.remedy;
	}

	RedisObstacle getObstacle() {
		return this.obstacle;
	}

}
