package app.session.redis.event;

import java.util.function.Supplier;

import app.session.redis.log.LimitedLog;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.context.ApplicationEvent;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.session.Session;
import org.springframework.session.events.SessionCreatedEvent;
import org.springframework.session.events.SessionDeletedEvent;
import org.springframework.session.events.SessionExpiredEvent;

/**
 * Publishes Spring Session's events. An exception of a listener is logged and not
 * rethrown: the session has been created or has ended regardless, and the request must
 * not fail.
 */
final class SessionEventPublisher {

	private static final Log logger = LogFactory.getLog(SessionEventPublisher.class);

	private final LimitedLog failures = new LimitedLog(logger);

	private final Supplier<Object> source;

	private final ApplicationEventPublisher publisher;

	/**
	 * Creates a publisher.
	 * @param source supplies the source of the events
	 * @param publisher publishes the events to the application
	 */
	SessionEventPublisher(Supplier<Object> source, ApplicationEventPublisher publisher) {
		this.source = source;
		this.publisher = publisher;
	}

	/**
	 * Publishes what happened to a session.
	 * @param kind what happened
	 * @param session the session, as far as it is known
	 */
	void publish(NodeMessage.Kind kind, Session session) {
		Object source = this.source.get();
		ApplicationEvent event = switch (kind) {
			case CREATED -> new SessionCreatedEvent(source, session);
			case DELETED -> new SessionDeletedEvent(source, session);
			case EXPIRED -> new SessionExpiredEvent(source, session);
		};
		try {
			this.publisher.publishEvent(event);
		}
		catch (RuntimeException ex) {
			this.failures.error("A listener of " + event.getClass().getSimpleName() + " failed for session " + session,
					ex);
		}
	}

}
