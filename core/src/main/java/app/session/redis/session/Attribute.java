package app.session.redis.session;

import org.jspecify.annotations.Nullable;

/**
 * One attribute of a session: as it is stored, as the application has it, or both.
 * Guarded by the monitor of the session.
 */
final class Attribute {

	byte @Nullable [] stored;

	@Nullable Object value;

	/**
	 * The serialized form of the object when it was read or written; null where changes
	 * in place are not looked for.
	 */
	byte @Nullable [] baseline;

	boolean changed;

	/**
	 * Whether the object that was there already was set: written if it has changed.
	 */
	boolean setAgain;

	/** Whether it is never stored. */
	boolean requestOnly;

	/** Whether the last save was refused because of its value. */
	boolean refused;

	/** Whether the request has failed because of its value. */
	boolean leftOut;

	boolean unreadable;

	/** Whether its stored form could be opened, be it deserialized or not. */
	boolean opened;

	boolean inRedis;

	Attribute(byte @Nullable [] stored) {
		this.stored = stored;
		this.inRedis = stored != null;
	}

}
