package app.session.redis.store;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Remembers which ids have opened a large session on this node, a limited number of them.
 * An id that no client was served under is never among them, neither a wrong secret nor
 * that of another session, so it can't make Redis send a large session.
 */
final class LargeSessions {

	/** The size in bytes from which a session is read by a {@link DirectLoad}. */
	private static final int LARGE = 4096;

	/** The number of ids that are remembered, a power of two. */
	private static final int REMEMBERED = 1 << 13;

	/** The remembered ids, each at the position that its digest determines. */
	private final AtomicLongArray ids = new AtomicLongArray(REMEMBERED);

	/** Returns whether an id has opened a large session the last time. */
	boolean contains(String handle, byte[] digest) {
		return this.ids.get(position(digest)) == value(handle, digest);
	}

	/** Remembers the size of the session that an id has opened. */
	void update(byte[] digest, SessionContent content) {
		boolean large = content.memory() >= LARGE;
		if (large != contains(content.handle(), digest)) {
			this.ids.set(position(digest), large ? value(content.handle(), digest) : 0);
		}
	}

	private static int position(byte[] digest) {
		return ByteBuffer.wrap(digest).getInt() & (REMEMBERED - 1);
	}

	private static long value(String handle, byte[] digest) {
		return ByteBuffer.wrap(digest).getLong(Long.BYTES) + handle.hashCode();
	}

}
