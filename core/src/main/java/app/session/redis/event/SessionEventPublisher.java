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
 * Publishes Spring Session's events. What a listener throws is logged: the session was
 * created or has ended all the same, and the request must not fail for it.
 */
final class SessionEventPublisher {

	private static final Log logger = LogFactory.getLog(SessionEventPublisher.class);

	private final LimitedLog failures = new LimitedLog(logger);

	private final Supplier<Object> source;

	private final ApplicationEventPublisher publisher;

	/**
	 * Creates a publisher.
	 * @param source gives the source of the events
	 * @param publisher what hands them to the application
	 */
	SessionEventPublisher(Supplier<Object> source, ApplicationEventPublisher publisher) {
		this.source = source;
		this.publisher = publisher;
	}

	/**
	 * Publishes what happened to a session.
	 * @param kind what happened
	 * @param session the session, with what is known of it
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
