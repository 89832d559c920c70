package app.session.redis.settings;

/**
 * The nodes on which session events are published to the application's listeners.
 */
public enum EventDelivery {

	/**
	 * Same as {@link #LOCAL}. With Spring Boot, the end of a session is also reported to
	 * the {@code WebSocketRegistryListener} of every node that has one.
	 */
	AUTO,

	/**
	 * One node: the one that created or deleted the session, or detected its expiry.
	 */
	LOCAL,

	/**
	 * Every node. The messages between nodes contain handles only. If a listener on
	 * another node reads the attributes, the timeout or the times of the session, the
	 * session is read from Redis, which takes at most the command timeout; the content of
	 * a session is kept for 30 seconds after its end. If the session can't be read, the
	 * event's session has no attributes. Its id is the one that the node knows, or else
	 * its alias.
	 */
	BROADCAST,

	/**
	 * No node. The end of a session isn't reported to an
	 * {@code HttpSessionEventPublisher} either.
	 */
	NONE

}
