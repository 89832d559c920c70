package app.session.redis.servlet;

import app.session.redis.SessionId;
import app.session.redis.session.SessionScope;

/**
 * Acquires the locks of sessions for requests.
 */
@FunctionalInterface
public interface RequestLocks {

	/**
	 * Acquires the lock of a client's session for the current request, which keeps it in
	 * its {@link SessionScope}. Waits for it if necessary.
	 * @param id the id that the client sent
	 * @return whether the session exists
	 * @throws app.session.redis.SessionStoreUnavailableException if the request has to be
	 * refused
	 */
	boolean lock(SessionId id);

}
