package app.session.redis.engine;

/**
 * What a save writes.
 */
public enum SaveOptions {

	/** Everything that has changed. */
	EVERYTHING(true, false),

	/** Everything but values because of which the request has failed before. */
	WITHOUT_REFUSED(true, true),

	/**
	 * What was set and removed. Objects are not searched for changes in place, since
	 * asynchronous processing may be changing them.
	 */
	NOT_IN_PLACE(false, false),

	/** As {@link #NOT_IN_PLACE}, but without refused values. */
	NOT_IN_PLACE_WITHOUT_REFUSED(false, true);

	private final boolean inPlace;

	private final boolean leaveOut;

	SaveOptions(boolean inPlace, boolean leaveOut) {
		this.inPlace = inPlace;
		this.leaveOut = leaveOut;
	}

	/**
	 * Returns the options.
	 * @param inPlace whether to look for objects that were changed in place
	 * @param leaveOut whether to leave out values because of which the request has failed
	 * before
	 * @return the options
	 */
	public static SaveOptions of(boolean inPlace, boolean leaveOut) {
		if (inPlace) {
			return leaveOut ? WITHOUT_REFUSED : EVERYTHING;
		}
		return leaveOut ? NOT_IN_PLACE_WITHOUT_REFUSED : NOT_IN_PLACE;
	}

	boolean inPlace() {
		return this.inPlace;
	}

	boolean leaveOut() {
		return this.leaveOut;
	}

}
