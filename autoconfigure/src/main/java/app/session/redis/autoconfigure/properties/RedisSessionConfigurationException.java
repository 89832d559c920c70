package app.session.redis.autoconfigure.properties;

/**
 * Thrown if the configuration is invalid and showing the value of a property would reveal
 * a secret or wouldn't help.
 */
public class RedisSessionConfigurationException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/** What to change. */
	private final String action;

	/**
	 * Creates the exception.
	 * @param description what is wrong
	 * @param action what to change
	 */
	public RedisSessionConfigurationException(String description, String action) {
		super(description);
		this.action = action;
	}

	/**
	 * Returns what to change.
	 * @return one or more sentences
	 */
	public String getAction() {
		return this.action;
	}

}
