package app.session.redis.autoconfigure;

/**
 * The configuration can't work, and showing the value of a property would show a secret
 * or wouldn't help.
 */
class RedisSessionConfigurationException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final String action;

	RedisSessionConfigurationException(String description, String action) {
		super(description);
		this.action = action;
	}

	String getAction() {
		return this.action;
	}

}
