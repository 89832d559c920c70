package app.session.redis.servlet;

import app.session.redis.SessionId;
import app.session.redis.session.SessionScope;

/**
 * Takes the locks of sessions for requests.
 */
@FunctionalInterface
public interface RequestLocks {

	/**
	 * Takes the lock of a client's session for the present request, which keeps it in its
	 * {@link SessionScope}. Waits for it if need be.
	 * @param id the id that the client sent
	 * @return whether the client has such a session
	 * @throws app.session.redis.SessionStoreUnavailableException if the request has to be
	 * refused
	 */
	boolean lock(SessionId id);

}
