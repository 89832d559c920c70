package app.session.redis.session;

import org.jspecify.annotations.Nullable;

/**
 * An attribute of a session: its stored form, the application's object, or both. Guarded
 * by the monitor of the session.
 */
final class Attribute {

	byte @Nullable [] stored;

	@Nullable Object value;

	/**
	 * The serialized form of the object when it was read or written; null if changes in
	 * place are not detected.
	 */
	byte @Nullable [] baseline;

	boolean changed;

	/**
	 * Whether the same object was set again: it is written only if it has changed.
	 */
	boolean setAgain;

	/** Whether the attribute is never stored. */
	boolean requestOnly;

	/** Whether the last save was refused because of its value. */
	boolean refused;

	/** Whether the request has failed because of its value. */
	boolean leftOut;

	boolean unreadable;

	/**
	 * Whether its stored form is authentic and was decrypted, even if it couldn't be
	 * deserialized.
	 */
	boolean opened;

	boolean inRedis;

	Attribute(byte @Nullable [] stored) {
		this.stored = stored;
		this.inRedis = stored != null;
	}

	/** Returns whether a save has to examine the attribute. */
	boolean mayHaveChanged() {
		return this.changed || this.refused || this.baseline != null;
	}

}
