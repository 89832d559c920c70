package app.session.redis.engine;

import java.util.UUID;

import app.session.redis.DeletionReason;
import app.session.redis.cache.ChangeMessages;
import app.session.redis.cache.NearCache;
import app.session.redis.client.CallSender;
import app.session.redis.client.Caller;
import app.session.redis.client.ReplicaConfirmation;
import app.session.redis.codec.AllowedTypes;
import app.session.redis.codec.SessionSeals;
import app.session.redis.codec.ValueCodec;
import app.session.redis.event.SessionEndListener;
import app.session.redis.event.SessionEndNotifier;
import app.session.redis.event.SessionEvents;
import app.session.redis.expiry.Collector;
import app.session.redis.expiry.ExpiryStore;
import app.session.redis.index.IndexValues;
import app.session.redis.index.SessionIndexes;
import app.session.redis.limit.LimitStore;
import app.session.redis.limit.SessionLimits;
import app.session.redis.lock.SessionLocks;
import app.session.redis.migration.SessionMigration;
import app.session.redis.migration.SpringSessionStore;
import app.session.redis.observation.SessionCounts;
import app.session.redis.observation.StoreObservations;
import app.session.redis.session.KnownIds;
import app.session.redis.session.PendingSaves;
import app.session.redis.session.SessionNames;
import app.session.redis.session.SessionRules;
import app.session.redis.session.StoredSessions;
import app.session.redis.session.UnreadableAttributes;
import app.session.redis.settings.EventDelivery;
import app.session.redis.settings.LockSettings;
import app.session.redis.settings.SaveSettings;
import app.session.redis.settings.SessionSettings;
import app.session.redis.settings.TypeSettings;
import app.session.redis.settings.ValueSettings;
import app.session.redis.store.Compensations;
import app.session.redis.store.SessionStore;
import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.connection.RedisConnectionFactory;

/**
 * Assembles the parts of an engine, from the store to the use cases.
 */
final class EngineAssembly {

	private final RedisConnectionFactory connectionFactory;

	private final SessionSettings settings;

	private final Caller caller;

	private final SessionCounts counts;

	private final @Nullable ClassLoader classLoader;

	private final EngineListeners listeners;

	/** Identifies this node among all. */
	private final String node = UUID.randomUUID().toString();

	private final CallSender sender;

	private final SessionSeals seals;

	private final SessionStore store;

	private final ValueCodec codec;

	private final SessionIndexes indexes;

	private final PendingSaves pendingSaves;

	private final KnownIds knownIds;

	private final SessionNames names;

	private final StoredSessions sessions;

	EngineAssembly(RedisConnectionFactory connectionFactory, SessionSettings settings, Caller caller,
			SessionCounts counts, @Nullable ClassLoader classLoader, EngineListeners listeners) {
		this.connectionFactory = connectionFactory;
		this.settings = settings;
		this.caller = caller;
		this.counts = counts;
		this.classLoader = classLoader;
		this.listeners = listeners;
		this.sender = new CallSender(connectionFactory, settings.availability().commandTimeout(),
				settings.availability().circuitBreaker(), counts);
		this.sender.setCallersMayBlock(caller.mayBlock());
		this.seals = new SessionSeals(settings.namespace(), settings.seals().keys(),
				settings.seals().acceptPlainUntil(), settings.clock());
		this.store = new SessionStore(this.sender, settings.namespace(), this.seals, settings.optionNames());
		this.codec = codec();
		this.indexes = new SessionIndexes(settings.indexes().resolver(), settings.indexes().attributes(),
				settings.indexes().attributeResolvers(), new IndexValues(settings.seals().keys()));
		this.pendingSaves = new PendingSaves(this.indexes, settings.lifetimes(), settings.ids(), this.seals);
		this.knownIds = (sessionEndListener() != null) ? KnownIds.untilEnd() : KnownIds.latest();
		this.names = new SessionNames(settings.namespace());
		this.sessions = new StoredSessions(
				new SessionRules(settings.clock(), settings.ids(), settings.lifetimes(), this.names, this.knownIds),
				settings, this.seals, this.codec,
				new UnreadableAttributes(settings.values().onUnreadable(), counts, settings.optionNames()));
	}

	EngineParts assemble() {
		StoreCalls calls = new StoreCalls(this.caller, this.store.keys(),
				new StoreObservations(this.settings.observationRegistry()), this.counts, confirmation());
		NearCache nearCache = new NearCache(this.settings.nearCache(), this.counts);
		ChangeMessages changes = new ChangeMessages(this.store, nearCache, this.settings.nearCache(),
				this.settings.optionNames());
		EngineContext context = new EngineContext(calls, this.store, this.sessions, this.names, this.knownIds,
				nearCache, this.settings, this.counts);
		SessionEvents events = events();
		Compensations compensations = new Compensations(this.store);
		UnknownOutcomes outcomes = new UnknownOutcomes(this.store, compensations, this.pendingSaves);
		SessionReader reader = new SessionReader(context, this.indexes.values(), this.pendingSaves, this.seals);
		SessionSearch search = new SessionSearch(context, this.indexes, reader);
		SessionEnder ender = new SessionEnder(context, reader, search, events, outcomes);
		SessionFinder finder = new SessionFinder(context, reader, ender, migration());
		SessionLocking locking = new SessionLocking(context, reader, finder, locks());
		SessionLimits limits = new SessionLimits(this.caller, new LimitStore(this.store), compensations,
				this.settings.limits(), this.settings.optionNames(), this.counts,
				(scope, handle) -> ender.delete(scope, handle, null, DeletionReason.LIMIT));
		SessionSaver saver = new SessionSaver(context, reader, ender, this.pendingSaves, limits, events, outcomes);
		ExpiryStore expiry = new ExpiryStore(this.store, this.node, this.settings.collector().lease());
		Collector collector = new Collector(this.store, expiry, this.settings.collector(), ender::expired,
				events.needContent(), this.counts::collected, this.settings.clock(), this.settings.optionNames());
		return new EngineParts(this.sender, this.store, this.codec, this.sessions, this.names, calls, reader, search,
				finder, saver, ender, locking, this.indexes.values(), events, changes, compensations, expiry,
				collector);
	}

	private ValueCodec codec() {
		ValueSettings values = this.settings.values();
		TypeSettings types = this.settings.types();
		return ValueCodec.builder()
			.classLoader(this.classLoader)
			.allowedTypes(new AllowedTypes(types.allowed(), types.allowedLambdas()))
			.typeCheck(types.check())
			.form(values.form())
			.readForms(values.readForms())
			.serializer(values.serializer())
			.compression(values.compression(), values.compressionThreshold())
			.encryption(this.settings.seals().keys())
			.optionNames(this.settings.optionNames())
			.build();
	}

	private SessionEvents events() {
		SessionEndListener listener = sessionEndListener();
		SessionEndNotifier ends = (listener != null)
				? new SessionEndNotifier(this.listeners.eventSource(), this.knownIds, listener) : null;
		return new SessionEvents(this.listeners.eventSource(), this.sessions, this.store, this.node,
				this.settings.events(), this.listeners.eventPublisher(), this.listeners.socketSessions(), ends,
				this.counts);
	}

	/**
	 * Returns the listener for the end of sessions, or null if events are published on no
	 * node.
	 */
	private @Nullable SessionEndListener sessionEndListener() {
		return (this.settings.events() != EventDelivery.NONE) ? this.listeners.sessionEndListener() : null;
	}

	private @Nullable ReplicaConfirmation confirmation() {
		SaveSettings saves = this.settings.saves();
		return (saves.confirmReplicas() > 0)
				? new ReplicaConfirmation(this.connectionFactory, saves.confirmReplicas(), saves.confirmTimeout())
				: null;
	}

	private @Nullable SessionMigration migration() {
		String namespace = this.settings.migrateFrom();
		return (namespace != null)
				? new SessionMigration(this.caller, this.store, new SpringSessionStore(this.store, namespace),
						this.codec, this.indexes, this.seals, this.settings, this.counts)
				: null;
	}

	private @Nullable SessionLocks locks() {
		LockSettings locks = this.settings.locks();
		return (locks != null) ? new SessionLocks(this.caller, this.store, this.node, locks, this.counts) : null;
	}

}
