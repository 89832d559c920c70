package app.session.redis.store;

import java.nio.charset.StandardCharsets;

/**
 * Builds every key that the store uses. Keys are never parsed.
 */
public final class RedisKeys {

	/**
	 * The number of parts of the expiry hints, which a cluster distributes over its
	 * nodes. Part of the format, so it must never change.
	 */
	public static final int HINT_PARTS = 16;

	private final byte[] sessionPrefix;

	private final byte[] endedPrefix;

	private final byte[] lockPrefix;

	private final byte[] waitersPrefix;

	private final String wakePrefix;

	private final byte[][] hints = new byte[HINT_PARTS][];

	private final String indexPrefix;

	private final String confirmationPrefix;

	private final String logoutTokenPrefix;

	private final byte[] collector;

	private final byte[] events;

	private final String changes;

	public RedisKeys(String namespace) {
		this.sessionPrefix = bytes(namespace + ":session:{");
		this.endedPrefix = bytes(namespace + ":ended:{");
		this.lockPrefix = bytes(namespace + ":lock:{");
		this.waitersPrefix = bytes(namespace + ":waiters:{");
		this.wakePrefix = namespace + ":wake:";
		for (int part = 0; part < HINT_PARTS; part++) {
			this.hints[part] = bytes(namespace + ":expiry:" + part);
		}
		this.indexPrefix = namespace + ":index:";
		this.confirmationPrefix = namespace + ":confirm:{";
		this.logoutTokenPrefix = namespace + ":logout-token:";
		this.collector = bytes(namespace + ":collector");
		this.events = bytes(namespace + ":events");
		this.changes = namespace + ":changes";
	}

	public byte[] session(String handle) {
		return of(this.sessionPrefix, handle);
	}

	/** Returns the key of the content kept after a session's end, in the same slot. */
	public byte[] ended(String handle) {
		return of(this.endedPrefix, handle);
	}

	/** Returns the key of the lock of a session, in the same slot. */
	public byte[] lock(String handle) {
		return of(this.lockPrefix, handle);
	}

	/**
	 * Returns the key of the list of requests that wait for the lock of a session, in the
	 * same slot.
	 */
	public byte[] waiters(String handle) {
		return of(this.waitersPrefix, handle);
	}

	/** Returns the channel on which a node is notified that it has a lock. */
	public byte[] wake(String node) {
		return bytes(this.wakePrefix + node);
	}

	/**
	 * Returns the prefix of the channels on which nodes are notified that they have a
	 * lock.
	 */
	public String wakePrefix() {
		return this.wakePrefix;
	}

	/** Builds a key. The part in braces determines its slot in a cluster. */
	private static byte[] of(byte[] prefix, String handle) {
		int length = prefix.length;
		byte[] key = new byte[length + handle.length() + 1];
		System.arraycopy(prefix, 0, key, 0, length);
		for (int i = 0; i < handle.length(); i++) {
			key[length + i] = (byte) handle.charAt(i);
		}
		key[key.length - 1] = '}';
		return key;
	}

	public byte[] hints(int part) {
		return this.hints[part];
	}

	public byte[] hints(String handle) {
		return this.hints[hintPart(handle)];
	}

	/** Returns the part of the expiry hints that has the hint of a session. */
	public static int hintPart(String handle) {
		return handle.hashCode() & (HINT_PARTS - 1);
	}

	public byte[] index(IndexEntry entry) {
		return bytes(this.indexPrefix + entry.keyName() + ":" + entry.value());
	}

	public byte[] collector() {
		return this.collector;
	}

	byte[] events() {
		return this.events;
	}

	/** Returns the channel on which changes and deletions of sessions are published. */
	public String changes() {
		return this.changes;
	}

	/**
	 * Returns the short-lived key that is written before waiting for replicas, in the
	 * same slot as the session.
	 */
	public byte[] confirmation(String handle) {
		return bytes(this.confirmationPrefix + handle + "}");
	}

	/**
	 * Returns the key that records that a logout token was processed.
	 * @param digest the digest of the token's issuer and id
	 */
	public byte[] logoutToken(String digest) {
		return bytes(this.logoutTokenPrefix + digest);
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

}
