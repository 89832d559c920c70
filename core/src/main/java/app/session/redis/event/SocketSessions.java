package app.session.redis.event;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import app.session.redis.SessionId;
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
 * Keeps track of the HTTP sessions to which the WebSocket connections of this node
 * belong, and closes the connections of a session that ends on another node. Safe for
 * concurrent use. The cost of closing them doesn't depend on the number of other
 * connections.
 */
public final class SocketSessions implements ApplicationListener<ApplicationEvent> {

	private final WebSocketRegistryListener registry;

	/**
	 * The id of the HTTP session by connection, as it was when the connection was opened.
	 */
	private final Map<String, String> open = new ConcurrentHashMap<>();

	/**
	 * The connections of each HTTP session by its handle, with the ids that the session
	 * had when they were opened. Only changed while the connection's entry in
	 * {@link #open} is computed, so that both maps always agree on a connection.
	 */
	private final Map<String, Map<String, String>> connections = new ConcurrentHashMap<>();

	/**
	 * Creates the tracker.
	 * @param registry the listener that closes the connections of an ended HTTP session
	 */
	public SocketSessions(WebSocketRegistryListener registry) {
		this.registry = registry;
	}

	@Override
	public void onApplicationEvent(ApplicationEvent event) {
		if (event instanceof SessionConnectEvent connected) {
			String id = httpSessionId(connected);
			if (id != null) {
				add(connected.getWebSocketSession().getId(), id);
			}
		}
		else if (event instanceof SessionDisconnectEvent disconnected) {
			remove(disconnected.getSessionId());
		}
	}

	private static @Nullable String httpSessionId(SessionConnectEvent connected) {
		return SessionRepositoryMessageInterceptor.getSessionId(connected.getWebSocketSession().getAttributes());
	}

	private void add(String connection, String id) {
		this.open.compute(connection, (key, before) -> {
			if (before != null) {
				remove(connection, before);
			}
			this.connections.compute(handle(id), (handle, ofSession) -> {
				Map<String, String> added = (ofSession != null) ? ofSession : new HashMap<>(2);
				added.put(connection, id);
				return added;
			});
			return id;
		});
	}

	private void remove(String connection) {
		this.open.computeIfPresent(connection, (key, id) -> {
			remove(connection, id);
			return null;
		});
	}

	private void remove(String connection, String id) {
		this.connections.computeIfPresent(handle(id), (handle, ofSession) -> {
			ofSession.remove(connection);
			return ofSession.isEmpty() ? null : ofSession;
		});
	}

	/**
	 * Returns the sessions that have open connections on this node.
	 * @return their handles
	 */
	Set<String> handles() {
		return Set.copyOf(this.connections.keySet());
	}

	/**
	 * Returns whether a session has open connections on this node.
	 * @param handle the session
	 * @return whether it has open connections
	 */
	boolean contains(String handle) {
		return this.connections.containsKey(handle);
	}

	/**
	 * Closes the connections of a session that has ended on another node.
	 * @param handle the session
	 */
	void end(String handle) {
		Set<String> ids = new HashSet<>(2);
		this.connections.computeIfPresent(handle, (key, ofSession) -> {
			ids.addAll(ofSession.values());
			return ofSession;
		});
		for (String id : ids) {
			this.registry.onApplicationEvent(new SessionDeletedEvent(this, new MapSession(id)));
		}
	}

	private static String handle(String id) {
		SessionId parsed = SessionId.parse(id);
		return (parsed != null) ? parsed.handle() : id;
	}

}
