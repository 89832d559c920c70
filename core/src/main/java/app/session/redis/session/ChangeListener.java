package app.session.redis.session;

/**
 * Is notified after each change to a session. A face that writes changes immediately
 * registers it with the sessions that it returns.
 */
@FunctionalInterface
public interface ChangeListener {

	/**
	 * Handles a change of a session.
	 * @param session the session
	 * @throws IllegalArgumentException if a value can't be stored; the change that caused
	 * the call is undone
	 */
	void changed(StoredSession session);

}
