package app.session.redis.autoconfigure;

/**
 * Redis can't be reached at start.
 */
class RedisUnreachableException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final RedisObstacle obstacle;

	RedisUnreachableException(String message, RedisObstacle obstacle, Throwable cause) {
		super(message, cause);
		this.obstacle = obstacle;
	}

	RedisObstacle getObstacle() {
		return this.obstacle;
	}

}
