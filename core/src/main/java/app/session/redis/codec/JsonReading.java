package app.session.redis.codec;

import tools.jackson.databind.DatabindContext;
import tools.jackson.databind.ObjectReader;

/**
 * The state of one value that is being read: what its content has cost so far, and
 * whether reading still goes on.
 */
final class JsonReading {

	/** Creating an exception walks the stack, which is deep while JSON is read. */
	static final int MAX_THROWABLES = 1000;

	private final HashBudget hashes = new HashBudget();

	private final SharedObjects shared = new SharedObjects();

	private int throwables;

	private volatile boolean active = true;

	/** The reader for one value. */
	ObjectReader with(ObjectReader reader) {
		return reader.withAttribute(JsonReading.class, this);
	}

	static JsonReading of(DatabindContext context) {
		Object reading = context.getAttribute(JsonReading.class);
		return (reading != null) ? (JsonReading) reading : new JsonReading();
	}

	/** Whether URLs must not be looked up. */
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
			throw new UnstorableValueException("it holds more than " + MAX_THROWABLES + " exceptions");
		}
	}

}
