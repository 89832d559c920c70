package app.session.redis.servlet;

import java.util.EventListener;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

import app.session.redis.log.LimitedLog;
import app.session.redis.session.StoredSession;
import jakarta.servlet.http.HttpSession;
import jakarta.servlet.http.HttpSessionActivationListener;
import jakarta.servlet.http.HttpSessionAttributeListener;
import jakarta.servlet.http.HttpSessionBindingEvent;
import jakarta.servlet.http.HttpSessionBindingListener;
import jakarta.servlet.http.HttpSessionEvent;
import jakarta.servlet.http.HttpSessionIdListener;
import jakarta.servlet.http.HttpSessionListener;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.util.function.SingletonSupplier;
import org.springframework.web.context.request.DestructionCallbackBindingListener;
import org.springframework.web.context.request.ServletRequestAttributes;

/**
 * Notifies the listeners of the Servlet API, in the order of their registration, and of
 * the end of a session in reverse order. An exception of a listener is logged and not
 * rethrown, as in Tomcat.
 */
public final class SessionListeners {

	private static final String CALLBACK_PREFIX = ServletRequestAttributes.DESTRUCTION_CALLBACK_NAME_PREFIX;

	private final LimitedLog failures = new LimitedLog(LogFactory.getLog(SessionListeners.class));

	private final Supplier<List<? extends EventListener>> listeners;

	private final @Nullable ScopedBeans beans;

	private final LocalCallbacks callbacks = new LocalCallbacks();

	/**
	 * Creates the object.
	 * @param listeners supplies the listeners in the order of their registration. Called
	 * once, when the first session is used, because listeners may depend on the store.
	 * Listeners of other types than those of sessions are ignored
	 * @param beans destroys session-scoped beans when their session ends; null if they
	 * are not destroyed
	 */
	public SessionListeners(Supplier<List<? extends EventListener>> listeners, @Nullable ScopedBeans beans) {
		this.listeners = SingletonSupplier.of(listeners);
		this.beans = beans;
	}

	/** Returns an object without listeners other than attributes. */
	static SessionListeners none() {
		return new SessionListeners(List::of, null);
	}

	void created(HttpSession session) {
		HttpSessionEvent event = new HttpSessionEvent(session);
		notify(HttpSessionListener.class, (listener) -> listener.sessionCreated(event));
	}

	/** Called while the attributes of the session can still be read. */
	void destroyed(HttpSession session) {
		HttpSessionEvent event = new HttpSessionEvent(session);
		List<? extends EventListener> all = this.listeners.get();
		for (int i = all.size() - 1; i >= 0; i--) {
			if (all.get(i) instanceof HttpSessionListener listener) {
				run(() -> listener.sessionDestroyed(event));
			}
		}
	}

	void idChanged(HttpSession session, String oldId) {
		HttpSessionEvent event = new HttpSessionEvent(session);
		notify(HttpSessionIdListener.class, (listener) -> listener.sessionIdChanged(event, oldId));
	}

	/** Called before the value can be read from the session. */
	void beforeSet(HttpSession session, String name, Object value) {
		if (value instanceof HttpSessionBindingListener listener) {
			run(() -> listener.valueBound(new HttpSessionBindingEvent(session, name, value)));
		}
	}

	void set(HttpSession session, String handle, String name, Object value, @Nullable Object before) {
		if (value instanceof DestructionCallbackBindingListener callback) {
			this.callbacks.add(handle, beanName(name), callback);
		}
		else {
			this.callbacks.remove(handle, name);
		}
		if (before != value) {
			unbound(session, name, before);
		}
		if (before == null) {
			HttpSessionBindingEvent event = new HttpSessionBindingEvent(session, name, value);
			notify(HttpSessionAttributeListener.class, (listener) -> listener.attributeAdded(event));
		}
		else {
			HttpSessionBindingEvent event = new HttpSessionBindingEvent(session, name, before);
			notify(HttpSessionAttributeListener.class, (listener) -> listener.attributeReplaced(event));
		}
	}

	void removed(HttpSession session, String name, Object value) {
		unbound(session, name, value);
		HttpSessionBindingEvent event = new HttpSessionBindingEvent(session, name, value);
		notify(HttpSessionAttributeListener.class, (listener) -> listener.attributeRemoved(event));
	}

	/**
	 * Notifies a value that is removed or replaced. A destruction callback isn't run in
	 * this case, because the caller of {@code Scope.remove} destroys the bean.
	 */
	private void unbound(HttpSession session, String name, @Nullable Object value) {
		if (!(value instanceof DestructionCallbackBindingListener)) {
			unbind(session, name, value);
		}
	}

	private void unbind(HttpSession session, String name, @Nullable Object value) {
		if (value instanceof HttpSessionBindingListener listener) {
			run(() -> listener.valueUnbound(new HttpSessionBindingEvent(session, name, value)));
		}
	}

	/**
	 * Notifies the attributes of a session that has ended on this node, and destroys its
	 * beans. A value is deserialized only if it is a listener, if there are listeners of
	 * attributes, or if it is a bean with a destroy method.
	 */
	void unbindAll(HttpSession session, StoredSession content) {
		boolean all = this.listeners.get().stream().anyMatch(HttpSessionAttributeListener.class::isInstance);
		for (String name : content.getAttributeNames()) {
			boolean needed = all || content.mayBe(name, HttpSessionBindingListener.class);
			Object value = needed ? content.getAttribute(name) : null;
			if (value != null) {
				unbind(session, name, value);
				HttpSessionBindingEvent event = new HttpSessionBindingEvent(session, name, value);
				notify(HttpSessionAttributeListener.class, (listener) -> listener.attributeRemoved(event));
			}
			if (name.startsWith(CALLBACK_PREFIX) && !(value instanceof DestructionCallbackBindingListener)) {
				destroyBean(beanName(name), content);
			}
		}
		runCallbacks(session, content);
	}

	private void destroyBean(String name, StoredSession content) {
		Object bean = content.getAttribute(name);
		if (this.beans != null && bean != null) {
			this.beans.destroy(name, bean);
		}
	}

	private void runCallbacks(HttpSession session, StoredSession content) {
		Map<String, DestructionCallbackBindingListener> callbacks = this.callbacks.removeAll(content.getHandle());
		if (this.beans == null || callbacks == null) {
			return;
		}
		for (Map.Entry<String, DestructionCallbackBindingListener> callback : callbacks.entrySet()) {
			Object value = content.getAttribute(CALLBACK_PREFIX + callback.getKey());
			// Otherwise it was called above
			if (value != callback.getValue()) {
				this.beans.run(() -> callback.getValue()
					.valueUnbound(new HttpSessionBindingEvent(session, CALLBACK_PREFIX + callback.getKey())));
			}
		}
	}

	private static String beanName(String attribute) {
		return attribute.startsWith(CALLBACK_PREFIX) ? attribute.substring(CALLBACK_PREFIX.length()) : attribute;
	}

	void activated(HttpSession session, HttpSessionActivationListener value) {
		run(() -> value.sessionDidActivate(new HttpSessionEvent(session)));
	}

	void passivating(HttpSession session, HttpSessionActivationListener value) {
		run(() -> value.sessionWillPassivate(new HttpSessionEvent(session)));
	}

	private <T> void notify(Class<T> type, Consumer<T> notification) {
		for (EventListener listener : this.listeners.get()) {
			if (type.isInstance(listener)) {
				run(() -> notification.accept(type.cast(listener)));
			}
		}
	}

	private void run(Runnable notification) {
		try {
			notification.run();
		}
		catch (VirtualMachineError ex) {
			throw ex;
		}
		catch (RuntimeException | Error ex) {
			this.failures.error("A listener of HTTP sessions failed", ex);
		}
	}

}
