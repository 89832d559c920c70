package app.session.redis.codec;

import org.jspecify.annotations.Nullable;

/** An object in the stream that {@link StreamWork} parses. */
class StreamObject {

	/**
	 * Whether such objects have an order, which tables use if their hashes collide.
	 */
	final boolean ordered;

	long weight = 1;

	/** The start of the bytes from which its hash is computed, or -1 if unknown. */
	int start = -1;

	int end;

	boolean text;

	/** Whether its hash is computed from the hashes of the objects that it contains. */
	boolean structural;

	boolean complete = true;

	boolean open;

	int hash;

	boolean hashed;

	StreamObject(boolean ordered) {
		this.ordered = ordered;
	}

	void add(@Nullable StreamObject child) {
		if (child != null) {
			this.weight = Math.min(this.weight + child.weight, StreamWork.MAX_WEIGHT);
			this.open |= this.structural && child.isOpen();
		}
	}

	/**
	 * Returns whether its weight is unknown, because it refers back to an object that is
	 * not complete. This applies to collections only: objects of the application that
	 * refer to each other don't compute their hashes from these references.
	 */
	boolean isOpen() {
		return !this.complete || this.open;
	}

}
