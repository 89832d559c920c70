package app.session.redis.store;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * The publication of changes and deletions of sessions for nodes that trust copies. Redis
 * publishes each within the script that makes it, as its last step: a change is never
 * lost because it can't be published.
 */
public final class ChangePublication {

	private final byte[] maxAge;

	private final Consumer<Boolean> published;

	/**
	 * Creates a publication.
	 * @param maxAge how long copies are trusted
	 * @param published receives after each change and each deletion whether Redis has
	 * published it, on a thread of the client; must not block
	 */
	public ChangePublication(Duration maxAge, Consumer<Boolean> published) {
		this.maxAge = Long.toString(maxAge.toMillis()).getBytes(StandardCharsets.US_ASCII);
		this.published = published;
	}

	/** Returns how long copies are trusted, in milliseconds. */
	byte[] maxAge() {
		return this.maxAge;
	}

	void published(boolean published) {
		this.published.accept(published);
	}

}
