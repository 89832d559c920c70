package app.session.redis.engine;

import app.session.redis.client.BlockingCaller;
import app.session.redis.client.CallSender;
import app.session.redis.client.Caller;
import app.session.redis.event.SessionEndListener;
import app.session.redis.event.SocketSessions;
import app.session.redis.observation.SessionCounts;
import app.session.redis.observation.SessionStatistics;
import app.session.redis.session.ChangeListener;
import app.session.redis.settings.SessionSettings;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanClassLoaderAware;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.ApplicationEventPublisherAware;
import org.springframework.context.SmartLifecycle;
import org.springframework.data.redis.connection.RedisConnectionFactory;

/**
 * Assembles, starts and stops the session store of this node. The servlet and reactive
 * faces call its use cases, each of which returns a stage. No use case blocks by itself:
 * its {@link Caller} determines how replies are received.
 *
 * <p>
 * The engine must be started for expired sessions to be collected, and stopped before the
 * connection factory.
 */
public final class SessionEngine
		implements ApplicationEventPublisherAware, BeanClassLoaderAware, InitializingBean, SmartLifecycle {

	/** The engine stops after the web server and before connections are closed. */
	private static final int PHASE = Integer.MAX_VALUE / 2;

	private final RedisConnectionFactory connectionFactory;

	private final SessionSettings settings;

	private final Caller caller;

	private final SessionCounts counts = new SessionCounts();

	private volatile Object eventSource = this;

	private @Nullable ApplicationEventPublisher eventPublisher;

	private @Nullable ClassLoader classLoader;

	private @Nullable SocketSessions socketSessions;

	private @Nullable SessionEndListener sessionEndListener;

	private @Nullable EngineParts parts;

	private volatile boolean running;

	/**
	 * Creates an engine for request threads, which wait for replies.
	 * @param connectionFactory the source of connections; must be a
	 * {@code LettuceConnectionFactory}
	 * @param settings the options
	 * @throws IllegalArgumentException if the connection factory is of another type
	 */
	public SessionEngine(RedisConnectionFactory connectionFactory, SessionSettings settings) {
		this(connectionFactory, settings, new BlockingCaller(settings.availability().commandTimeout()));
	}

	/**
	 * Creates an engine.
	 * @param connectionFactory the source of connections; must be a
	 * {@code LettuceConnectionFactory}
	 * @param settings the options
	 * @param caller receives the replies
	 * @throws IllegalArgumentException if the connection factory is of another type
	 */
	public SessionEngine(RedisConnectionFactory connectionFactory, SessionSettings settings, Caller caller) {
		this.connectionFactory = CallSender.requireLettuce(connectionFactory);
		this.settings = settings;
		this.caller = caller;
	}

	/**
	 * Sets the source of the events that are published. Default: this engine.
	 * @param eventSource the source; each face sets itself
	 */
	public void setEventSource(Object eventSource) {
		this.eventSource = eventSource;
	}

	/**
	 * Registers the sessions with WebSocket connections, which are closed when a session
	 * ends on another node.
	 * @param socketSessions the sessions
	 */
	public void setSocketSessions(SocketSessions socketSessions) {
		this.socketSessions = socketSessions;
	}

	/**
	 * Registers the listener that is notified when a session that this node has served
	 * ends, on any node. The listener is called for the last id, unless the end is
	 * published as an event on this node, and for each id that the session got on this
	 * node or had on this node with a principal, because registries in the memory of a
	 * node use these ids. The node then keeps the ids of all living sessions that it has
	 * served, about 300 bytes each. Every ten minutes, and after an interruption of its
	 * subscription, it checks which of them still exist: {@code EVALSHA alive} for each
	 * 50. No effect if events are published on no node. Default: none.
	 * @param listener the listener
	 */
	public void setSessionEndListener(SessionEndListener listener) {
		this.sessionEndListener = listener;
	}

	/**
	 * Registers the listener of changes in sessions, for a face that writes them
	 * immediately.
	 * @param listener the listener
	 */
	public void setChangeListener(ChangeListener listener) {
		parts().sessions().setChangeListener(listener);
	}

	@Override
	public void setApplicationEventPublisher(ApplicationEventPublisher eventPublisher) {
		this.eventPublisher = eventPublisher;
	}

	@Override
	public void setBeanClassLoader(ClassLoader classLoader) {
		this.classLoader = classLoader;
	}

	/**
	 * Assembles the engine. Sends no commands.
	 * @throws IllegalStateException if a library that an option needs is missing
	 */
	@Override
	public void afterPropertiesSet() {
		this.parts = new EngineAssembly(this.connectionFactory, this.settings, this.caller, this.counts,
				this.classLoader, new EngineListeners(() -> this.eventSource, this.eventPublisher, this.socketSessions,
						this.sessionEndListener))
			.assemble();
	}

	/**
	 * Starts the collector of expired sessions, the subscription to messages of other
	 * nodes if it is needed, and the renewal of the locks of requests.
	 */
	@Override
	public void start() {
		EngineParts parts = parts();
		// If a step fails, the context stops the parts that are running
		this.running = true;
		parts.store().allow();
		parts.compensations().open();
		parts.events().start();
		parts.changes().start();
		parts.locking().start();
		if (this.settings.collector().enabled()) {
			parts.collector().start();
		}
		else {
			parts.collector().watch();
		}
	}

	/**
	 * Releases the collector's lease and the locks of requests, and waits for pending
	 * calls.
	 */
	@Override
	public void stop() {
		this.running = false;
		EngineParts parts = parts();
		parts.collector().stop();
		parts.events().stop();
		parts.changes().stop();
		parts.locking().stop();
		parts.compensations().close();
		parts.store().close();
		parts.sender().drain();
		parts.calls().close();
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public int getPhase() {
		return PHASE;
	}

	/**
	 * Returns the counters of this node since its start.
	 * @return the statistics
	 */
	public SessionStatistics statistics() {
		return this.counts;
	}

	/**
	 * Returns the options.
	 * @return the options
	 */
	public SessionSettings settings() {
		return this.settings;
	}

	/**
	 * Returns the use cases that find single sessions.
	 * @return the finder
	 */
	public SessionFinder finder() {
		return parts().finder();
	}

	/**
	 * Returns the use cases that read sessions without recording an access.
	 * @return the reader
	 */
	public SessionReader reader() {
		return parts().reader();
	}

	/**
	 * Returns the use cases that search by several index values.
	 * @return the search
	 */
	public SessionSearch search() {
		return parts().search();
	}

	/**
	 * Returns the use cases that create and save sessions.
	 * @return the saver
	 */
	public SessionSaver saver() {
		return parts().saver();
	}

	/**
	 * Returns the use cases that end sessions.
	 * @return the ender
	 */
	public SessionEnder ender() {
		return parts().ender();
	}

	/**
	 * Returns the use cases that lock sessions.
	 * @return the locking
	 */
	public SessionLocking locking() {
		return parts().locking();
	}

	/**
	 * Returns the parts of the engine, which the operations use in addition to the use
	 * cases.
	 * @return the parts
	 * @throws IllegalStateException if the engine is not assembled
	 */
	public EngineParts parts() {
		if (this.parts == null) {
			throw new IllegalStateException("afterPropertiesSet() must be called first");
		}
		return this.parts;
	}

}
