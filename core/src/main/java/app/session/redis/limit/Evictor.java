package app.session.redis.limit;

import java.util.concurrent.CompletionStage;

import app.session.redis.session.SessionScope;

/**
 * Ends sessions to free their places for others.
 */
@FunctionalInterface
public interface Evictor {

	/**
	 * Ends a session and publishes its end.
	 * @param scope the request that needs the place
	 * @param handle the handle of the session
	 * @return a stage that completes when the session has ended or didn't exist. Fails
	 * with a {@link app.session.redis.SessionStoreUnavailableException} if the outcome is
	 * unknown
	 */
	CompletionStage<?> evict(SessionScope scope, String handle);

}
