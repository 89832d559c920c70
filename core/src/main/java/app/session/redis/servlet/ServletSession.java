package app.session.redis.servlet;

import java.time.Duration;
import java.util.Collections;
import java.util.Enumeration;
import java.util.IdentityHashMap;
import java.util.Set;

import app.session.redis.session.StoredSession;
import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpSession;
import jakarta.servlet.http.HttpSessionActivationListener;
import org.jspecify.annotations.Nullable;

/**
 * The {@link HttpSession} that the application uses. Follows the Servlet 6.1
 * specification, and Tomcat where the specification leaves something open. Safe for use
 * by several threads, and after the request has ended.
 */
final class ServletSession implements HttpSession {

	private final StoredSession session;

	private final SessionBacking backing;

	private final ServletContext context;

	private final SessionListeners listeners;

	private final boolean created;

	private final long lastAccess;

	private volatile State state = State.VALID;

	private volatile boolean announced;

	/**
	 * The attributes that were notified of their activation or were set by the
	 * application, and must be notified before they are serialized; null for none.
	 */
	private @Nullable Set<HttpSessionActivationListener> active;

	/**
	 * Creates a session.
	 * @param session the content
	 * @param backing where the current content comes from and where changes go
	 * @param context the application
	 * @param listeners the listeners
	 * @param created whether the client doesn't know the session yet
	 */
	ServletSession(StoredSession session, SessionBacking backing, ServletContext context, SessionListeners listeners,
			boolean created) {
		this.session = session;
		this.backing = backing;
		this.context = context;
		this.listeners = listeners;
		this.created = created;
		// The session of another node's event is read on demand
		this.lastAccess = session.isFromOtherNode() ? -1 : session.getLastAccessedTime().toEpochMilli();
	}

	/** Returns the content as this object knows it. */
	StoredSession stored() {
		return this.session;
	}

	/** Returns whether the session has not ended, as far as this request knows. */
	boolean isValid() {
		return this.state == State.VALID && !this.backing.hasEnded(this.session);
	}

	/** Returns whether the session is ending, and can still be read. */
	boolean isEnding() {
		return this.state == State.ENDING;
	}

	/** Records that listeners have been notified of the creation of the session. */
	void announced() {
		this.announced = true;
	}

	boolean isAnnounced() {
		return this.announced;
	}

	private void requireValid() {
		if (this.state != State.ENDING && !isValid()) {
			throw new IllegalStateException("The session has been invalidated");
		}
	}

	/**
	 * Returns the current content: what the request has loaded, or what Redis holds if
	 * the request has ended.
	 */
	private StoredSession current() {
		requireValid();
		StoredSession current = (this.state == State.ENDING) ? this.session : this.backing.current(this.session);
		if (current == null) {
			this.state = State.INVALID;
			throw new IllegalStateException("The session has ended");
		}
		return current;
	}

	private void changed(StoredSession content) {
		if (this.state == State.VALID) {
			this.backing.changed(content);
		}
	}

	@Override
	public long getCreationTime() {
		requireValid();
		return this.session.getCreationTime().toEpochMilli();
	}

	@Override
	public String getId() {
		return this.session.getId();
	}

	/**
	 * Returns the time of the client's previous request, as in Tomcat and Jetty; during
	 * the first request, the time of its creation.
	 */
	@Override
	public long getLastAccessedTime() {
		requireValid();
		return (this.lastAccess >= 0) ? this.lastAccess : this.session.getLastAccessedTime().toEpochMilli();
	}

	@Override
	public ServletContext getServletContext() {
		return this.context;
	}

	/**
	 * Sets the idle timeout. Has no effect if the session has ended, as in containers.
	 */
	@Override
	public void setMaxInactiveInterval(int seconds) {
		StoredSession content = isValid() ? this.backing.current(this.session) : null;
		if (content != null) {
			content.setMaxInactiveInterval(Duration.ofSeconds(seconds));
			changed(content);
		}
	}

	@Override
	public int getMaxInactiveInterval() {
		return (int) this.session.getMaxInactiveInterval().toSeconds();
	}

	/** Returns the value of an attribute; null for an unknown name. */
	@Override
	public @Nullable Object getAttribute(@Nullable String name) {
		StoredSession content = current();
		Object value = (name != null) ? content.getAttribute(name) : null;
		if (value instanceof HttpSessionActivationListener listener && activate(listener)) {
			this.listeners.activated(this, listener);
		}
		return value;
	}

	@Override
	public Enumeration<String> getAttributeNames() {
		return Collections.enumeration(current().getAttributeNames());
	}

	/**
	 * Sets an attribute, or removes it if the value is null. The order of notifications
	 * is that of Tomcat: the new value is notified before it can be read, and the old
	 * value afterwards.
	 * @throws IllegalArgumentException if the name is null
	 */
	@Override
	public void setAttribute(@Nullable String name, @Nullable Object value) {
		if (name == null) {
			throw new IllegalArgumentException("The name of a session attribute must not be null");
		}
		if (value == null) {
			removeAttribute(name);
			return;
		}
		StoredSession content = current();
		Object before = content.getAttribute(name);
		if (before != value) {
			this.listeners.beforeSet(this, name, value);
		}
		content.setAttribute(name, value);
		if (value instanceof HttpSessionActivationListener listener) {
			activate(listener);
		}
		if (before instanceof HttpSessionActivationListener listener && before != value) {
			deactivate(listener);
		}
		this.listeners.set(this, this.session.getHandle(), name, value, before);
		changed(content);
	}

	@Override
	public void removeAttribute(@Nullable String name) {
		StoredSession content = current();
		if (name == null) {
			return;
		}
		Object before = content.getAttribute(name);
		// Also a value that can't be read, which looks as if it was absent
		content.removeAttribute(name);
		if (before instanceof HttpSessionActivationListener listener) {
			deactivate(listener);
		}
		if (before != null) {
			this.listeners.removed(this, name, before);
		}
		changed(content);
	}

	private synchronized boolean activate(HttpSessionActivationListener value) {
		if (this.active == null) {
			this.active = Collections.newSetFromMap(new IdentityHashMap<>(2));
		}
		return this.active.add(value);
	}

	private synchronized void deactivate(HttpSessionActivationListener value) {
		if (this.active != null) {
			this.active.remove(value);
		}
	}

	/**
	 * Notifies attributes before the session is serialized. They are notified of their
	 * activation again when the application next reads them.
	 */
	void passivate() {
		Set<HttpSessionActivationListener> passivating;
		synchronized (this) {
			passivating = this.active;
			this.active = null;
		}
		if (passivating != null) {
			passivating.forEach((value) -> this.listeners.passivating(this, value));
		}
	}

	/**
	 * Ends the session. Listeners can read its attributes until this method returns.
	 */
	@Override
	public void invalidate() {
		if (this.state == State.ENDING) {
			// Called by a listener of its end
			return;
		}
		current();
		this.state = State.ENDING;
		try {
			this.backing.invalidate(this);
		}
		finally {
			this.state = State.INVALID;
		}
	}

	/**
	 * Notifies the listeners of the session's end, and then its attributes.
	 * @param unbind whether this node has ended the session, and not another one
	 */
	void end(boolean unbind) {
		State before = this.state;
		this.state = State.ENDING;
		try {
			this.listeners.destroyed(this);
			if (unbind) {
				this.listeners.unbindAll(this, this.session);
			}
		}
		finally {
			this.state = (before == State.ENDING) ? before : State.INVALID;
		}
	}

	@Override
	public boolean isNew() {
		requireValid();
		return this.created;
	}

	/**
	 * Returns an object that accesses the session outside of requests: it loads the
	 * session, which counts as an access, locks it if sessions are locked, and saves the
	 * changes.
	 */
	@Override
	public Accessor getAccessor() {
		requireValid();
		return this.backing.accessor(this);
	}

	private enum State {

		VALID, ENDING, INVALID

	}

}
