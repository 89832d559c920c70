package app.session.redis.engine;

import java.util.UUID;

import app.session.redis.DeletionReason;
import app.session.redis.client.BlockingCaller;
import app.session.redis.client.CallSender;
import app.session.redis.client.Caller;
import app.session.redis.client.ReplicaConfirmation;
import app.session.redis.codec.AllowedTypes;
import app.session.redis.codec.SessionSeals;
import app.session.redis.codec.ValueCodec;
import app.session.redis.event.SessionEndListener;
import app.session.redis.event.SessionEndNotifier;
import app.session.redis.event.SessionEvents;
import app.session.redis.event.SocketSessions;
import app.session.redis.expiry.Collector;
import app.session.redis.expiry.ExpiryStore;
import app.session.redis.index.IndexValues;
import app.session.redis.index.SessionIndexes;
import app.session.redis.limit.LimitStore;
import app.session.redis.limit.SessionLimits;
import app.session.redis.lock.SessionLocks;
import app.session.redis.migration.SessionMigration;
import app.session.redis.migration.SpringSessionStore;
import app.session.redis.observation.SessionStatistics;
import app.session.redis.observation.StoreObservations;
import app.session.redis.session.ChangeListener;
import app.session.redis.session.KnownIds;
import app.session.redis.session.PendingSaves;
import app.session.redis.session.SessionNames;
import app.session.redis.session.SessionRules;
import app.session.redis.session.StoredSessions;
import app.session.redis.session.UnreadableAttributes;
import app.session.redis.settings.EventDelivery;
import app.session.redis.settings.LockSettings;
import app.session.redis.settings.SessionSettings;
import app.session.redis.store.Compensations;
import app.session.redis.store.SessionStore;
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

	private final SessionStatistics statistics = new SessionStatistics();

	private volatile Object eventSource = this;

	private @Nullable ApplicationEventPublisher eventPublisher;

	private @Nullable ClassLoader classLoader;

	private @Nullable SocketSessions socketSessions;

	private @Nullable SessionEndListener sessionEndListener;

	private @Nullable Parts parts;

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
		SessionSettings settings = this.settings;
		String node = UUID.randomUUID().toString();
		CallSender sender = new CallSender(this.connectionFactory, settings.commandTimeout(), settings.circuitBreaker(),
				this.statistics.store);
		sender.setCallersMayBlock(this.caller.mayBlock());
		SessionSeals seals = new SessionSeals(settings.namespace(), settings.encryptionKeys(),
				settings.acceptPlainUntil(), settings.clock());
		SessionStore store = new SessionStore(sender, settings.namespace(), seals);
		ValueCodec codec = codec();
		SessionIndexes indexes = new SessionIndexes(settings.indexResolver(), settings.indexedAttributes(),
				new IndexValues(settings.encryptionKeys()));
		boolean notifiesEnds = this.sessionEndListener != null && settings.events() != EventDelivery.NONE;
		KnownIds knownIds = notifiesEnds ? KnownIds.untilTheEnd() : KnownIds.latest();
		SessionNames names = new SessionNames(settings.namespace());
		StoredSessions sessions = new StoredSessions(new SessionRules(settings, names, knownIds), settings, seals,
				codec, new UnreadableAttributes(settings.onUnreadable(), this.statistics));
		PendingSaves pendingSaves = new PendingSaves(indexes, settings, seals);
		SessionEvents events = new SessionEvents(() -> this.eventSource, sessions, store, node, settings.events(),
				this.eventPublisher, this.socketSessions, notifiesEnds ? notifier(knownIds) : null, this.statistics);
		Compensations compensations = new Compensations(store);
		UnknownOutcomes outcomes = new UnknownOutcomes(store, compensations, pendingSaves);
		StoreCalls calls = new StoreCalls(this.caller, store.keys(),
				new StoreObservations(settings.observationRegistry()), this.statistics, confirmation());
		SessionReader reader = new SessionReader(calls, store, indexes.values(), pendingSaves, seals, sessions, names,
				this.statistics);
		SessionEnder ender = new SessionEnder(calls, store, reader, sessions, names, knownIds, events, outcomes,
				this.statistics);
		SessionFinder finder = new SessionFinder(calls, store, reader, ender, sessions, names, knownIds, settings,
				this.statistics, migration(store, codec, indexes, seals));
		LockSettings locks = settings.locks();
		SessionLocking locking = new SessionLocking(calls, reader, finder, names,
				(locks != null) ? new SessionLocks(this.caller, store, node, locks, this.statistics.locks) : null,
				settings, this.statistics);
		SessionLimits limits = new SessionLimits(this.caller, new LimitStore(store), compensations, settings,
				this.statistics, (scope, handle) -> ender.delete(scope, handle, null, DeletionReason.LIMIT));
		SessionSaver saver = new SessionSaver(calls, store, reader, ender, sessions, pendingSaves, names, knownIds,
				limits, events, outcomes, settings, this.statistics);
		ExpiryStore expiry = new ExpiryStore(store, node, settings.collectorLease());
		Collector collector = new Collector(store, expiry, settings.collectorInterval(), settings.collectorBatchSize(),
				ender::expired, events.needContent(), this.statistics::collected, settings.clock());
		this.parts = new Parts(sender, store, codec, sessions, names, calls, reader, finder, saver, ender, locking,
				indexes.values(), events, compensations, expiry, collector);
	}

	private ValueCodec codec() {
		return ValueCodec.builder()
			.classLoader(this.classLoader)
			.allowedTypes(new AllowedTypes(this.settings.allowedTypes(), this.settings.allowedLambdas()))
			.typeCheck(this.settings.typeCheck())
			.form(this.settings.valueForm())
			.readForms(this.settings.readForms())
			.serializer(this.settings.serializer())
			.compression(this.settings.compression(), this.settings.compressionThreshold())
			.encryption(this.settings.encryptionKeys())
			.build();
	}

	private @Nullable SessionEndNotifier notifier(KnownIds knownIds) {
		SessionEndListener listener = this.sessionEndListener;
		return (listener != null) ? new SessionEndNotifier(() -> this.eventSource, knownIds, listener) : null;
	}

	private @Nullable ReplicaConfirmation confirmation() {
		return (this.settings.confirmReplicas() > 0) ? new ReplicaConfirmation(this.connectionFactory,
				this.settings.confirmReplicas(), this.settings.confirmTimeout()) : null;
	}

	private @Nullable SessionMigration migration(SessionStore store, ValueCodec codec, SessionIndexes indexes,
			SessionSeals seals) {
		String namespace = this.settings.migrateFrom();
		return (namespace != null) ? new SessionMigration(this.caller, store, new SpringSessionStore(store, namespace),
				codec, indexes, seals, this.settings, this.statistics) : null;
	}

	/**
	 * Begins to look for expired sessions, to listen to other nodes where that is set,
	 * and to renew the locks of requests.
	 */
	@Override
	public void start() {
		Parts parts = parts();
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
		this.running = true;
	}

	/**
	 * Gives up the collector's lease and the locks of requests, and waits for what is
	 * still on its way.
	 */
	@Override
	public void stop() {
		this.running = false;
		Parts parts = parts();
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
		return this.statistics;
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
	public Parts parts() {
		if (this.parts == null) {
			throw new IllegalStateException("afterPropertiesSet() must be called first");
		}
		return this.parts;
	}

	/**
	 * What the engine consists of.
	 *
	 * @param sender sends calls to Redis
	 * @param store reads and writes sessions
	 * @param codec reads and writes values
	 * @param sessions makes session objects
	 * @param names the names of sessions
	 * @param calls what the use cases have in common
	 * @param reader reads sessions without noting an access
	 * @param finder finds single sessions
	 * @param saver creates and saves sessions
	 * @param ender ends sessions
	 * @param locking locks sessions
	 * @param indexValues the forms of index values
	 * @param events publishes events
	 * @param compensations undoes or completes writes without a reply
	 * @param expiry the expiry of sessions in Redis
	 * @param collector collects expired sessions
	 */
	public record Parts(CallSender sender, SessionStore store, ValueCodec codec, StoredSessions sessions,
			SessionNames names, StoreCalls calls, SessionReader reader, SessionFinder finder, SessionSaver saver,
			SessionEnder ender, SessionLocking locking, IndexValues indexValues, SessionEvents events,
			Compensations compensations, ExpiryStore expiry, Collector collector) {
	}

}
