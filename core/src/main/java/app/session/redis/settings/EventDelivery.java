package app.session.redis.settings;

/**
 * On which nodes the application's listeners hear of sessions.
 */
public enum EventDelivery {

	/**
	 * As {@link #LOCAL}. With Spring Boot, ends of sessions also reach the
	 * {@code WebSocketRegistryListener} of every node, where there is one.
	 */
	AUTO,

	/**
	 * On one: where the session was created or deleted, or where its expiry was found.
	 */
	LOCAL,

	/**
	 * On every node. The messages between nodes hold handles only. Where a listener on
	 * another node asks for attributes, the timeout or times of the session, it is read
	 * from Redis, which takes the command timeout at most; what a session held is kept
	 * for 30 seconds after its end. If it can't be read, the event's session has no
	 * attributes. Its id is the one that the node knows, or else its alias.
	 */
	BROADCAST,

	/** On none, nor do ends of sessions reach an {@code HttpSessionEventPublisher}. */
	NONE

}
