package app.session.redis.reactive;

import app.session.redis.SessionLimitExceededException;

import org.springframework.web.server.WebSession;

/**
 * Converts the refusal of a log-in, because its user has as many sessions as are allowed,
 * to the failure that the application's security framework expects.
 */
@FunctionalInterface
public interface RefusedLogIn {

	/** Leaves the refusal as it is. */
	RefusedLogIn UNCHANGED = (session, refusal) -> refusal;

	/**
	 * Called when the save of a session with a new id was refused. The session still has
	 * the attributes that the log-in has set; they must be removed, or the save at the
	 * end of the request is refused as well.
	 * @param session the session
	 * @param refusal the refusal
	 * @return the failure of the log-in
	 */
	Throwable refused(WebSession session, SessionLimitExceededException refusal);

}
