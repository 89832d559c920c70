package app.session.redis.session;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import app.session.redis.settings.AttributeConversion;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Keeps the destruction callbacks of session-scoped beans out of Redis. Spring sets one
 * for each bean with a destroy method, as an attribute of the session. The callback calls
 * a method by its name and refers to the bean factory, so that deserializing it would let
 * a client with write access to Redis choose which code runs.
 */
public final class DestructionCallbacks implements AttributeConversion {

	private static final Log logger = LogFactory.getLog(StoredSession.class);

	/** The class by its name, because it can't be loaded without the servlet API. */
	private static final String TYPE = "org.springframework.web.context.request.DestructionCallbackBindingListener";

	private static final String NAME_PREFIX = "org.springframework.web.context.request.ServletRequestAttributes"
			+ ".DESTRUCTION_CALLBACK.";

	private static final String SCOPED_TARGET_PREFIX = "scopedTarget.";

	private static final int MAX_LOGGED = 1000;

	private final AttributeConversion delegate;

	private final Set<String> logged = ConcurrentHashMap.newKeySet();

	public DestructionCallbacks(AttributeConversion delegate) {
		this.delegate = delegate;
	}

	@Override
	public Object toStored(String name, Object value) {
		return this.delegate.toStored(name, value);
	}

	@Override
	public Object fromStored(String name, Object stored) {
		return this.delegate.fromStored(name, stored);
	}

	@Override
	public boolean isTransient(String name, Object value) {
		if (!value.getClass().getName().equals(TYPE)) {
			return this.delegate.isTransient(name, value);
		}
		String bean = beanName(name);
		if (this.logged.size() < MAX_LOGGED && this.logged.add(bean)) {
			logger.warn("The destroy method of the session-scoped bean '" + bean + "' will not be called when a session"
					+ " ends: destruction callbacks are not stored, because they refer to the bean factory. Listen to"
					+ " SessionDestroyedEvent instead, or remove the destroy method");
		}
		return true;
	}

	private static String beanName(String attribute) {
		String bean = attribute.startsWith(NAME_PREFIX) ? attribute.substring(NAME_PREFIX.length()) : attribute;
		return bean.startsWith(SCOPED_TARGET_PREFIX) ? bean.substring(SCOPED_TARGET_PREFIX.length()) : bean;
	}

}
