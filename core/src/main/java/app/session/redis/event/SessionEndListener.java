package app.session.redis.event;

import org.springframework.session.events.SessionDestroyedEvent;

/**
 * Is notified when a session that this node has served ends, on this or another node.
 */
@FunctionalInterface
public interface SessionEndListener {

	/**
	 * Handles the end of a session. Called on the thread that processes the messages of
	 * other nodes, or on the one that ends the session, so it should return quickly.
	 * Exceptions are logged.
	 * @param event the event, whose session has an id that it had on this node, and no
	 * attributes
	 */
	void onSessionEnd(SessionDestroyedEvent event);

}
