package app.session.redis.autoconfigure.properties;

/**
 * Thrown if the configuration is invalid and showing the value of a property would reveal
 * a secret or wouldn't help.
 */
public class RedisSessionConfigurationException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final String action;

	public RedisSessionConfigurationException(String description, String action) {
		super(description);
		this.action = action;
	}

	public String getAction() {
		return this.action;
	}

}
