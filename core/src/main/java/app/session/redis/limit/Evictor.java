package app.session.redis.limit;

import java.util.concurrent.CompletionStage;

/**
 * Ends sessions that have to make room for others.
 */
@FunctionalInterface
public interface Evictor {

	/**
	 * Ends a session, and publishes that.
	 * @param handle the handle of the session
	 * @return completes when the session has ended, or there was none. Fails with a
	 * {@link app.session.redis.SessionStoreUnavailableException} if that is not known
	 */
	CompletionStage<?> evict(String handle);

}
