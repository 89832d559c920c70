package app.session.redis.session;

import app.session.redis.settings.AttributeConversion;

/**
 * Stores a marker in place of the destruction callback of a session-scoped bean. Spring
 * sets one for each bean with a destroy method, as an attribute of the session. The
 * callback calls a method by its name and refers to the bean factory, so that
 * deserializing it would let a client with write access to Redis choose which code runs.
 * When the session ends, the marker says that the bean has to be destroyed.
 */
public final class DestructionCallbacks implements AttributeConversion {

	/** The class by its name, because it can't be loaded without the servlet API. */
	private static final String TYPE = "org.springframework.web.context.request.DestructionCallbackBindingListener";

	private static final String NAME_PREFIX = "org.springframework.web.context.request.ServletRequestAttributes"
			+ ".DESTRUCTION_CALLBACK.";

	private static final Object MARKER = Boolean.TRUE;

	private final AttributeConversion delegate;

	/**
	 * Creates the conversion.
	 * @param delegate the conversion of other values
	 */
	public DestructionCallbacks(AttributeConversion delegate) {
		this.delegate = delegate;
	}

	@Override
	public Object toStored(String name, Object value) {
		return isCallback(value) ? MARKER : this.delegate.toStored(name, value);
	}

	@Override
	public Object fromStored(String name, Object stored) {
		return this.delegate.fromStored(name, stored);
	}

	/** A callback under another name is kept for the request only. */
	@Override
	public boolean isTransient(String name, Object value) {
		return isCallback(value) ? !name.startsWith(NAME_PREFIX) : this.delegate.isTransient(name, value);
	}

	private static boolean isCallback(Object value) {
		return value.getClass().getName().equals(TYPE);
	}

}
