package app.session.redis.lock;

import app.session.redis.SessionId;
import org.jspecify.annotations.Nullable;

/**
 * A request that holds or wants the lock of a session.
 *
 * @param handle the session
 * @param token the value of the lock: the node, the number of the request on that node,
 * and the handle; {@code unlock.lua} extracts the node from it
 */
public record LockOwner(String handle, String token) {

	private static final char SEPARATOR = ':';

	/**
	 * Creates the owner for a request.
	 * @param node the name of its node, which has no colon
	 * @param number the unique number of the request on this node
	 * @param handle the session
	 * @return the owner
	 */
	public static LockOwner of(String node, long number, String handle) {
		return new LockOwner(handle, node + SEPARATOR + number + SEPARATOR + handle);
	}

	/**
	 * Parses a token.
	 * @param token the message that a node received
	 * @return the owner, or null if the message isn't a token
	 */
	public static @Nullable LockOwner parse(String token) {
		String handle = token.substring(token.lastIndexOf(SEPARATOR) + 1);
		return SessionId.isHandle(handle) ? new LockOwner(handle, token) : null;
	}

}
