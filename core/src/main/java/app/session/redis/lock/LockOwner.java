package app.session.redis.lock;

import app.session.redis.SessionId;
import org.jspecify.annotations.Nullable;

/**
 * A request that has the lock of a session, or wants it.
 *
 * @param handle the session
 * @param token what stands in the lock: the node, the number of the request there, and
 * the handle; {@code unlock.lua} finds the node in it
 */
public record LockOwner(String handle, String token) {

	private static final char SEPARATOR = ':';

	/**
	 * Names a request.
	 * @param node its node, which has no colon in its name
	 * @param number which no other request of the node has
	 * @param handle the session
	 * @return the owner
	 */
	public static LockOwner of(String node, long number, String handle) {
		return new LockOwner(handle, node + SEPARATOR + number + SEPARATOR + handle);
	}

	/**
	 * Reads a token.
	 * @param token what a node was told
	 * @return the owner, or null when it is none
	 */
	public static @Nullable LockOwner parse(String token) {
		String handle = token.substring(token.lastIndexOf(SEPARATOR) + 1);
		return SessionId.isHandle(handle) ? new LockOwner(handle, token) : null;
	}

}
