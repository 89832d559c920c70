package app.session.redis.event;

import org.springframework.session.events.SessionDestroyedEvent;

/**
 * Receives the ends of sessions that this node has served, also if they end on another
 * node.
 */
@FunctionalInterface
public interface SessionEndListener {

	/**
	 * A session that this node has served has ended. Called on the thread that processes
	 * the messages of other nodes, or that ends the session, so it should return quickly.
	 * Exceptions are logged.
	 * @param event the event, whose session has an id that it had on this node, and no
	 * attributes
	 */
	void onSessionEnd(SessionDestroyedEvent event);

}
