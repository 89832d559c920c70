package app.session.redis.event;

import org.jspecify.annotations.Nullable;

/**
 * A message about a session from one node to the others. It contains a handle, never an
 * id or content.
 *
 * @param kind what happened
 * @param node the node that sends the message
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
	 * Encodes the message.
	 * @return a line of three words: kind, node and handle
	 */
	String encode() {
		return this.kind + " " + this.node + " " + this.handle;
	}

	/**
	 * Parses a message.
	 * @param text the received text
	 * @return the message, or null if the text is something else, for example a message
	 * of a newer version
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
