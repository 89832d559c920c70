package app.session.redis.web;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

import app.session.redis.store.SessionId;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.session.MapSession;
import org.springframework.session.events.SessionDeletedEvent;
import org.springframework.session.web.socket.events.SessionConnectEvent;
import org.springframework.session.web.socket.handler.WebSocketRegistryListener;
import org.springframework.session.web.socket.server.SessionRepositoryMessageInterceptor;
import org.springframework.web.socket.messaging.SessionDisconnectEvent;

/**
 * Knows to which HTTP sessions the WebSocket connections of this node belong, and has
 * them closed when such a session ends on another node.
 */
public final class SocketSessions implements ApplicationListener<ApplicationEvent> {

	private final WebSocketRegistryListener registry;

	/** From the connection to the id of its HTTP session. */
	private final Map<String, String> open = new ConcurrentHashMap<>();

	/**
	 * Creates it.
	 * @param registry what closes the connections of an HTTP session that has ended
	 */
	public SocketSessions(WebSocketRegistryListener registry) {
		this.registry = registry;
	}

	@Override
	public void onApplicationEvent(ApplicationEvent event) {
		if (event instanceof SessionConnectEvent connected) {
			String id = httpSessionId(connected);
			if (id != null) {
				this.open.put(connected.getWebSocketSession().getId(), id);
			}
		}
		else if (event instanceof SessionDisconnectEvent disconnected) {
			this.open.remove(disconnected.getSessionId());
		}
	}

	private static @Nullable String httpSessionId(SessionConnectEvent connected) {
		return SessionRepositoryMessageInterceptor.getSessionId(connected.getWebSocketSession().getAttributes());
	}

	/**
	 * The sessions that have open connections on this node.
	 * @return their handles
	 */
	public Set<String> handles() {
		return this.open.values().stream().map(SocketSessions::handle).collect(Collectors.toSet());
	}

	/**
	 * Closes the connections of a session that has ended on another node.
	 * @param handle the session
	 */
	public void end(String handle) {
		Set<String> ids = this.open.values()
			.stream()
			.filter((id) -> handle(id).equals(handle))
			.collect(Collectors.toSet());
		for (String id : ids) {
			this.registry.onApplicationEvent(new SessionDeletedEvent(this, new MapSession(id)));
		}
	}

	private static String handle(String id) {
		SessionId parsed = SessionId.parse(id);
		return (parsed != null) ? parsed.handle() : id;
	}

}
