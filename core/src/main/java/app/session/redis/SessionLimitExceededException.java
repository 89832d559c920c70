package app.session.redis;

/**
 * Thrown if a session is not written because a limit on the number of sessions is
 * reached. The attempt has no effect in Redis.
 */
public class SessionLimitExceededException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/** The limit. */
	private final Limit limit;

	/** The number of sessions that it allows. */
	private final int maximum;

	/**
	 * Creates the exception.
	 * @param limit which limit
	 * @param maximum how many sessions it allows
	 */
	public SessionLimitExceededException(Limit limit, int maximum) {
		this(limit, maximum, OptionNames.METHODS);
	}

	/**
	 * Creates the exception.
	 * @param limit which limit
	 * @param maximum how many sessions it allows
	 * @param optionNames the names of options in the message
	 */
	public SessionLimitExceededException(Limit limit, int maximum, OptionNames optionNames) {
		super(limit.text.formatted(optionNames.name(limit.option), maximum));
		this.limit = limit;
		this.maximum = maximum;
	}

	/**
	 * Returns the limit that is reached.
	 * @return the limit
	 */
	public Limit getLimit() {
		return this.limit;
	}

	/**
	 * Returns the number of sessions that the limit allows.
	 * @return the number of sessions
	 */
	public int getMaximum() {
		return this.maximum;
	}

	/**
	 * The kinds of limits.
	 */
	public enum Limit {

		/** The sessions of one principal. */
		PER_PRINCIPAL(Option.LIMIT_PER_PRINCIPAL,
				"The log-in was refused: the principal already has as many sessions as %s allows (%d). End one "
						+ "of them, or raise the limit"),

		/** All sessions. */
		TOTAL(Option.LIMIT_TOTAL, "The session was not created: there are already as many sessions as %s "
				+ "allows (%d). Raise the limit, or wait until some have ended");

		private final Option option;

		private final String text;

		Limit(Option option, String text) {
			this.option = option;
			this.text = text;
		}

	}

}
