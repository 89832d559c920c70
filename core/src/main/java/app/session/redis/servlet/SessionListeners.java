package app.session.redis.servlet;

import java.util.EventListener;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
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

	private final Supplier<ByType> listeners;

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
		this.listeners = SingletonSupplier.of(() -> ByType.of(listeners.get()));
		this.beans = beans;
	}

	/** Returns an object without listeners other than attributes. */
	static SessionListeners none() {
		return new SessionListeners(List::of, null);
	}

	void created(HttpSession session) {
		HttpSessionEvent event = new HttpSessionEvent(session);
		this.listeners.get().sessions().forEach((listener) -> run(() -> listener.sessionCreated(event)));
	}

	/** Called while the attributes of the session can still be read. */
	void destroyed(HttpSession session) {
		HttpSessionEvent event = new HttpSessionEvent(session);
		List<HttpSessionListener> all = this.listeners.get().sessions();
		for (int i = all.size() - 1; i >= 0; i--) {
			HttpSessionListener listener = all.get(i);
			run(() -> listener.sessionDestroyed(event));
		}
	}

	void idChanged(HttpSession session, String oldId) {
		HttpSessionEvent event = new HttpSessionEvent(session);
		this.listeners.get().ids().forEach((listener) -> run(() -> listener.sessionIdChanged(event, oldId)));
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
			notify(session, name, value, HttpSessionAttributeListener::attributeAdded);
		}
		else {
			notify(session, name, before, HttpSessionAttributeListener::attributeReplaced);
		}
	}

	void removed(HttpSession session, String name, Object value) {
		unbound(session, name, value);
		notify(session, name, value, HttpSessionAttributeListener::attributeRemoved);
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
	 * attributes, or if it is a bean with a destroy method. A value that can't be read is
	 * left out.
	 */
	void unbindAll(HttpSession session, StoredSession content) {
		boolean all = !this.listeners.get().attributes().isEmpty();
		for (String name : content.getAttributeNames()) {
			boolean needed = all || content.mayBe(name, HttpSessionBindingListener.class);
			Object value = needed ? read(content, name) : null;
			if (value != null) {
				unbind(session, name, value);
				notify(session, name, value, HttpSessionAttributeListener::attributeRemoved);
			}
			if (name.startsWith(CALLBACK_PREFIX) && !(value instanceof DestructionCallbackBindingListener)) {
				destroyBean(beanName(name), content);
			}
		}
		runCallbacks(session, content);
	}

	private void destroyBean(String name, StoredSession content) {
		Object bean = read(content, name);
		if (this.beans != null && bean != null) {
			this.beans.destroy(name, bean);
		}
	}

	/**
	 * Reads an attribute. One that can't be read doesn't keep others from being notified.
	 */
	private @Nullable Object read(StoredSession content, String name) {
		try {
			return content.getAttribute(name);
		}
		catch (RuntimeException ex) {
			this.failures.error("An attribute of a session that has ended can't be read", ex);
			return null;
		}
	}

	private void runCallbacks(HttpSession session, StoredSession content) {
		Map<String, DestructionCallbackBindingListener> callbacks = this.callbacks.removeAll(content.getHandle());
		if (this.beans == null || callbacks == null) {
			return;
		}
		for (Map.Entry<String, DestructionCallbackBindingListener> callback : callbacks.entrySet()) {
			Object value = read(content, CALLBACK_PREFIX + callback.getKey());
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

	private void notify(HttpSession session, String name, Object value,
			BiConsumer<HttpSessionAttributeListener, HttpSessionBindingEvent> notification) {
		for (HttpSessionAttributeListener listener : this.listeners.get().attributes()) {
			run(() -> notification.accept(listener, new HttpSessionBindingEvent(session, name, value)));
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

	/**
	 * The listeners by what they are notified of.
	 *
	 * @param sessions those of the creation and the end of sessions
	 * @param attributes those of attributes
	 * @param ids those of ids
	 */
	private record ByType(List<HttpSessionListener> sessions, List<HttpSessionAttributeListener> attributes,
			List<HttpSessionIdListener> ids) {

		static ByType of(List<? extends EventListener> all) {
			return new ByType(ofType(all, HttpSessionListener.class), ofType(all, HttpSessionAttributeListener.class),
					ofType(all, HttpSessionIdListener.class));
		}

		private static <T> List<T> ofType(List<? extends EventListener> all, Class<T> type) {
			return all.stream().filter(type::isInstance).map(type::cast).toList();
		}

	}

}
