package app.session.redis;

import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;

import app.session.redis.event.NodeMessage;
import app.session.redis.event.NodeMessage.Kind;
import app.session.redis.event.SessionEventPublisher;
import app.session.redis.log.LimitedLog;
import app.session.redis.store.EventSubscription;
import app.session.redis.store.SessionRecord;
import app.session.redis.store.SessionStore;
import app.session.redis.web.SocketSessions;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationEventPublisher;

/**
 * Tells the application's listeners, and the other nodes where they want to hear, what
 * happens to sessions; and hears the other nodes.
 */
final class SessionEvents implements EventSubscription.Listener {

	private static final Log logger = LogFactory.getLog(SessionEvents.class);

	private final LimitedLog failures = new LimitedLog(logger);

	private final AtomicRedisSessionRepository repository;

	private final SessionStore store;

	private final String node;

	private final EventDelivery delivery;

	private final @Nullable SessionEventPublisher publisher;

	private final @Nullable SocketSessions socketSessions;

	private final @Nullable EventSubscription subscription;

	private volatile @Nullable ScheduledExecutorService executor;

	SessionEvents(AtomicRedisSessionRepository repository, SessionStore store, String node, EventDelivery delivery,
			@Nullable ApplicationEventPublisher publisher, @Nullable SocketSessions socketSessions) {
		this.repository = repository;
		this.store = store;
		this.node = node;
		this.delivery = delivery;
		this.publisher = (publisher != null && delivery != EventDelivery.NONE)
				? new SessionEventPublisher(repository, publisher) : null;
		this.socketSessions = socketSessions;
		this.subscription = (delivery == EventDelivery.BROADCAST || socketSessions != null) ? store.subscription(this)
				: null;
	}

	/** Tells this node's listeners, on the calling thread, and the other nodes. */
	void publish(Kind kind, StoredSession session) {
		if (this.subscription != null && (kind != Kind.CREATED || this.delivery == EventDelivery.BROADCAST)) {
			this.store.publish(new NodeMessage(kind, this.node, session.getHandle()).encode());
		}
		if (this.socketSessions != null && kind != Kind.CREATED) {
			this.socketSessions.end(session.getHandle());
		}
		if (this.publisher != null) {
			this.publisher.publish(kind, session);
		}
	}

	/**
	 * Returns whether listeners are given sessions that have ended, with their
	 * attributes. To close WebSocket connections the handle is enough.
	 */
	boolean needContent() {
		return this.publisher != null;
	}

	synchronized void start() {
		if (this.subscription == null || this.executor != null) {
			return;
		}
		ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, (task) -> {
			Thread thread = new Thread(task, "redis-session-events");
			thread.setDaemon(true);
			return thread;
		});
		executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
		this.executor = executor;
		this.subscription.open(executor);
	}

	/** Holds no lock while it waits for the client's threads, which may be in here. */
	void stop() {
		ScheduledExecutorService stopping = this.executor;
		this.executor = null;
		if (stopping != null) {
			stopping.shutdownNow();
		}
		if (this.subscription != null) {
			this.subscription.close();
		}
	}

	@Override
	public void onMessage(String text) {
		NodeMessage message = NodeMessage.parse(text);
		if (message != null && !message.node().equals(this.node)) {
			execute(() -> heard(message));
		}
	}

	/**
	 * What happened before, or during a gap, was not heard: sessions with open sockets
	 * are looked after.
	 */
	@Override
	public void onSubscribed() {
		execute(this::recheckSockets);
	}

	private void execute(Runnable task) {
		ScheduledExecutorService executor = this.executor;
		if (executor == null) {
			return;
		}
		try {
			executor.execute(() -> run(task));
		}
		catch (RejectedExecutionException ex) {
			logger.debug("Not passed on, since this node stops", ex);
		}
	}

	private void run(Runnable task) {
		try {
			task.run();
		}
		catch (RuntimeException ex) {
			this.failures.warn("Passing on what another node told failed. " + ex.getMessage());
			logger.debug("The failure", ex);
		}
	}

	private void heard(NodeMessage message) {
		if (this.socketSessions != null && message.kind() != Kind.CREATED) {
			this.socketSessions.end(message.handle());
		}
		if (this.delivery == EventDelivery.BROADCAST && this.publisher != null) {
			SessionRecord session = (message.kind() == Kind.CREATED)
					? this.store.await(this.store.load(message.handle(), null, null)) : null;
			this.publisher.publish(message.kind(), this.repository.ofMessage(message.handle(), session));
		}
	}

	private void recheckSockets() {
		if (this.socketSessions == null) {
			return;
		}
		List<String> handles = List.copyOf(this.socketSessions.handles());
		this.store.await(this.store.gone(handles)).forEach(this.socketSessions::end);
	}

}
