package app.session.redis.sample.embedded;

import java.io.Serial;

/**
 * Thrown if no embedded Redis could be started.
 */
class EmbeddedRedisException extends RuntimeException {

	@Serial
	private static final long serialVersionUID = 1L;

	EmbeddedRedisException(String message) {
		super(message);
	}

}
