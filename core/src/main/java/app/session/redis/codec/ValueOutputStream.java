package app.session.redis.codec;

import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.Proxy;

import org.jspecify.annotations.Nullable;

/**
 * Writes objects of allowed types. Types that must not be stored are collected, so that
 * all of them can be reported. The bytes are complete only if there are no such types.
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

	/** Returns the number of written objects that can contain other objects. */
	int nodes() {
		return this.nodes;
	}

	/**
	 * Returns whether objects were written that are replaced by others when they are
	 * read.
	 */
	boolean hasReplacedAny() {
		return this.lambdas > 0 || !this.throwables.replaced().isEmpty();
	}

	Refusals refusals() {
		return this.refusals;
	}

	/** Called once for each class, including its superclasses. */
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
	 * Called once for each object, after its own {@code writeReplace}, but not for class
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
