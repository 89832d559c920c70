package app.session.redis.web;

import app.session.redis.store.SessionId;

/**
 * Takes the locks of sessions for requests.
 */
@FunctionalInterface
public interface RequestLocks {

	/**
	 * Takes the lock of a client's session for the present request, which keeps it in its
	 * {@link RequestScope}. Waits for it if need be.
	 * @param id the id that the client sent
	 * @return whether the client has such a session
	 * @throws app.session.redis.store.SessionStoreUnavailableException if the request has
	 * to be refused
	 */
	boolean lock(SessionId id);

}
