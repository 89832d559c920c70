package app.session.redis;

/**
 * A session is not written because there are as many as a limit allows. What is in Redis
 * is as if the attempt had not been made.
 */
public class SessionLimitExceededException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final Limit limit;

	private final int maximum;

	/**
	 * Creates the exception.
	 * @param limit which limit
	 * @param maximum how many sessions it allows
	 */
	public SessionLimitExceededException(Limit limit, int maximum) {
		super(limit.text.formatted(maximum));
		this.limit = limit;
		this.maximum = maximum;
	}

	/**
	 * Which limit is reached.
	 * @return the limit
	 */
	public Limit getLimit() {
		return this.limit;
	}

	/**
	 * How many sessions it allows.
	 * @return how many
	 */
	public int getMaximum() {
		return this.maximum;
	}

	/**
	 * What is limited.
	 */
	public enum Limit {

		/** The sessions of one principal. */
		PER_PRINCIPAL(
				"The log-in is refused: its principal has as many sessions as 'app.session.redis.limits.per-principal'"
						+ " allows (%d). End one of them, or raise the limit"),

		/** All sessions. */
		TOTAL("The session is not created: there are as many as 'app.session.redis.limits.total' allows (%d)."
				+ " Raise the limit, or wait until some have ended");

		private final String text;

		Limit(String text) {
			this.text = text;
		}

	}

}
