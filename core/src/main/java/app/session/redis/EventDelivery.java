package app.session.redis;

/**
 * On which nodes the application's listeners hear of sessions.
 */
public enum EventDelivery {

	/**
	 * On one: where the session was created or deleted, or where its expiry was found.
	 */
	LOCAL,

	/**
	 * On every node. The others know the session only by its handle; of one that was
	 * created they read the attributes, of one that has ended they have none.
	 */
	BROADCAST,

	/** On none. */
	NONE

}
