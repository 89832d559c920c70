package app.session.redis.session;

/**
 * Is called after each change that a session's user makes. A face that writes changes
 * immediately registers it with the sessions that it hands out.
 */
@FunctionalInterface
public interface ChangeListener {

	/**
	 * A session has changed.
	 * @param session the session
	 * @throws IllegalArgumentException if a value can't be stored; the change that caused
	 * the call is taken back
	 */
	void changed(StoredSession session);

}
