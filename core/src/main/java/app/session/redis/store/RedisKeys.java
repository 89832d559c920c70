package app.session.redis.store;

import java.nio.charset.StandardCharsets;

/**
 * Every key that the store uses, built here and parsed nowhere.
 */
public final class RedisKeys {

	/**
	 * In how many parts the expiry hints lie, so that a cluster spreads them. Part of the
	 * format: never changed.
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

	private final byte[] collector;

	private final byte[] events;

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
		this.collector = bytes(namespace + ":collector");
		this.events = bytes(namespace + ":events");
	}

	public byte[] session(String handle) {
		return of(this.sessionPrefix, handle);
	}

	/** What is kept of a session for a while after its end, where the session was. */
	public byte[] ended(String handle) {
		return of(this.endedPrefix, handle);
	}

	/** The lock of a session, where the session is. */
	public byte[] lock(String handle) {
		return of(this.lockPrefix, handle);
	}

	/** Who waits for the lock of a session, where the session is. */
	public byte[] waiters(String handle) {
		return of(this.waitersPrefix, handle);
	}

	/** The channel on which a node is told that it has a lock. */
	public byte[] wake(String node) {
		return bytes(this.wakePrefix + node);
	}

	/** What the channels begin with on which nodes are told that they have a lock. */
	public String wakePrefix() {
		return this.wakePrefix;
	}

	/** What stands in braces decides where a key lies in a cluster. */
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

	/** In which part of the expiry hints a session's lies. */
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

	/** Written before waiting for replicas; where the session is, and soon gone. */
	public byte[] confirmation(String handle) {
		return bytes(this.confirmationPrefix + handle + "}");
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

}
