package app.session.redis.codec;

import org.jspecify.annotations.Nullable;

/** An object of the stream that {@link StreamWork} parses. */
class StreamObject {

	/**
	 * Whether objects like it have an order, in which tables keep those that collide.
	 */
	final boolean ordered;

	long weight = 1;

	/** Where the bytes begin that its hash is computed from; -1: unknown. */
	int start = -1;

	int end;

	boolean text;

	/** Whether its hash is computed from the hashes of what it holds. */
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
	 * Returns whether its weight is not known, because it refers back to an object that
	 * is not complete. Only for collections: objects of the application that refer to
	 * each other don't compute their hashes from that.
	 */
	boolean isOpen() {
		return !this.complete || this.open;
	}

}
