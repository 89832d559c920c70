package app.session.redis;

import org.jspecify.annotations.Nullable;

import org.springframework.dao.DataAccessResourceFailureException;

/**
 * Thrown if Redis can't be reached or refuses a command, or if another request holds the
 * lock of a session. Nothing is known about the requested session: it must be treated
 * neither as absent nor as present.
 */
public class SessionStoreUnavailableException extends DataAccessResourceFailureException {

	private static final long serialVersionUID = 1L;

	/** The reason. */
	private final Reason reason;

	/**
	 * Creates the exception.
	 * @param reason the reason
	 * @param detail further details, without ids and values, or null
	 * @param cause the underlying failure, or null
	 */
	public SessionStoreUnavailableException(Reason reason, @Nullable String detail, @Nullable Throwable cause) {
		super((reason.ofLock ? "The session is locked: " : "The session store is unavailable: ") + reason.text()
				+ ((detail != null) ? " (" + detail + ")" : ""), cause);
		this.reason = reason;
	}

	/**
	 * Returns why the store is unavailable.
	 * @return the reason
	 */
	public Reason getReason() {
		return this.reason;
	}

	/**
	 * Why the store is unavailable, and what to do about it.
	 */
	public enum Reason {

		/** There is no connection. */
		DISCONNECTED("there is no connection to Redis. Check that Redis is running and reachable from this node"),

		/** No reply arrived within the timeout. */
		TIMEOUT("Redis did not answer within the command timeout. Check its load, the network, and slow commands"),

		/** The circuit breaker is open. */
		NOT_ASKED("the circuit breaker is open: Redis has not answered lately, and no command is sent until it "
				+ "answers a PING"),

		/** Too many commands wait for a reply, or for a connection of the pool. */
		OVERLOADED("too many commands are waiting for a reply of Redis or for a connection. Check its load and "
				+ "the network"),

		/** The data set is being read from disk. */
		LOADING("Redis is loading its data set. Wait until it has finished"),

		/** Redis has reached its memory limit. */
		OUT_OF_MEMORY("Redis has reached maxmemory and refuses writes. Give it more memory. Don't set an "
				+ "eviction policy, because Redis would then drop sessions"),

		/** The last snapshot failed. */
		PERSISTENCE_FAILED("Redis refuses writes because its last snapshot or append failed. Check its disk and log"),

		/** Too few replicas are connected. */
		NO_REPLICAS("Redis refuses writes because fewer replicas are connected than min-replicas-to-write requires"),

		/** A write was sent to a replica. */
		READ_ONLY("this Redis is a replica and refuses writes. It was demoted, or the address is that of a replica"),

		/** The cluster doesn't serve the slot. */
		CLUSTER_DOWN("the Redis Cluster does not serve this session's slot. Check its nodes"),

		/** The cluster moves the slot to another node. */
		SLOT_MOVING("the Redis Cluster is moving this session's slot to another node, which takes longer than the "
				+ "command timeout. Finish moving it"),

		/** Permissions or credentials are missing. */
		NOT_PERMITTED("Redis denied access. Check the user name, the password and the user's ACL"),

		/** Another script or function blocks the server. */
		BUSY("Redis is busy with a script that does not finish"),

		/** A newer version of this library wrote the session. */
		NEWER_FORMAT("a newer version of this library wrote the session, which is left unchanged. Finish the "
				+ "upgrade, or downgrade every node"),

		/** The value of the session's key in Redis is not a session. */
		DAMAGED("the data of the session was not written by this library, or was changed in Redis. Find out "
				+ "which other client writes to these keys"),

		/** This node can't read the user of a session that may have to be ended. */
		UNREADABLE("this node can't read the user of a session. Deploy the same classes and allowed types on every "
				+ "node"),

		/** Another request held the session's lock for too long. */
		LOCK_TIMEOUT("another request held the lock for longer than this request is allowed to wait. Shorten "
				+ "such requests, raise the wait time, or don't lock this request", true),

		/** Too many requests wait for the session's lock. */
		TOO_MANY_WAITERS("the maximum number of requests is already waiting for the lock", true),

		/** The request no longer has the session's lock. */
		LOCK_LOST("the request lost its lock, so its changes were not saved. The lock was taken over, or this "
				+ "node was paused or could not reach Redis for longer than the lease", true),

		/** Anything else. */
		FAILED("Redis answered with an error");

		private final String text;

		private final boolean ofLock;

		Reason(String text) {
			this(text, false);
		}

		Reason(String text, boolean ofLock) {
			this.text = text;
			this.ofLock = ofLock;
		}

		/**
		 * Returns whether the store is available and only a lock prevents the operation.
		 * @return whether the reason is a lock
		 */
		public boolean isOfLock() {
			return this.ofLock;
		}

		String text() {
			return this.text;
		}

	}

}
