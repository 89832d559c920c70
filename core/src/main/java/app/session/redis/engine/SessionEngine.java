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
 * Assembles what keeps the sessions of this node in Redis, starts it and stops it. The
 * faces call its use cases, each of which returns a stage. No use case blocks by itself:
 * its {@link Caller} decides how replies are received.
 *
 * <p>
 * It must be started for expired sessions to be collected, and stopped before the
 * connection factory is.
 */
public final class SessionEngine
		implements ApplicationEventPublisherAware, BeanClassLoaderAware, InitializingBean, SmartLifecycle {

	/** Stopped after the web server, before connections are closed. */
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
		this(connectionFactory, settings, new BlockingCaller(settings.commandTimeout()));
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
		this.settings = settings.copy();
		this.caller = caller;
	}

	/**
	 * Sets the source of the events that are published. Default: this engine.
	 * @param eventSource the source, which a face sets to itself
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
	 * Registers the listener for the end of each session that this node has served,
	 * whichever node ends it. The listener is called for the last id, unless the end is
	 * published as an event on this node, and for each id that the session was given here
	 * or had here with a principal: registries in the memory of a node know sessions by
	 * these ids. The node then remembers the ids of all living sessions that it has
	 * served, some 300 bytes each. Every ten minutes, and after an interruption of its
	 * subscription, it checks which of them live: {@code EVALSHA alive} for each 50. No
	 * effect if events are published on no node. Default: none.
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
	 * Assembles the engine; the options have no effect from now on. Sends nothing.
	 * @throws IllegalArgumentException if options contradict each other
	 * @throws IllegalStateException if a library that an option needs is missing
	 */
	@Override
	public void afterPropertiesSet() {
		this.settings.check();
		this.parts = new EngineAssembly(this.connectionFactory, this.settings, this.caller, this.counts,
				this.classLoader, new EngineListeners(() -> this.eventSource, this.eventPublisher, this.socketSessions,
						this.sessionEndListener))
			.assemble();
	}

	/**
	 * Begins to look for expired sessions, to listen to other nodes where that is set,
	 * and to renew the locks of requests.
	 */
	@Override
	public void start() {
		EngineParts parts = parts();
		// If a step fails, the context stops what runs
		this.running = true;
		parts.store().allow();
		parts.compensations().open();
		parts.events().start();
		parts.locking().start();
		if (this.settings.collectorEnabled()) {
			parts.collector().start();
		}
		else {
			parts.collector().watch();
		}
	}

	/**
	 * Gives up the collector's lease and the locks of requests, and waits for what is
	 * still on its way.
	 */
	@Override
	public void stop() {
		this.running = false;
		EngineParts parts = parts();
		parts.collector().stop();
		parts.events().stop();
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
	 * What this node has counted since it started.
	 * @return the statistics
	 */
	public SessionStatistics statistics() {
		return this.counts;
	}

	/**
	 * The options.
	 * @return the options
	 */
	public SessionSettings settings() {
		return this.settings;
	}

	/**
	 * The use cases that find single sessions.
	 * @return the finder
	 */
	public SessionFinder finder() {
		return parts().finder();
	}

	/**
	 * The use cases that read sessions without noting an access.
	 * @return the reader
	 */
	public SessionReader reader() {
		return parts().reader();
	}

	/**
	 * The use cases that create and save sessions.
	 * @return the saver
	 */
	public SessionSaver saver() {
		return parts().saver();
	}

	/**
	 * The use cases that end sessions.
	 * @return the ender
	 */
	public SessionEnder ender() {
		return parts().ender();
	}

	/**
	 * The use cases that lock sessions.
	 * @return the locking
	 */
	public SessionLocking locking() {
		return parts().locking();
	}

	/**
	 * What the face for operators uses beside the use cases.
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
