package app.session.redis.event;

import org.jspecify.annotations.Nullable;

/**
 * What one node tells the others of a session. It holds a handle, never an id or content.
 *
 * @param kind what happened
 * @param node the node that tells
 * @param handle the session
 */
public record NodeMessage(Kind kind, String node, String handle) {

	/** What happened to a session. */
	public enum Kind {

		/** It was created. */
		CREATED,

		/** It was deleted. */
		DELETED,

		/** It expired. */
		EXPIRED

	}

	/**
	 * The message as it is sent.
	 * @return a line of three words
	 */
	String encode() {
		return this.kind + " " + this.node + " " + this.handle;
	}

	/**
	 * Reads a message.
	 * @param text what was received
	 * @return the message, or null when it isn't one of ours, as from a newer version
	 */
	static @Nullable NodeMessage parse(String text) {
		String[] words = text.split(" ", -1);
		if (words.length != 3) {
			return null;
		}
		for (Kind kind : Kind.values()) {
			if (kind.name().equals(words[0])) {
				return new NodeMessage(kind, words[1], words[2]);
			}
		}
		return null;
	}

}
