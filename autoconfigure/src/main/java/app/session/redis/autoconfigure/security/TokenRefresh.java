package app.session.redis.autoconfigure.security;

import app.session.redis.autoconfigure.properties.RedisSessionConfigurationException;

/**
 * The requirement of single token refreshes on the application.
 */
final class TokenRefresh {

	private TokenRefresh() {
	}

	/**
	 * Checks that authorized clients are kept in the session.
	 * @param repository the repository of authorized clients
	 * @param elsewhere whether it keeps them elsewhere
	 * @param required the type that keeps them in the session
	 * @throws RedisSessionConfigurationException if it keeps them elsewhere
	 */
	static void requireInSession(Object repository, boolean elsewhere, Class<?> required) {
		if (elsewhere) {
			throw new RedisSessionConfigurationException(
					"The property 'app.session.redis.lock.token-refresh' is true, but the bean of type "
							+ repository.getClass().getSimpleName()
							+ " doesn't keep authorized clients in the session, so other nodes don't see a refreshed token.",
					"Define a bean of type " + required.getSimpleName() + ", or remove the other one.");
		}
	}

}
