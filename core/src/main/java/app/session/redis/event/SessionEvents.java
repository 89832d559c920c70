package app.session.redis.event;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.client.EventSubscription;
import app.session.redis.event.NodeMessage.Kind;
import app.session.redis.observation.SessionCounter;
import app.session.redis.observation.SessionCounts;
import app.session.redis.session.StoredSession;
import app.session.redis.session.StoredSessions;
import app.session.redis.settings.EventDelivery;
import app.session.redis.store.SessionRecord;
import app.session.redis.store.SessionStore;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationEventPublisher;

/**
 * Publishes the creation and the end of sessions to the application's listeners and, if
 * they subscribe, to the other nodes, and processes the messages of other nodes. Messages
 * contain handles only: the content of a session is read from Redis when a listener
 * accesses it.
 */
public final class SessionEvents implements EventSubscription.Listener {

	private static final Log logger = LogFactory.getLog(SessionEvents.class);

	/** How long the content of ended sessions is kept for listeners on other nodes. */
	private static final Duration KEEP_ENDED = Duration.ofSeconds(30);

	/**
	 * The interval at which this node checks whether the sessions that it knows still
	 * exist.
	 */
	private static final Duration RECHECK_INTERVAL = Duration.ofMinutes(10);

	/**
	 * The number of sessions for which commands are sent before their replies are
	 * awaited.
	 */
	private static final int RECHECK_CHUNK = 500;

	private final StoredSessions sessions;

	private final SessionStore store;

	private final String node;

	private final EventDelivery delivery;

	private final @Nullable SessionEventPublisher publisher;

	private final @Nullable SocketSessions socketSessions;

	private final @Nullable SessionEndNotifier ends;

	private final @Nullable EventSubscription subscription;

	private final @Nullable EndedSessions endedSessions;

	private final EventQueue queue;

	/**
	 * Creates the publisher of events.
	 * @param source the source of events
	 * @param sessions creates sessions of ended ones
	 * @param store the sessions in Redis
	 * @param node the name of this node
	 * @param delivery which nodes publish an event
	 * @param publisher publishes to listeners on this node; null for none
	 * @param socketSessions the WebSocket connections of sessions; null for none
	 * @param ends notifies registries on this node; null for none
	 * @param counts the counters of this node
	 */
	public SessionEvents(Supplier<Object> source, StoredSessions sessions, SessionStore store, String node,
			EventDelivery delivery, @Nullable ApplicationEventPublisher publisher,
			@Nullable SocketSessions socketSessions, @Nullable SessionEndNotifier ends, SessionCounts counts) {
		this.sessions = sessions;
		this.store = store;
		this.node = node;
		this.delivery = delivery;
		this.publisher = (publisher != null && delivery != EventDelivery.NONE)
				? new SessionEventPublisher(source, publisher) : null;
		this.socketSessions = socketSessions;
		this.ends = ends;
		boolean broadcast = delivery == EventDelivery.BROADCAST;
		this.subscription = (broadcast || socketSessions != null || ends != null) ? store.subscription(this) : null;
		this.endedSessions = broadcast ? new EndedSessions(store) : null;
		if (broadcast) {
			store.setKeepEnded(KEEP_ENDED);
		}
		this.queue = new EventQueue(this::recheck, (ends != null) ? RECHECK_INTERVAL : null,
				() -> counts.increment(SessionCounter.MESSAGES_DROPPED));
	}

	/**
	 * Publishes to this node's listeners, on the calling thread, and to the other nodes.
	 * @param kind the kind of the event
	 * @param session the session
	 */
	public void publish(Kind kind, StoredSession session) {
		String handle = session.getHandle();
		if (this.subscription != null && (kind != Kind.CREATED || this.delivery == EventDelivery.BROADCAST)) {
			this.store.publish(new NodeMessage(kind, this.node, handle).encode());
		}
		if (this.socketSessions != null && kind != Kind.CREATED) {
			this.socketSessions.end(handle);
		}
		if (this.publisher != null) {
			this.publisher.publish(kind, session);
		}
		if (this.ends != null && kind != Kind.CREATED) {
			this.ends.ended(kind, handle, (this.publisher != null) ? session.getId() : null);
		}
	}

	/**
	 * Notifies registries on this node that a log-in was not saved: the client never
	 * receives the id that the log-in gave the session.
	 * @param handle the handle of the session
	 * @param secret the secret of the id that the log-in gave it, or null
	 */
	public void discard(String handle, @Nullable String secret) {
		if (this.ends != null && secret != null) {
			this.ends.discard(handle, secret);
		}
	}

	/**
	 * Returns whether ended sessions are published with their attributes. To close
	 * WebSocket connections, the handle is enough.
	 * @return whether ended sessions are published with their attributes
	 */
	public boolean needContent() {
		return this.publisher != null;
	}

	/** Subscribes to the messages of other nodes, if they are needed. */
	public synchronized void start() {
		if (this.subscription == null) {
			return;
		}
		ScheduledExecutorService executor = this.queue.start();
		if (executor == null) {
			return;
		}
		if (this.endedSessions != null) {
			this.endedSessions.allow();
		}
		this.subscription.open(executor);
	}

	/**
	 * Holds no lock while it waits for the client's threads, which may be calling this
	 * object.
	 */
	public void stop() {
		this.queue.stop();
		if (this.subscription != null) {
			this.subscription.close();
		}
		if (this.endedSessions != null) {
			this.endedSessions.close();
		}
	}

	@Override
	public void onMessage(byte[] encoded) {
		NodeMessage message = NodeMessage.parse(new String(encoded, StandardCharsets.UTF_8));
		if (message != null && !message.node().equals(this.node) && concerns(message)) {
			this.queue.add(() -> received(message));
		}
	}

	/** Returns whether this node has to process a message. */
	private boolean concerns(NodeMessage message) {
		if (this.delivery == EventDelivery.BROADCAST && this.publisher != null) {
			return true;
		}
		return message.kind() != Kind.CREATED
				&& ((this.socketSessions != null && this.socketSessions.contains(message.handle()))
						|| (this.ends != null && this.ends.concerns(message.handle())));
	}

	/**
	 * Rechecks the sessions of this node, whose ends it may have missed before the
	 * subscription or while it was interrupted.
	 */
	@Override
	public void onSubscribed() {
		this.queue.recheck();
	}

	private void received(NodeMessage message) {
		String handle = message.handle();
		if (this.socketSessions != null && message.kind() != Kind.CREATED) {
			this.socketSessions.end(handle);
		}
		String published = null;
		if (this.delivery == EventDelivery.BROADCAST && this.publisher != null) {
			StoredSession session = this.sessions.forMessage(handle, () -> content(handle));
			published = session.getId();
			this.publisher.publish(message.kind(), session);
		}
		if (this.ends != null && message.kind() != Kind.CREATED) {
			this.ends.ended(message.kind(), handle, published);
		}
	}

	/**
	 * Reads the session of a message, and waits for the reply: one round trip, at most
	 * the command timeout. Returns null if the session can't be read, so that listeners
	 * don't fail because of it.
	 */
	private @Nullable SessionRecord content(String handle) {
		SessionRecord session = null;
		try {
			session = (this.endedSessions != null) ? this.store.await(this.endedSessions.read(handle)) : null;
			if (session == null) {
				logger.debug("Session " + handle + " no longer exists, so listeners of its event see no attributes");
			}
		}
		catch (SessionStoreUnavailableException ex) {
			logger.debug("Session " + handle + " can't be read, so listeners of its event see no attributes", ex);
		}
		return session;
	}

	private void recheck() {
		if (this.socketSessions != null) {
			List<String> handles = List.copyOf(this.socketSessions.handles());
			for (int from = 0; from < handles.size(); from += RECHECK_CHUNK) {
				List<String> chunk = handles.subList(from, Math.min(from + RECHECK_CHUNK, handles.size()));
				this.store.await(this.store.bulk().gone(chunk)).forEach(this.socketSessions::end);
			}
		}
		if (this.ends != null) {
			this.ends.recheck(this.store);
		}
	}

}
