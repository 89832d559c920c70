package app.session.redis.engine;

import java.util.function.Supplier;

import app.session.redis.event.SessionEndListener;
import app.session.redis.event.SocketSessions;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationEventPublisher;

/**
 * The listeners for the creation and the end of sessions.
 *
 * @param eventSource supplies the source of events
 * @param eventPublisher publishes events, or null
 * @param socketSessions the sessions with WebSocket connections, or null
 * @param sessionEndListener the listener for the end of sessions, or null
 */
record EngineListeners(Supplier<Object> eventSource, @Nullable ApplicationEventPublisher eventPublisher,
		@Nullable SocketSessions socketSessions, @Nullable SessionEndListener sessionEndListener) {
}
