package app.session.redis.servlet;

import app.session.redis.session.StoredSession;
import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpSession;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationListener;
import org.springframework.session.events.AbstractSessionEvent;
import org.springframework.session.events.SessionCreatedEvent;
import org.springframework.session.events.SessionDestroyedEvent;
import org.springframework.web.context.ServletContextAware;

/**
 * Notifies listeners of the Servlet API when a session is created or ends, including
 * sessions that expire or are ended by an operator. When a session ends, its attributes
 * are notified on the node that has ended it. On other nodes, which receive the event if
 * events are broadcast, only an {@link jakarta.servlet.http.HttpSessionListener} is
 * notified.
 */
public final class SessionEventAdapter implements ApplicationListener<AbstractSessionEvent>, ServletContextAware {

	private final AtomicRedisSessionRepository repository;

	private final SessionListeners listeners;

	private @Nullable ServletContext context;

	/**
	 * Creates the adapter.
	 * @param repository the repository whose sessions the events are about
	 * @param listeners the listeners
	 */
	public SessionEventAdapter(AtomicRedisSessionRepository repository, SessionListeners listeners) {
		this.repository = repository;
		this.listeners = listeners;
	}

	@Override
	public void setServletContext(ServletContext context) {
		this.context = context;
	}

	@Override
	public void onApplicationEvent(AbstractSessionEvent event) {
		ServletContext context = this.context;
		if (context == null || !(event.getSession() instanceof StoredSession session)) {
			return;
		}
		ServletSession used = used(session);
		if (event instanceof SessionDestroyedEvent) {
			((used != null && used.isEnding()) ? used : adapt(session, context, false)).end(!session.isFromOtherNode());
		}
		else if (event instanceof SessionCreatedEvent && (used == null || !used.isAnnounced())) {
			this.listeners.created(adapt(session, context, true));
		}
	}

	/** Returns the session object of the calling thread's request. */
	private static @Nullable ServletSession used(StoredSession session) {
		RequestBinding binding = RequestBinding.current();
		RequestSession request = (binding != null) ? binding.session() : null;
		return (request != null) ? request.used(session.getHandle()) : null;
	}

	private ServletSession adapt(StoredSession session, ServletContext context, boolean created) {
		return new ServletSession(session, new EventBacking(), context, this.listeners, created);
	}

	/**
	 * The session of an event: a change by a listener of its creation is saved after the
	 * event.
	 */
	private final class EventBacking implements SessionBacking {

		@Override
		public StoredSession current(StoredSession session) {
			return session;
		}

		@Override
		public void changed(StoredSession content) {
			if (content.isFromOtherNode()) {
				SessionEventAdapter.this.repository.save(content);
			}
		}

		@Override
		public boolean hasEnded(StoredSession session) {
			return false;
		}

		@Override
		public void invalidate(ServletSession session) {
			SessionEventAdapter.this.repository.deleteById(session.stored().getHandle());
		}

		@Override
		public HttpSession.Accessor accessor(ServletSession session) {
			return (consumer) -> consumer.accept(session);
		}

	}

}
