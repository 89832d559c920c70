package app.session.redis.codec;

import tools.jackson.databind.DatabindContext;
import tools.jackson.databind.ObjectReader;

/**
 * The state of a value that is being read: the cost of its content so far, and whether it
 * is still being read.
 */
final class JsonReading {

	/**
	 * The maximum number of exceptions. Creating one walks the stack, which is deep while
	 * JSON is read.
	 */
	static final int MAX_THROWABLES = 1000;

	private final HashBudget hashes = new HashBudget();

	private final SharedObjects shared = new SharedObjects();

	private int throwables;

	private volatile boolean active = true;

	/** Returns the reader for one value. */
	ObjectReader with(ObjectReader reader) {
		return reader.withAttribute(JsonReading.class, this);
	}

	static JsonReading of(DatabindContext context) {
		Object reading = context.getAttribute(JsonReading.class);
		return (reading != null) ? (JsonReading) reading : new JsonReading();
	}

	/** Returns whether hosts of URLs must not be resolved. */
	boolean isActive() {
		return this.active;
	}

	void end() {
		this.active = false;
	}

	HashBudget hashes() {
		return this.hashes;
	}

	SharedObjects shared() {
		return this.shared;
	}

	void countThrowable() {
		if (++this.throwables > MAX_THROWABLES) {
			throw new UnstorableValueException("it contains more than " + MAX_THROWABLES + " exceptions");
		}
	}

}
