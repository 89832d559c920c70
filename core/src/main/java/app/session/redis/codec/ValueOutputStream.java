package app.session.redis.codec;

import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.OutputStream;

/**
 * Writes objects of allowed types only, so that nothing is stored that can't be read.
 */
final class ValueOutputStream extends ObjectOutputStream {

	private final AllowedTypes allowedTypes;

	private int nodes;

	ValueOutputStream(OutputStream out, AllowedTypes allowedTypes) throws IOException {
		super(out);
		this.allowedTypes = allowedTypes;
		enableReplaceObject(true);
	}

	/** How many objects were written that can have others inside. */
	int nodes() {
		return this.nodes;
	}

	/** Called for each class once, its superclasses included. */
	@Override
	protected void annotateClass(Class<?> type) {
		if (!this.allowedTypes.allows(type)) {
			throw new TypeRefusedException(type.getName());
		}
	}

	@Override
	protected void annotateProxyClass(Class<?> type) {
		throw new TypeRefusedException(type.getName());
	}

	/** Counts, and replaces nothing. */
	@Override
	protected Object replaceObject(Object object) {
		if (!(object instanceof String || object instanceof Number || object instanceof Enum<?>)) {
			this.nodes++;
		}
		return object;
	}

}
