package app.session.redis.store;

import java.nio.charset.StandardCharsets;

/**
 * Every key that the store uses, built here and parsed nowhere.
 */
final class RedisKeys {

	/**
	 * In how many parts the expiry hints lie, so that a cluster spreads them. Part of the
	 * format: never changed.
	 */
	static final int HINT_PARTS = 16;

	private final byte[] sessionPrefix;

	private final byte[][] hints = new byte[HINT_PARTS][];

	private final String indexPrefix;

	private final String confirmationPrefix;

	private final byte[] collector;

	private final byte[] events;

	RedisKeys(String namespace) {
		this.sessionPrefix = bytes(namespace + ":session:{");
		for (int part = 0; part < HINT_PARTS; part++) {
			this.hints[part] = bytes(namespace + ":expiry:" + part);
		}
		this.indexPrefix = namespace + ":index:";
		this.confirmationPrefix = namespace + ":confirm:{";
		this.collector = bytes(namespace + ":collector");
		this.events = bytes(namespace + ":events");
	}

	byte[] session(String handle) {
		int length = this.sessionPrefix.length;
		byte[] key = new byte[length + handle.length() + 1];
		System.arraycopy(this.sessionPrefix, 0, key, 0, length);
		for (int i = 0; i < handle.length(); i++) {
			key[length + i] = (byte) handle.charAt(i);
		}
		key[key.length - 1] = '}';
		return key;
	}

	byte[] hints(int part) {
		return this.hints[part];
	}

	byte[] hints(String handle) {
		return this.hints[handle.hashCode() & (HINT_PARTS - 1)];
	}

	byte[] index(IndexEntry entry) {
		return bytes(this.indexPrefix + entry.keyName() + ":" + entry.value());
	}

	byte[] collector() {
		return this.collector;
	}

	byte[] events() {
		return this.events;
	}

	/** Written before waiting for replicas; where the session is, and soon gone. */
	byte[] confirmation(String handle) {
		return bytes(this.confirmationPrefix + handle + "}");
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

}
