package app.session.redis.limit;

import java.util.concurrent.CompletionStage;

import app.session.redis.session.SessionScope;

/**
 * Ends sessions that have to make room for others.
 */
@FunctionalInterface
public interface Evictor {

	/**
	 * Ends a session, and publishes that.
	 * @param scope the request that needs the room
	 * @param handle the handle of the session
	 * @return completes when the session has ended, or there was none. Fails with a
	 * {@link app.session.redis.SessionStoreUnavailableException} if that is not known
	 */
	CompletionStage<?> evict(SessionScope scope, String handle);

}
