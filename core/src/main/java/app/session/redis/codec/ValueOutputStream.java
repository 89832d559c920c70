package app.session.redis.codec;

import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.Proxy;

import org.jspecify.annotations.Nullable;

/**
 * Writes objects of allowed types. What may not be stored is collected, in order to
 * report all of it; the bytes are complete only if nothing was.
 */
final class ValueOutputStream extends ObjectOutputStream {

	private final AllowedTypes allowedTypes;

	private final StoredThrowables throwables;

	private final Refusals refusals;

	private int nodes;

	private int lambdas;

	ValueOutputStream(OutputStream out, AllowedTypes allowedTypes, StoredThrowables throwables, Refusals refusals)
			throws IOException {
		super(out);
		this.allowedTypes = allowedTypes;
		this.throwables = throwables;
		this.refusals = refusals;
		enableReplaceObject(true);
	}

	/** The number of objects written that can have others inside. */
	int nodes() {
		return this.nodes;
	}

	/** Whether objects were written that are turned into others when they are read. */
	boolean hasReplacedAny() {
		return this.lambdas > 0 || !this.throwables.replaced().isEmpty();
	}

	Refusals refusals() {
		return this.refusals;
	}

	/** Called for each class once, its superclasses included. */
	@Override
	protected void annotateClass(Class<?> type) {
		if (type != StoredLambda.class && !this.allowedTypes.allows(type)
				&& !this.allowedTypes.allowsClassObject(type)) {
			this.refusals.add(type);
		}
	}

	@Override
	protected void annotateProxyClass(Class<?> type) {
		this.refusals.add(type);
	}

	/**
	 * Called for each object once, after its own {@code writeReplace}; not for class
	 * objects.
	 */
	@Override
	protected @Nullable Object replaceObject(Object object) {
		if (object instanceof String || object instanceof Number || object instanceof Enum<?>) {
			return (object instanceof Serializable) ? object : notSerializable(object);
		}
		this.nodes++;
		if (object instanceof Throwable throwable) {
			return this.throwables.replace(throwable);
		}
		if (object instanceof SerializedLambda lambda) {
			return replace(lambda);
		}
		if (!(object instanceof Serializable)) {
			return notSerializable(object);
		}
		Class<?> type = object.getClass();
		boolean never = !this.allowedTypes.allows(type)
				&& (Proxy.isProxyClass(type) || NeverAllowedTypes.contains(type.getName()));
		if (never) {
			this.refusals.add(type);
			return null;
		}
		return object;
	}

	private @Nullable Object replace(SerializedLambda lambda) {
		String capturingClass = StoredLambda.capturingClass(lambda);
		if (this.allowedTypes.allowsLambdasOf(capturingClass)) {
			this.lambdas++;
			return new StoredLambda(lambda);
		}
		this.refusals.addLambda(capturingClass);
		return null;
	}

	private @Nullable Object notSerializable(Object object) {
		this.refusals.addNotSerializable(object.getClass());
		return null;
	}

}
