package app.session.redis.event;

import org.springframework.session.events.SessionDestroyedEvent;

/**
 * Is told of the ends of sessions by one node to another, as the listeners of
 * {@code HttpSession}s are by a container.
 */
@FunctionalInterface
public interface SessionEndListener {

	/**
	 * A session that this node has served has ended. Called on a thread that works off
	 * what other nodes tell, or that ends the session: it should not take long. What it
	 * throws is logged.
	 * @param event the event, whose session has an id that it had on this node, and no
	 * attributes
	 */
	void onSessionEnd(SessionDestroyedEvent event);

}
