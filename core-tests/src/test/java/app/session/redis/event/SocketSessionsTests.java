package app.session.redis.event;

import java.lang.management.ManagementFactory;
import java.lang.reflect.Proxy;
import java.security.Principal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import app.session.redis.SessionId;
import org.junit.jupiter.api.Test;

import org.springframework.messaging.support.GenericMessage;
import org.springframework.session.web.socket.events.SessionConnectEvent;
import org.springframework.session.web.socket.handler.WebSocketRegistryListener;
import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.WebSocketSession;
import org.springframework.web.socket.messaging.SessionDisconnectEvent;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests which WebSocket connections are closed when a session ends on another node.
 */
class SocketSessionsTests {

	private static final String SESSION_ID_ATTRIBUTE = "SPRING.SESSION.ID";

	private final WebSocketRegistryListener registry = new WebSocketRegistryListener();

	private final SocketSessions sockets = new SocketSessions(this.registry);

	private final Set<String> closed = ConcurrentHashMap.newKeySet();

	private static String id(String handle) {
		return handle + SessionId.newSecret(32);
	}

	private void connect(String connection, String sessionId) {
		Principal principal = () -> "anna";
		Map<String, Object> attributes = new HashMap<>(Map.of(SESSION_ID_ATTRIBUTE, sessionId));
		WebSocketSession socket = (WebSocketSession) Proxy.newProxyInstance(getClass().getClassLoader(),
				new Class<?>[] { WebSocketSession.class }, (proxy, method, args) -> switch (method.getName()) {
					case "getId" -> connection;
					case "getAttributes" -> attributes;
					case "getPrincipal" -> principal;
					case "close" -> this.closed.add(connection);
					case "toString" -> connection;
					default -> throw new UnsupportedOperationException(method.getName());
				});
		SessionConnectEvent event = new SessionConnectEvent(this, socket);
		this.registry.onApplicationEvent(event);
		this.sockets.onApplicationEvent(event);
	}

	private void disconnect(String connection) {
		this.sockets.onApplicationEvent(
				new SessionDisconnectEvent(this, new GenericMessage<>(new byte[0]), connection, CloseStatus.NORMAL));
	}

	@Test
	void theConnectionsOfASessionAreClosedUnderEachIdThatItHad() {
		String handle = SessionId.newHandle();
		String other = SessionId.newHandle();
		connect("1", id(handle));
		connect("2", id(handle));
		connect("3", id(other));
		this.sockets.end(handle);
		assertThat(this.closed).containsExactlyInAnyOrder("1", "2");
		assertThat(this.sockets.handles()).as("until they disconnect").containsExactlyInAnyOrder(handle, other);
		disconnect("1");
		assertThat(this.sockets.contains(handle)).isTrue();
		disconnect("2");
		disconnect("2");
		assertThat(this.sockets.contains(handle)).isFalse();
		assertThat(this.sockets.handles()).containsExactly(other);
		this.sockets.end(SessionId.newHandle());
		assertThat(this.closed).hasSize(2);
	}

	@Test
	void aConnectionThatIsReopenedForAnotherSessionBelongsToThatSession() {
		String handle = SessionId.newHandle();
		String other = SessionId.newHandle();
		connect("1", id(handle));
		connect("1", id(other));
		assertThat(this.sockets.handles()).containsExactly(other);
		disconnect("1");
		assertThat(this.sockets.handles()).isEmpty();
	}

	/** Checking each connection would allocate memory for each of them. */
	@Test
	void theEndOfASessionLooksAtItsOwnConnectionsOnly() {
		for (int i = 0; i < 50_000; i++) {
			connect("other-" + i, id(SessionId.newHandle()));
		}
		String handle = SessionId.newHandle();
		connect("own", id(handle));
		com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
		long thread = Thread.currentThread().getId();
		this.sockets.end(SessionId.newHandle());
		long before = threads.getThreadAllocatedBytes(thread);
		this.sockets.end(handle);
		assertThat(threads.getThreadAllocatedBytes(thread) - before).isLessThan(100_000);
		assertThat(this.closed).containsExactly("own");
	}

	@Test
	void whatConnectsAndDisconnectsAtTheSameMomentLeavesNothing() throws Exception {
		List<String> handles = List.of(SessionId.newHandle(), SessionId.newHandle());
		ExecutorService executor = Executors.newFixedThreadPool(8);
		try {
			List<Future<?>> tasks = new ArrayList<>();
			for (int thread = 0; thread < 8; thread++) {
				String name = "socket-" + thread + "-";
				tasks.add(executor.submit(() -> {
					for (int i = 0; i < 1000; i++) {
						connect(name + i, id(handles.get(i % 2)));
						this.sockets.end(handles.get((i + 1) % 2));
						assertThat(this.sockets.contains(handles.get(i % 2))).isTrue();
						disconnect(name + i);
					}
				}));
			}
			for (Future<?> task : tasks) {
				task.get();
			}
		}
		finally {
			executor.shutdownNow();
		}
		assertThat(this.sockets.handles()).isEmpty();
	}

}
