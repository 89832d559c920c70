package app.session.redis.servlet;

import app.session.redis.session.StoredSession;
import jakarta.servlet.http.HttpSession;
import org.jspecify.annotations.Nullable;

/**
 * Where a {@link ServletSession} gets its content, and where its changes go.
 */
interface SessionBacking {

	/**
	 * Returns the current content.
	 * @param session the content as the request has loaded it
	 * @return the content, or null if the session has ended
	 */
	@Nullable StoredSession current(StoredSession session);

	/**
	 * Called after a change.
	 * @param content the content that was changed
	 * @throws IllegalStateException if the change can't be saved because the session has
	 * ended
	 */
	void changed(StoredSession content);

	/** Returns whether the session has ended during the request. */
	boolean hasEnded(StoredSession session);

	/** Ends the session, and notifies its listeners. */
	void invalidate(ServletSession session);

	/** Returns the object that accesses the session outside of requests. */
	HttpSession.Accessor accessor(ServletSession session);

}
