package app.session.redis.servlet;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;

import app.session.redis.DeletionReason;
import app.session.redis.SessionId;
import app.session.redis.SessionLimitExceededException;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import app.session.redis.client.BlockingCaller;
import app.session.redis.client.CallSender;
import app.session.redis.client.Caller;
import app.session.redis.client.ReplicaConfirmation;
import app.session.redis.codec.AllowedTypes;
import app.session.redis.codec.CompressionAlgorithm;
import app.session.redis.codec.EncryptionKeys;
import app.session.redis.codec.SessionSeal;
import app.session.redis.codec.SessionSeals;
import app.session.redis.codec.TypeCheck;
import app.session.redis.codec.TypeRefusedException;
import app.session.redis.codec.ValueCodec;
import app.session.redis.codec.ValueForm;
import app.session.redis.engine.FoundSessions;
import app.session.redis.engine.RefusedSaves;
import app.session.redis.engine.SentIds;
import app.session.redis.engine.SessionLocking;
import app.session.redis.engine.UnknownOutcomes;
import app.session.redis.event.NodeMessage.Kind;
import app.session.redis.event.SessionEndListener;
import app.session.redis.event.SessionEndNotifier;
import app.session.redis.event.SessionEvents;
import app.session.redis.event.SocketSessions;
import app.session.redis.expiry.Collector;
import app.session.redis.expiry.ExpiryStore;
import app.session.redis.index.IndexStore;
import app.session.redis.index.IndexValues;
import app.session.redis.index.ListingStore;
import app.session.redis.index.SessionIndexes;
import app.session.redis.limit.LimitStore;
import app.session.redis.limit.SessionLimits;
import app.session.redis.lock.SessionLocks;
import app.session.redis.migration.SessionMigration;
import app.session.redis.migration.SpringSessionStore;
import app.session.redis.observation.LookupResult;
import app.session.redis.observation.SessionObservation;
import app.session.redis.observation.SessionStatistics;
import app.session.redis.observation.StoreObservations;
import app.session.redis.observation.StoreOperation;
import app.session.redis.operations.SessionOperations;
import app.session.redis.session.ClientDetails;
import app.session.redis.session.DestructionCallbacks;
import app.session.redis.session.KnownIds;
import app.session.redis.session.Reservation;
import app.session.redis.session.SessionAttributes;
import app.session.redis.session.SessionName;
import app.session.redis.session.SessionNames;
import app.session.redis.session.SessionScope;
import app.session.redis.session.StoredSession;
import app.session.redis.session.StoredSession.PendingSave;
import app.session.redis.session.UnreadableAttributes;
import app.session.redis.settings.AttributeConversion;
import app.session.redis.settings.EventDelivery;
import app.session.redis.settings.LockSettings;
import app.session.redis.settings.OnExceeded;
import app.session.redis.settings.OnUnavailable;
import app.session.redis.settings.OnUnreadable;
import app.session.redis.settings.SaveAfterDelete;
import app.session.redis.settings.SaveMode;
import app.session.redis.settings.SessionSettings;
import app.session.redis.store.Compensations;
import app.session.redis.store.Compensations.Compensation;
import app.session.redis.store.IndexEntry;
import app.session.redis.store.LoadedSessions;
import app.session.redis.store.LoadedSessions.Large;
import app.session.redis.store.NewSession;
import app.session.redis.store.SaveResult;
import app.session.redis.store.SessionChange;
import app.session.redis.store.SessionHeader;
import app.session.redis.store.SessionRecord;
import app.session.redis.store.SessionStore;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.micrometer.observation.ObservationRegistry;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanClassLoaderAware;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.ApplicationEventPublisherAware;
import org.springframework.context.SmartLifecycle;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.serializer.RedisSerializer;
import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.FlushMode;
import org.springframework.session.IndexResolver;
import org.springframework.session.Session;
import org.springframework.session.SessionIdGenerator;
import org.springframework.session.SessionRepository;

/**
 * Keeps sessions in Redis, each as one key, with one script for each operation.
 *
 * <p>
 * What goes to Redis, with the keys of namespace {@code app:session}:
 *
 * <pre>
 * findById         EVALSHA load   1 app:session:session:{handle} digest touch
 * save, new        EVALSHA hint   1 app:session:expiry:n handle delay ""
 *                  EVALSHA index  1 app:session:index:principal:name handle delay 0 0
 *                  EVALSHA create 1 app:session:session:{handle} header 0 field value ...
 * log-in, limited  EVALSHA reserve 1 app:session:index:principal:name handle limit 30000 ""
 * new, limited     EVALSHA admit  16 app:session:expiry:0 ... limit handle n 30000
 * save, changed    EVALSHA save   1 app:session:session:{handle} digest "" "" "" "" "" 0 field value ...
 * deleteById       EVALSHA delete 1 app:session:session:{handle} digest 1
 * findByIndex...   ZRANGE app:session:index:name:value 0 -1
 *                  EVALSHA load   1 app:session:session:{handle} "" -1 bytes  for each
 * lock             EVALSHA lock   3 app:session:lock:{handle} app:session:waiters:{handle}
 *                                   app:session:session:{handle} token digest touch lease ...
 * end of request   EVALSHA unlock 2 app:session:lock:{handle} app:session:waiters:{handle} token ...
 * </pre>
 *
 * Each line, or group of lines, is one round trip; on a cluster, {@code create} and
 * {@code save} wait for the hints before them. What is limited is asked for before, in a
 * round trip of its own, and on a cluster {@code admit} of each part. Within a request a
 * session is read once, and a save that has nothing to write sends nothing.
 *
 * <p>
 * Methods that take an id accept an alias or a handle as well, but not from clients: a
 * filter must be given {@link #clientSessions()}. All methods throw
 * {@link SessionStoreUnavailableException} when Redis doesn't answer within the command
 * timeout, or refuses.
 *
 * <p>
 * It must be started for expired sessions to be collected, and stopped before the
 * connection factory is.
 */
public final class AtomicRedisSessionRepository implements FindByIndexNameSessionRepository<StoredSession>,
		ApplicationEventPublisherAware, BeanClassLoaderAware, InitializingBean, SmartLifecycle {

	private static final Log logger = LogFactory.getLog(AtomicRedisSessionRepository.class);

	/** Stopped after the web server, before connections are closed. */
	private static final int MIN_ID_BYTES = 16;

	private static final int PHASE = Integer.MAX_VALUE / 2;

	private static final int LOAD_CHUNK = 500;

	private static final int DELETE_CHUNK = 250;

	/** How often a save is repeated because the session was sealed anew meanwhile. */
	private static final int SEAL_ATTEMPTS = 100;

	private final RedisConnectionFactory connectionFactory;

	private final SessionSettings settings = new SessionSettings();

	private final SessionStatistics statistics = new SessionStatistics();

	private KnownIds knownIds = KnownIds.latest();

	private final String node = UUID.randomUUID().toString();

	private final ClientSessions clientSessions = new ClientSessions(this);

	private final RefusedSaves refusedSaves = new RefusedSaves(this.settings, this.statistics);

	private final SentIds sentIds = new SentIds(this);

	private @Nullable ApplicationEventPublisher eventPublisher;

	private @Nullable ClassLoader classLoader;

	private @Nullable SocketSessions socketSessions;

	private @Nullable SessionEndListener sessionEndListener;

	private @Nullable Parts parts;

	private volatile boolean running;

	/**
	 * Creates a repository.
	 * @param connectionFactory where connections come from; must be a
	 * {@code LettuceConnectionFactory}
	 * @throws IllegalArgumentException if it is another
	 */
	public AtomicRedisSessionRepository(RedisConnectionFactory connectionFactory) {
		this.connectionFactory = connectionFactory;
		CallSender.requireLettuce(connectionFactory);
	}

	/**
	 * Sets what every key begins with. Default: {@code app:session}.
	 * @param namespace the namespace
	 */
	public void setNamespace(String namespace) {
		this.settings.namespace = namespace;
	}

	/**
	 * Sets how long a new session lives without an access. Default: 30 minutes.
	 * @param interval the idle timeout; zero or less: for ever
	 */
	public void setDefaultMaxInactiveInterval(Duration interval) {
		this.settings.lifetimes.idle = interval;
	}

	/**
	 * Sets how long a new session lives at the most, however active it is. Default: zero,
	 * for ever.
	 * @param timeout the absolute timeout
	 */
	public void setAbsoluteTimeout(Duration timeout) {
		this.settings.lifetimes.absolute = timeout;
	}

	/**
	 * Sets between which bounds a positive interval is kept that code asks for with
	 * {@code setMaxInactiveInterval}. Default: none below, 30 days above.
	 * @param min the shortest
	 * @param max the longest; not below the shortest
	 */
	public void setTimeoutBounds(Duration min, Duration max) {
		this.settings.lifetimes.min = min;
		this.settings.lifetimes.max = max;
	}

	/**
	 * Sets how long a new session lives without an access until its client has used it in
	 * a second request: most that never do are of crawlers and passers-by. One that is
	 * not shorter than the idle timeout has no effect. Default: zero, as long as any.
	 * @param timeout the idle timeout until then
	 */
	public void setFirstTimeout(Duration timeout) {
		this.settings.lifetimes.first = timeout;
	}

	/**
	 * Sets how long sessions of crawlers live without an access, where the filter can
	 * tell them. Default: 60 seconds until the second request, then the idle timeout of
	 * others, or two hours if that is shorter.
	 * @param first the idle timeout until the second request
	 * @param timeout the idle timeout from then on; null for the default
	 */
	public void setBotTimeouts(Duration first, @Nullable Duration timeout) {
		this.settings.lifetimes.botFirst = first;
		this.settings.lifetimes.botIdle = timeout;
	}

	/**
	 * Sets from where living sessions are taken over when their clients come: the
	 * namespace of Spring Session's {@code RedisSessionRepository} or
	 * {@code RedisIndexedSessionRepository}, in the same Redis, written with Java
	 * serialization or with the serializer that is set here. They get an id of ours, and
	 * go there. Costs one more round trip for a client whose id is not known, four for
	 * one whose session is taken over. Default: nowhere.
	 * @param namespace the namespace, Spring Session's default is {@code spring:session}
	 */
	public void setMigrateFrom(String namespace) {
		this.settings.migrateFrom = namespace;
	}

	/**
	 * Sets how often accesses are noted at the most. Capped at a tenth of a session's
	 * idle timeout. Default: zero, every one.
	 * @param interval the interval
	 */
	public void setTouchInterval(Duration interval) {
		this.settings.touchInterval = interval;
	}

	/**
	 * Sets how long the content of an expired session is kept, so that its expiry can be
	 * told. Default: 5 minutes.
	 * @param grace the grace of sessions that are created from now on: at least the
	 * collector's lease and interval, at most 49 days
	 */
	public void setGrace(Duration grace) {
		this.settings.grace = grace;
	}

	/**
	 * Sets what of a session's attributes is written. Default:
	 * {@link SaveMode#ON_CHANGE}.
	 * @param saveMode the mode
	 */
	public void setSaveMode(SaveMode saveMode) {
		this.settings.saveMode = saveMode;
	}

	/**
	 * Sets when changes are written. Default: {@link FlushMode#ON_SAVE}.
	 * @param flushMode the mode
	 */
	public void setFlushMode(FlushMode flushMode) {
		this.settings.flushMode = flushMode;
	}

	public FlushMode getFlushMode() {
		return this.settings.flushMode;
	}

	/**
	 * Sets what becomes of a save whose session has ended. Default:
	 * {@link SaveAfterDelete#IGNORE}.
	 * @param saveAfterDelete the answer
	 */
	public void setSaveAfterDelete(SaveAfterDelete saveAfterDelete) {
		this.settings.saveAfterDelete = saveAfterDelete;
	}

	/**
	 * Sets whether Redis holds only digests of ids, so that nobody who reads there can
	 * take a session over. Default: true.
	 * @param protectIds whether ids are protected
	 */
	public void setProtectIds(boolean protectIds) {
		this.settings.protectIds = protectIds;
	}

	/**
	 * Sets how many random bytes the secret of an id has. Default: 32.
	 * @param idBytes the number of bytes, from 16 to 192
	 * @throws IllegalArgumentException if the number is out of these bounds
	 */
	public void setIdBytes(int idBytes) {
		if (idBytes < MIN_ID_BYTES || idBytes > SessionId.MAX_SECRET_BYTES) {
			throw new IllegalArgumentException("An id must have " + MIN_ID_BYTES + " to " + SessionId.MAX_SECRET_BYTES
					+ " random bytes, not " + idBytes);
		}
		this.settings.idBytes = idBytes;
	}

	/**
	 * Sets the generator of the ids' secrets. Asks it for one id, which is checked and
	 * not used, so that an unsuitable generator fails here rather than each new session.
	 * Default: none, secrets are random.
	 * @param generator the generator, whose ids must have 16 to 256 characters out of
	 * {@code A-Z a-z 0-9 . _ ~ -}
	 * @throws IllegalStateException if the generated id is unsuitable; the message names
	 * the type of the generator
	 */
	public void setSessionIdGenerator(SessionIdGenerator generator) {
		generateSecret(generator);
		this.settings.idGenerator = generator;
	}

	/**
	 * Sets what tells under what sessions can be found, beside their principal. Where it
	 * tells the principal itself, that is the one.
	 * @param resolver the resolver
	 */
	public void setIndexResolver(IndexResolver<Session> resolver) {
		this.settings.indexResolver = resolver;
	}

	/**
	 * Sets attributes under whose values sessions can be found too; of a collection,
	 * under each element. Saving a session that would have more than
	 * {@value SessionIndexes#MAX_ENTRIES} index entries fails with an
	 * {@link IllegalArgumentException}.
	 * @param attributes names of attributes
	 */
	public void setIndexedAttributes(Collection<String> attributes) {
		this.settings.indexedAttributes = List.copyOf(attributes);
	}

	/**
	 * Sets on which nodes listeners hear of sessions. Default:
	 * {@link EventDelivery#LOCAL}.
	 * @param events the nodes
	 */
	public void setEvents(EventDelivery events) {
		this.settings.events = events;
	}

	/**
	 * Sets what is to be told of sessions that end on other nodes, so that it closes
	 * their WebSocket connections.
	 * @param socketSessions the sessions with connections
	 */
	public void setSocketSessions(SocketSessions socketSessions) {
		this.socketSessions = socketSessions;
	}

	/**
	 * Sets the listener of the ends of all sessions that this node has served, on
	 * whatever node they end. It is called for the last id, unless the end is published
	 * as an event on this node, and for each id that the session was given here or had
	 * here with a principal: registries in the memory of a node know sessions by these
	 * ids. The node then remembers the ids of all living sessions that it has served,
	 * some 300 bytes each. Every ten minutes, and after an interruption of its
	 * subscription, it checks which of them live: {@code EVALSHA alive} for each 50. No
	 * effect if events are published on no node. Default: none.
	 * @param listener the listener
	 */
	public void setSessionEndListener(SessionEndListener listener) {
		this.sessionEndListener = listener;
	}

	/**
	 * Sets whether a new session notes who it is created for, in the attributes that
	 * {@link ClientDetails} names. Default: false.
	 * @param recordClient whether it does
	 */
	public void setRecordClient(boolean recordClient) {
		this.settings.recordClient = recordClient;
	}

	/**
	 * Sets whether this node looks for expired sessions. Default: true; where it is
	 * false, another node must.
	 * @param enabled whether it does
	 */
	public void setCollectorEnabled(boolean enabled) {
		this.settings.collectorEnabled = enabled;
	}

	/**
	 * Sets how often this node looks for expired sessions. Default: every second.
	 * @param interval the interval
	 */
	public void setCollectorInterval(Duration interval) {
		this.settings.collectorInterval = interval;
	}

	/**
	 * Sets how long a node that has died keeps others from looking for expired sessions.
	 * Default: 10 seconds.
	 * @param lease the lease
	 */
	public void setCollectorLease(Duration lease) {
		this.settings.collectorLease = lease;
	}

	/**
	 * Sets how many expired sessions are claimed in one step. Default: 500.
	 * @param batchSize how many
	 */
	public void setCollectorBatchSize(int batchSize) {
		this.settings.collectorBatchSize = batchSize;
	}

	/**
	 * Sets what becomes of attributes that can't be read. Default:
	 * {@link OnUnreadable#DROP_ATTRIBUTE}.
	 * @param onUnreadable the answer
	 */
	public void setOnUnreadable(OnUnreadable onUnreadable) {
		this.settings.onUnreadable = onUnreadable;
	}

	/**
	 * Sets how a request is answered whose session can't be read because Redis can't be
	 * asked. Default: {@link OnUnavailable#ERROR}.
	 * @param onUnavailable the answer
	 */
	public void setOnUnavailable(OnUnavailable onUnavailable) {
		this.settings.onUnavailable = onUnavailable;
	}

	/**
	 * Sets what decides whether Redis is asked at all. While it is open Redis is asked by
	 * a {@code PING} every 200 ms, whose answer closes it. Only outages count as
	 * failures, timeouts among them. On a cluster it is not used: one primary that is
	 * away says nothing of the others. Default: none, Redis is always asked.
	 * @param circuitBreaker the circuit breaker, of this repository alone
	 */
	public void setCircuitBreaker(CircuitBreaker circuitBreaker) {
		this.settings.circuitBreaker = circuitBreaker;
	}

	/**
	 * Sets how many replicas must have a log-in, a change of id or a log-out before it is
	 * answered, so that a failover doesn't undo it. When they don't have it in time it is
	 * answered all the same, and counted. Costs one more round trip for each of these.
	 * Default: none.
	 * @param replicas how many; zero for none
	 * @param timeout how long they are waited for; below the command timeout
	 */
	public void setConfirmReplicas(int replicas, Duration timeout) {
		this.settings.confirmReplicas = replicas;
		this.settings.confirmTimeout = timeout;
	}

	/**
	 * Sets how sessions are locked for requests, so that one at a time works on a
	 * session. Who takes the locks is {@link #clientLocks()} and {@link #lock}. Default:
	 * null, sessions are not locked.
	 * @param locks how sessions are locked, or null
	 */
	public void setLocks(@Nullable LockSettings locks) {
		this.settings.locks = locks;
	}

	/**
	 * Sets how many sessions a principal may have. A log-in, that is a save which gives a
	 * session a principal that it didn't have, reserves its place first: one more round
	 * trip, and more only when there is no place. The limit is exact however many log in
	 * at the same moment on however many nodes, on a cluster too, where all nodes have
	 * the same limit. (On a cluster there can be one too many when a log-in is held up
	 * for more than 100 ms between its two writes.) A session that has ended or expired
	 * has no place, and one whose principal changes leaves its place. Default: any
	 * number.
	 * @param sessions how many; zero for any number
	 * @param onExceeded what becomes of a log-in beyond that
	 * @throws IllegalArgumentException if the number is negative
	 */
	public void setLimitPerPrincipal(int sessions, OnExceeded onExceeded) {
		if (sessions < 0) {
			throw new IllegalArgumentException("A principal can't be limited to " + sessions + " sessions");
		}
		this.settings.limitPerPrincipal = sessions;
		this.settings.onExceeded = onExceeded;
	}

	/**
	 * Sets how many sessions there may be in all. A session beyond is not created. Costs
	 * one more round trip for each new session. On one server it is exact; on a cluster,
	 * those that are created at the same moment don't see each other, so that there can
	 * be more by as many. Sessions that have expired count until the collector has
	 * passed. Default: any number.
	 * @param sessions how many; zero for any number
	 * @throws IllegalArgumentException if the number is negative
	 */
	public void setLimitTotal(int sessions) {
		if (sessions < 0) {
			throw new IllegalArgumentException("All sessions can't be limited to " + sessions);
		}
		this.settings.limitTotal = sessions;
	}

	/**
	 * Sets what serializes attributes instead. The allowed types don't concern it: what
	 * it makes objects of is its own responsibility. Default: none.
	 * @param serializer the serializer
	 */
	public void setDefaultSerializer(RedisSerializer<Object> serializer) {
		this.settings.serializer = serializer;
	}

	/**
	 * Sets how attributes are written where there is no serializer of the application's
	 * own. Default: {@link ValueForm#JDK}.
	 * @param form the form
	 * @see #setReadForms
	 */
	public void setValueForm(ValueForm form) {
		this.settings.valueForm = form;
	}

	/**
	 * Sets which forms are read in addition to the one that is written, whose
	 * deserializer whoever can write to Redis can therefore run. To change the form under
	 * living sessions, first add both forms here on every node. Default: none.
	 * @param forms the forms
	 */
	public void setReadForms(Collection<ValueForm> forms) {
		this.settings.readForms = Set.copyOf(forms);
	}

	/**
	 * Sets how values are converted before they are serialized and after they are
	 * deserialized. Destruction callbacks of session-scoped beans are never stored,
	 * whatever the conversion says of them. Default: {@link AttributeConversion#NONE}.
	 * @param conversion the conversion
	 */
	public void setAttributeConversion(AttributeConversion conversion) {
		this.settings.conversion = conversion;
	}

	/**
	 * Sets which types may be stored besides the JDK's value types and what Spring and
	 * widely used libraries put into sessions: packages, which include those below, and
	 * classes. Other types are refused when they are saved, with a
	 * {@link TypeRefusedException} that names all of them, and when they are read. Types
	 * that are known to run code when they are read are refused even if they are named
	 * here. Default: none, so that the application's own types must be named.
	 * @param names names of packages and classes
	 */
	public void setAllowedTypes(Collection<String> names) {
		this.settings.allowedTypes = List.copyOf(names);
	}

	/**
	 * Sets which classes' serializable lambdas and method references may be stored. Write
	 * access to Redis then allows calling each of them with arguments of allowed types,
	 * so name as little as possible, and only where a framework such as Vaadin requires
	 * it. Default: none.
	 * @param names names of packages, which include those below, and of classes, in whose
	 * code the lambdas are
	 */
	public void setAllowedLambdas(Collection<String> names) {
		this.settings.allowedLambdas = List.copyOf(names);
	}

	/**
	 * Sets what becomes of types that are not among the allowed ones. Storing them
	 * requires {@link #setEncryptionKeys keys}. Default: {@link TypeCheck#ENFORCE}.
	 * @param typeCheck the answer
	 */
	public void setTypeCheck(TypeCheck typeCheck) {
		this.settings.typeCheck = typeCheck;
	}

	/**
	 * Sets how attributes are made smaller. What was compressed otherwise, or not, is
	 * read all the same. Default: {@link CompressionAlgorithm#NONE}.
	 * @param algorithm the algorithm
	 * @param threshold from how many bytes on
	 */
	public void setCompression(CompressionAlgorithm algorithm, int threshold) {
		this.settings.compression = algorithm;
		this.settings.compressionThreshold = threshold;
	}

	/**
	 * Sets the keys that seal sessions, or did. Where they encrypt, a session in Redis is
	 * accepted only if it was written with one of them. The values of indexes are then
	 * stored as digests, and sessions are found by those of each key and by the plain
	 * values; a session's entries are moved with its next save. A session that is sealed
	 * stays sealed, also on nodes whose keys have none that is active. Default: none,
	 * nothing is sealed.
	 * @param keys the keys, or null for none
	 */
	public void setEncryptionKeys(@Nullable EncryptionKeys keys) {
		this.settings.encryptionKeys = keys;
	}

	/**
	 * Sets until when sessions in plain text are accepted though the keys encrypt: while
	 * encryption is switched on under living sessions. Such a session is encrypted with
	 * its next save. Until then whoever can write to Redis can forge sessions. Required
	 * with {@link #setMigrateFrom} and keys that encrypt. Default: null, sessions in
	 * plain text are refused.
	 * @param instant until when, at most 30 days ahead; null for never
	 */
	public void setAcceptPlainUntil(@Nullable Instant instant) {
		this.settings.acceptPlainUntil = instant;
	}

	/**
	 * Sets how long an answer of Redis is waited for. Default: a second.
	 * @param timeout the timeout
	 */
	public void setCommandTimeout(Duration timeout) {
		this.settings.commandTimeout = timeout;
	}

	/**
	 * Sets the clock that tells when sessions were created and accessed. What expires is
	 * decided by Redis's.
	 * @param clock the clock
	 */
	public void setClock(Clock clock) {
		this.settings.clock = clock;
	}

	/**
	 * Sets who looks at operations of the store ({@link SessionObservation#OPERATION}),
	 * each as long as its caller waits for it and as part of what the caller's thread is
	 * observed to do. What goes on in the background is not observed. Default: nobody.
	 * @param registry who looks
	 */
	public void setObservationRegistry(ObservationRegistry registry) {
		this.settings.observationRegistry = registry;
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
	 * Puts the parts together; the setters have no effect from now on. Sends nothing.
	 * @throws IllegalArgumentException if settings contradict each other
	 * @throws IllegalStateException if a library that a setting needs is not there
	 */
	@Override
	public void afterPropertiesSet() {
		this.settings.check();
		CallSender engine = new CallSender(this.connectionFactory, this.settings.commandTimeout,
				this.settings.circuitBreaker, this.statistics.store);
		SessionSeals seals = new SessionSeals(this.settings.namespace, this.settings.encryptionKeys,
				this.settings.acceptPlainUntil, this.settings.clock);
		SessionStore store = new SessionStore(engine, this.settings.namespace, seals);
		SessionEndNotifier ends = null;
		if (this.sessionEndListener != null && this.settings.events != EventDelivery.NONE) {
			this.knownIds = KnownIds.untilTheEnd();
			ends = new SessionEndNotifier(this, this.knownIds, this.sessionEndListener);
		}
		SessionEvents events = new SessionEvents(this, store, this.node, this.settings.events, this.eventPublisher,
				this.socketSessions, ends, this.statistics);
		ExpiryStore expiry = new ExpiryStore(store, this.node, this.settings.collectorLease);
		Collector collector = new Collector(store, expiry, this.settings.collectorInterval,
				this.settings.collectorBatchSize, this::expired, events.needContent(), this.statistics::collected,
				this.settings.clock);
		ValueCodec codec = codec();
		SessionIndexes indexes = new SessionIndexes(this.settings.indexResolver, this.settings.indexedAttributes,
				new IndexValues(this.settings.encryptionKeys));
		IndexStore index = new IndexStore(store);
		Caller caller = new BlockingCaller(this.settings.commandTimeout);
		Compensations compensations = new Compensations(store);
		LockSettings locks = this.settings.locks;
		this.parts = new Parts(engine, store, seals,
				(locks != null)
						? new SessionLocking(this,
								new SessionLocks(caller, store, this.node, locks, this.statistics.locks), this.settings)
						: null,
				index, events, collector, codec, indexes,
				new UnreadableAttributes(this.settings.onUnreadable, this.statistics),
				(this.settings.confirmReplicas > 0) ? new ReplicaConfirmation(this.connectionFactory,
						this.settings.confirmReplicas, this.settings.confirmTimeout) : null,
				(this.settings.migrateFrom != null)
						? new SessionMigration(caller, store, new SpringSessionStore(store, this.settings.migrateFrom),
								codec, indexes, seals, this.settings, this.statistics)
						: null,
				new SessionLimits(
						caller, new LimitStore(store), compensations, this.settings, this.statistics, this::evict),
				new UnknownOutcomes(store, this.settings, compensations),
				new SessionOperations(this, new ListingStore(store, SessionOperations.CLIENT_ATTRIBUTES), index,
						indexes.values(), expiry, collector, codec, this.settings),
				new StoreObservations(this.settings.observationRegistry),
				new DestructionCallbacks(this.settings.conversion), new SessionNames(this.settings.namespace), caller);
	}

	private ValueCodec codec() {
		return ValueCodec.builder()
			.classLoader(this.classLoader)
			.allowedTypes(new AllowedTypes(this.settings.allowedTypes, this.settings.allowedLambdas))
			.typeCheck(this.settings.typeCheck)
			.form(this.settings.valueForm)
			.readForms(this.settings.readForms)
			.serializer(this.settings.serializer)
			.compression(this.settings.compression, this.settings.compressionThreshold)
			.encryption(this.settings.encryptionKeys)
			.build();
	}

	/**
	 * Begins to look for expired sessions, to listen to other nodes where that is set,
	 * and to renew the locks of requests.
	 */
	@Override
	public void start() {
		parts().store().allow();
		parts().outcomes().start();
		parts().events().start();
		SessionLocking locking = parts().locking();
		if (locking != null) {
			locking.start();
		}
		if (this.settings.collectorEnabled) {
			parts().collector().start();
		}
		else {
			parts().collector().watch();
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
		parts().collector().stop();
		parts().events().stop();
		SessionLocking locking = parts().locking();
		if (locking != null) {
			locking.stop();
		}
		parts().outcomes().stop();
		parts().store().close();
		parts().engine().drain();
		ReplicaConfirmation confirmation = parts().confirmation();
		if (confirmation != null) {
			confirmation.close();
		}
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
	 * The sessions as clients may ask for them: by their full ids only. Finding one there
	 * counts as an access. This is what a filter must be given.
	 * @return the sessions of clients
	 */
	public SessionRepository<StoredSession> clientSessions() {
		return this.clientSessions;
	}

	/**
	 * Takes the locks of clients' sessions for requests. This is what a filter must be
	 * given where sessions are locked.
	 * @return takes the locks
	 */
	public RequestLocks clientLocks() {
		return this.clientSessions;
	}

	/**
	 * What those need who look after sessions: to count, list, describe and end them.
	 * @return the operations
	 */
	public SessionOperations operations() {
		return parts().operations();
	}

	public boolean isCluster() {
		return parts().engine().isCluster();
	}

	/**
	 * What this node has counted since it started.
	 * @return the statistics
	 */
	public SessionStatistics getStatistics() {
		return this.statistics;
	}

	/**
	 * Makes a session; Redis has it once it is saved.
	 */
	@Override
	public StoredSession createSession() {
		SessionScope scope = SessionScope.current();
		boolean temporary = scope != null && scope.isAnonymous();
		if (scope != null && !temporary) {
			failAgain(scope);
		}
		SessionId id = new SessionId(SessionId.newHandle(), newSecret());
		Instant now = Instant.ofEpochMilli(this.settings.clock.millis());
		boolean bot = scope != null && scope.isBot();
		SessionSeal seal = parts().seals().create(id.handle());
		SessionAttributes attributes = attributes(seal);
		if (scope != null && this.settings.recordClient) {
			scope.client().attributes().forEach(attributes::set);
		}
		StoredSession session = new StoredSession(this, attributes, seal, id, now, this.settings.lifetimes.idle(bot),
				bot);
		if (temporary) {
			session.becomeTemporary();
		}
		if (scope != null) {
			scope.add(id.handle(), session);
		}
		if (this.settings.flushMode == FlushMode.IMMEDIATE) {
			save(session);
		}
		return session;
	}

	/**
	 * Writes what has changed: nothing, or one script with the changes only. The first
	 * save creates the session and publishes its event; what listeners then change in the
	 * session is written with one more script before this method returns. A save of a
	 * session that has ended or got another id since it was read writes nothing, and is
	 * answered as {@link SaveAfterDelete} says if there was something to write: without a
	 * change Redis isn't asked. If the value of an attribute can't be stored nothing is
	 * written, and each further attempt fails as well; but once a request has failed
	 * because of a value, its further saves leave this value out, so that its error page
	 * can be rendered.
	 * @throws IllegalArgumentException if the value of an attribute can't be stored; the
	 * message names the attribute
	 * @throws SessionLimitExceededException if it would be one too many; nothing is saved
	 */
	@Override
	public void save(StoredSession session) {
		save(session, SessionScope.current() != null);
	}

	/**
	 * Saves a session.
	 * @param leaveOut whether to leave out what has failed the request before
	 */
	void save(StoredSession session, boolean leaveOut) {
		SessionScope scope = SessionScope.current();
		if (scope != null) {
			if (scope.hasEnded(session.getHandle())) {
				return;
			}
		}
		if (writeAlone(scope, session, leaveOut)) {
			this.statistics.created.increment();
			parts().events().publish(Kind.CREATED, session);
			if (scope == null || !scope.hasEnded(session.getHandle())) {
				// What listeners have changed: nothing else in the request may save it
				writeAlone(scope, session, leaveOut);
			}
		}
	}

	/** Holds up other threads of the request that save the session. */
	private boolean writeAlone(@Nullable SessionScope scope, StoredSession session, boolean leaveOut) {
		boolean inPlace = scope == null || !scope.deferIfAsync(session.getHandle(), session);
		session.saving().lock();
		try {
			return write(scope, session, inPlace, leaveOut);
		}
		finally {
			session.saving().unlock();
		}
	}

	private boolean write(@Nullable SessionScope scope, StoredSession session, boolean inPlace, boolean leaveOut) {
		PendingSave save = pendingSave(session, inPlace, leaveOut);
		if (save == null) {
			return false;
		}
		if (session.isTemporary()) {
			requireForgettable(scope, save);
			return false;
		}
		try {
			return write(scope, session, save, inPlace, leaveOut);
		}
		catch (SessionStoreUnavailableException | SessionLimitExceededException ex) {
			discardNewId(session, save);
			throw ex;
		}
	}

	private boolean write(@Nullable SessionScope scope, StoredSession session, PendingSave save, boolean inPlace,
			boolean leaveOut) {
		if (scope != null) {
			session.lock(scope.lock(session.getHandle()));
			failAgain(scope);
		}
		Compensation<?> compensation = session.takeCompensation();
		if (compensation != null) {
			settle(session, compensation);
		}
		if (save.change() != null && SessionLocking.isForbidden(session, save.change())) {
			return false;
		}
		SessionLimits limits = parts().limits();
		Set<IndexEntry> principals = limits.arePerPrincipal() ? session.gained(save, PRINCIPAL_NAME_INDEX_NAME)
				: Set.of();
		List<Reservation> reservations = reserve(scope, session.getHandle(), principals);
		try {
			boolean created = send(scope, session, save, inPlace, leaveOut);
			if (created && session.isBackdated()) {
				PendingSave access = pendingSave(session, false, leaveOut);
				if (access != null) {
					send(scope, session, access, false, leaveOut);
				}
			}
			limits.takenUp(scope, principals);
			return created;
		}
		catch (RuntimeException ex) {
			limits.giveBack(scope, reservations);
			throw ex;
		}
	}

	/**
	 * Tells registries on this node of a log-in under an id that the client never gets.
	 */
	private void discardNewId(StoredSession session, PendingSave save) {
		if (session.changesId(save) || (save.creation() != null && hasPrincipal(save))) {
			parts().events().discard(session.getHandle(), save.secret());
		}
	}

	/** Makes sure that an earlier save is undone before it is repeated. */
	private void settle(StoredSession session, Compensation<?> compensation) {
		try {
			ask(compensation.settle());
		}
		catch (SessionStoreUnavailableException ex) {
			session.compensation(compensation);
			throw ex;
		}
	}

	private @Nullable PendingSave pendingSave(StoredSession session, boolean inPlace, boolean leaveOut) {
		return session.pendingSave(parts().indexes(), inPlace, leaveOut, this.settings, parts().seals());
	}

	private boolean send(@Nullable SessionScope scope, StoredSession session, PendingSave save, boolean inPlace,
			boolean leaveOut) {
		if (save.creation() != null) {
			return create(scope, session, save, save.creation());
		}
		PendingSave pending = save;
		SaveResult result = send(session, pending);
		for (int attempt = 0; result == SaveResult.SEAL_CHANGED && attempt < SEAL_ATTEMPTS; attempt++) {
			// Another request has sealed the session anew: what this one writes must be
			// sealed likewise
			SessionRecord present = load(session.getHandle(), session.loadedDigest());
			if (present == null) {
				result = SaveResult.GONE;
				break;
			}
			session.refresh(present);
			pending = pendingSave(session, inPlace, leaveOut);
			if (pending == null) {
				return false;
			}
			result = send(session, pending);
		}
		if (result == SaveResult.SAVED && pending.change() != null) {
			this.statistics.saved(pending.change()::bytes);
			saved(session, pending);
			if (pending.change().isOfIdentity(PRINCIPAL_NAME_INDEX_NAME)) {
				confirm(session.getHandle());
			}
		}
		else {
			discardNewId(session, pending);
			this.refusedSaves.refused(session, result);
		}
		return false;
	}

	private SaveResult send(StoredSession session, PendingSave save) {
		SessionChange change = save.change();
		if (change == null) {
			throw new IllegalStateException("The session " + session.getHandle() + " has no change to save");
		}
		SessionLocking.fence(session, change);
		try {
			return observe(StoreOperation.SAVE, () -> ask(parts().store().save(change)));
		}
		catch (SessionStoreUnavailableException ex) {
			parts().outcomes()
				.saveFailed(session, save, ex, (record) -> deleted(inEvent(record), DeletionReason.APPLICATION));
			throw ex;
		}
	}

	private boolean create(@Nullable SessionScope scope, StoredSession session, PendingSave save, NewSession creation) {
		try {
			if (parts().limits().isTotal()) {
				admit(scope, session.getHandle());
			}
			observe(StoreOperation.CREATE, () -> ask(parts().store().create(creation)));
		}
		catch (SessionStoreUnavailableException ex) {
			parts().outcomes().creationFailed(session, creation, ex);
			if (scope == null || this.settings.onUnavailable != OnUnavailable.ANONYMOUS) {
				throw ex;
			}
			requireForgettable(scope, save);
			scope.anonymous();
			session.becomeTemporary();
			return false;
		}
		this.statistics.saved(creation::bytes);
		saved(session, save);
		if (hasPrincipal(save)) {
			confirm(session.getHandle());
		}
		return true;
	}

	private void admit(@Nullable SessionScope scope, String handle) {
		observe(StoreOperation.ADMIT, () -> {
			BlockingCaller.result(parts().limits().admit(scope, handle));
			return null;
		});
	}

	/** A log-in must not be lost in silence. */
	private static void requireForgettable(@Nullable SessionScope scope, PendingSave save) {
		if (hasPrincipal(save)) {
			throw unavailable(scope);
		}
	}

	private static boolean hasPrincipal(PendingSave save) {
		return save.entries() != null
				&& save.entries().stream().anyMatch((entry) -> entry.name().equals(PRINCIPAL_NAME_INDEX_NAME));
	}

	/** Waits, where that is asked for, until a failover would keep what was written. */
	private void confirm(String handle) {
		ReplicaConfirmation confirmation = parts().confirmation();
		if (confirmation != null && !parts().observations()
			.observeConfirmation(() -> BlockingCaller
				.result(confirmation.confirm(parts().caller(), parts().store().keys().confirmation(handle))))) {
			this.statistics.unconfirmed.increment();
			logger.debug("Too few replicas have the last change of session " + handle);
		}
	}

	private static SessionStoreUnavailableException unavailable(@Nullable SessionScope scope) {
		SessionStoreUnavailableException failure = (scope != null) ? scope.failure() : null;
		return (failure != null) ? failure : new SessionStoreUnavailableException(Reason.DISCONNECTED, null, null);
	}

	private void saved(StoredSession session, PendingSave save) {
		boolean idGiven = save.creation() != null || session.changesId(save);
		session.saved(save);
		SessionScope scope = SessionScope.current();
		if (idGiven && scope != null) {
			scope.idConfirmed(session.getHandle(), session.getId());
		}
		if (save.secret() != null) {
			if (hasPrincipal(save)) {
				this.knownIds.addLoggedIn(session.getHandle(), save.secret());
			}
			else {
				this.knownIds.add(session.getHandle(), save.secret());
			}
		}
	}

	/**
	 * Reserves the place of a log-in that is about to succeed, where the sessions of a
	 * principal are limited: for an authentication mechanism that wants to refuse it
	 * itself rather than have the save refused. {@code EVALSHA reserve}, one round trip,
	 * and more only when there is no place. The place is given back when the request
	 * ends, asynchronous processing included, and the session has not got the principal;
	 * outside of requests, after 30 seconds.
	 * @param id the id, alias or handle of the session
	 * @param attributes what the log-in is going to set, by which the principal is told
	 * as in a session: {@link #PRINCIPAL_NAME_INDEX_NAME} or
	 * {@code SPRING_SECURITY_CONTEXT}, for example
	 * @throws SessionLimitExceededException if the principal has as many sessions as are
	 * allowed, and none is to go for this one
	 */
	public void reserve(String id, Map<String, ?> attributes) {
		SessionName name = names().parse(id);
		if (!parts().limits().arePerPrincipal() || name == null) {
			return;
		}
		String handle = name.handle();
		SessionScope scope = SessionScope.current();
		StoredSession session = null;
		if (scope != null) {
			failAgain(scope);
			session = (scope.session(handle) instanceof StoredSession known) ? known : null;
		}
		var unused = reserve(scope, handle, parts().indexes().principals(session, attributes));
	}

	private List<Reservation> reserve(@Nullable SessionScope scope, String handle, Collection<IndexEntry> principals) {
		if (principals.isEmpty()) {
			return List.of();
		}
		return observe(StoreOperation.RESERVE,
				() -> BlockingCaller.result(parts().limits().reserve(scope, handle, principals)));
	}

	/**
	 * Finds a session by its id, alias or handle. Does not count as an access. A session
	 * that is found by its alias or handle names itself by its alias, unless it is the
	 * session of the current request's client.
	 * @return the session, or null when there is none that lives
	 */
	@Override
	public @Nullable StoredSession findById(@Nullable String id) {
		SessionName name = names().parse(id);
		if (name == null) {
			return null;
		}
		return (name.id() != null) ? find(name.id(), false) : findByHandle(name.handle());
	}

	/**
	 * Finds the session of a request's client, which counts as an access.
	 */
	@Nullable StoredSession findForClient(String value) {
		SessionScope scope = SessionScope.current();
		SessionId id = SessionId.parse(value);
		if (scope != null && scope.isAnonymous() && (id == null || scope.session(id.handle()) == null)) {
			return null;
		}
		SessionMigration migration = parts().migration();
		try {
			if (scope != null) {
				this.sentIds.prepare(scope, migration);
			}
			StoredSession found = (id != null && (migration == null || !SessionMigration.isForeign(value)))
					? find(id, true) : null;
			return (found != null || migration == null) ? found : findElsewhere(migration, scope, value);
		}
		catch (SessionStoreUnavailableException ex) {
			if (scope == null) {
				throw ex;
			}
			if (this.settings.onUnavailable == OnUnavailable.ANONYMOUS) {
				scope.anonymous();
				return null;
			}
			scope.clientUnknown();
			throw ex;
		}
	}

	/**
	 * The id that the session of a request's client has here, also when it is only now
	 * taken over from elsewhere; null when there is none.
	 */
	public @Nullable SessionId here(SessionScope scope, SessionId id) {
		SessionMigration migration = parts().migration();
		this.sentIds.prepare(scope, migration);
		return (migration != null && SessionMigration.isForeign(id.value())) ? takeOver(migration, scope, id.value())
				: id;
	}

	/** The session of a client that comes with an id of Spring Session's repository. */
	private @Nullable StoredSession findElsewhere(SessionMigration migration, @Nullable SessionScope scope, String id) {
		SessionId here = takeOver(migration, scope, id);
		return (here != null) ? find(here, true) : null;
	}

	private @Nullable SessionId takeOver(SessionMigration migration, @Nullable SessionScope scope, String id) {
		String known = (scope != null) ? scope.replacement(id) : null;
		SessionId replacement = (known != null) ? SessionId.parse(known) : null;
		if (known == null) {
			if (scope != null) {
				if (scope.isAnswered()) {
					return null;
				}
				failAgain(scope);
			}
			replacement = observe(StoreOperation.TAKE_OVER,
					() -> askNow(() -> BlockingCaller.result(migration.takeOver(id))));
			if (scope != null) {
				scope.replace(id, (replacement != null) ? replacement.value() : "");
			}
		}
		return replacement;
	}

	/**
	 * Takes the lock of a session for the present request, which keeps it until its end:
	 * {@code EVALSHA lock}, one round trip, and as long as another request has it. If the
	 * request has loaded the session already it is read again in place: what other
	 * requests have written is there then, and what this one has changed and not yet
	 * saved stays. Does nothing when the request has the lock, or goes on without.
	 *
	 * <p>
	 * Two requests that each lock a session of their own and then the other's wait for
	 * each other until one may wait no longer.
	 * @param id the session's id, alias or handle
	 * @return whether there is such a session
	 * @throws SessionStoreUnavailableException if there is no answer, or the lock can't
	 * be had and the request is to be refused then
	 * @throws IllegalStateException outside of requests, where nobody would release the
	 * lock, and when sessions are not locked
	 */
	public boolean lock(String id) {
		SessionScope scope = SessionScope.current();
		if (scope == null) {
			throw new IllegalStateException("There is no request at whose end the lock would be released");
		}
		SessionName name = names().parse(id);
		return name != null && locking().lock(scope, name.handle(), name.id(), false);
	}

	/** Takes the lock of the session of a request's client. */
	boolean lockForClient(SessionId id) {
		SessionScope scope = SessionScope.current();
		return scope != null && locking().lockForClient(scope, id);
	}

	private SessionLocking locking() {
		SessionLocking locking = parts().locking();
		if (locking == null) {
			throw new IllegalStateException("Sessions are not locked: setLocks(...) was not called");
		}
		return locking;
	}

	/** A new id is given to who logs in, and that must not be lost in silence. */
	public void requireLasting(StoredSession session) {
		if (session.isTemporary()) {
			throw unavailable(SessionScope.current());
		}
	}

	private @Nullable StoredSession find(SessionId id, boolean access) {
		SessionScope scope = SessionScope.current();
		if (scope != null) {
			if (scope.hasEnded(id.handle()) || scope.isUnknown(id.value()) || scope.isAnswered()) {
				return null;
			}
			if (scope.session(id.handle()) instanceof StoredSession known) {
				if (known.isKnownBy(id.secret())) {
					return known;
				}
				if (known.isIdKnown()) {
					return null;
				}
				// Found by its handle before: only Redis can tell whether the id is
				// right.
			}
			failAgain(scope);
		}
		byte[] digest = SessionHeader.digest(id.secret());
		SessionRecord found = observe(StoreOperation.LOAD,
				() -> ask(parts().store().load(id.handle(), digest, access ? this.settings.touchInterval : null)));
		if (found == null) {
			if (scope != null) {
				scope.addUnknown(id.value());
			}
			return null;
		}
		return found(scope, id, found, access, access);
	}

	/** Reads the sessions of ids that a client has sent; an access to the first one. */
	public List<CompletionStage<@Nullable SessionRecord>> loadEach(List<SessionId> ids, boolean access) {
		return parts().store().loadEach(ids, access ? this.settings.touchInterval : null);
	}

	/**
	 * Takes what was read for the session of an id.
	 * @param ofClient whether a client asks for its session
	 * @param accessNoted whether reading it was noted as an access
	 * @return the session; null where it can't be used
	 */
	public @Nullable StoredSession found(@Nullable SessionScope scope, SessionId id, SessionRecord found,
			boolean ofClient, boolean accessNoted) {
		if (found.touchRefused()) {
			this.statistics.refusedTouches.increment();
		}
		countPlain(found);
		StoredSession session = new StoredSession(this, attributes(found.seal()), found, id.secret(), true, accessNoted,
				now());
		if (ofClient && this.settings.onUnreadable == OnUnreadable.DROP_SESSION && !session.isReadable()) {
			this.statistics.store.add(LookupResult.UNREADABLE);
			delete(id.handle(), id, DeletionReason.UNREADABLE);
			return null;
		}
		this.statistics.store.add(LookupResult.HIT);
		this.knownIds.add(id.handle(), id.secret());
		if (scope != null) {
			session.lock(scope.lock(id.handle()));
			scope.put(id.handle(), session);
		}
		return session;
	}

	/** Reads a session, which is no access. */
	public @Nullable SessionRecord load(String handle, byte @Nullable [] digest) {
		SessionRecord found = observe(StoreOperation.LOAD, () -> ask(parts().store().load(handle, digest, null)));
		if (found != null) {
			this.statistics.store.add(LookupResult.HIT);
			countPlain(found);
		}
		return found;
	}

	private void countPlain(SessionRecord found) {
		if (parts().seals().isTolerated(found.seal())) {
			this.statistics.plainSessions.increment();
		}
	}

	private @Nullable StoredSession findByHandle(String handle) {
		SessionScope scope = SessionScope.current();
		if (scope != null) {
			if (scope.hasEnded(handle)) {
				return null;
			}
			if (scope.session(handle) instanceof StoredSession known) {
				return known;
			}
			failAgain(scope);
		}
		SessionRecord found = load(handle, null);
		return (found != null) ? keep(scope, byHandle(found)) : null;
	}

	private static StoredSession keep(@Nullable SessionScope scope, StoredSession session) {
		if (scope != null) {
			scope.add(session.getHandle(), session);
			if (scope.session(session.getHandle()) instanceof StoredSession kept) {
				kept.lock(scope.lock(session.getHandle()));
				return kept;
			}
		}
		return session;
	}

	private StoredSession byHandle(SessionRecord session) {
		// The client's own session is fenced by the id that the client has sent
		String secret = SessionNames.ownSecret(SessionScope.current(), session);
		return new StoredSession(this, attributes(session.seal()), session, secret, secret != null, false, now());
	}

	public SessionNames names() {
		return parts().names();
	}

	/**
	 * Deletes a session by its id, alias or handle, if it lives.
	 */
	@Override
	public void deleteById(@Nullable String id) {
		delete(id, DeletionReason.APPLICATION);
	}

	/** Deletes a session by its id, alias or handle; whether there was one. */
	public boolean delete(@Nullable String id, DeletionReason reason) {
		SessionName name = names().parse(id);
		return name != null && delete(name.handle(), name.id(), reason);
	}

	/** Deletes a session by its id, or by its handle; whether there was one. */
	public boolean delete(String handle, @Nullable SessionId sessionId, DeletionReason reason) {
		SessionScope scope = SessionScope.current();
		StoredSession known = null;
		if (scope != null) {
			if (scope.hasEnded(handle)) {
				return false;
			}
			if (scope.session(handle) instanceof StoredSession session
					&& (sessionId == null || session.isKnownBy(sessionId.secret()))) {
				known = session;
			}
		}
		if (known != null && known.isTemporary()) {
			// Whoever logs out must not take it for done
			throw unavailable(scope);
		}
		SessionRecord deleted = null;
		if (known == null || known.isStored()) {
			// The session at hand proves the right to delete it, whatever its id is by
			// now.
			byte[] digest = (sessionId != null && known == null) ? SessionHeader.digest(sessionId.secret()) : null;
			deleted = delete(handle, digest, known, reason);
			if (deleted != null) {
				confirm(handle);
				deleted((known != null) ? known : inEvent(deleted), reason);
			}
			else if (known == null) {
				return false;
			}
		}
		if (scope != null) {
			scope.end(handle);
		}
		return deleted != null;
	}

	private @Nullable SessionRecord delete(String handle, byte @Nullable [] digest, @Nullable StoredSession known,
			DeletionReason reason) {
		boolean content = known == null;
		try {
			return observe(StoreOperation.DELETE, () -> ask(parts().store().delete(handle, digest, content)));
		}
		catch (SessionStoreUnavailableException ex) {
			deletionFailed(handle, digest, known, reason, ex);
			throw ex;
		}
	}

	private CompletionStage<?> evict(String handle) {
		return CompletableFuture.completedFuture(delete(handle, null, DeletionReason.LIMIT));
	}

	/** Has a deletion completed, and its event published, in the background. */
	private void deletionFailed(String handle, byte @Nullable [] digest, @Nullable StoredSession known,
			DeletionReason reason, SessionStoreUnavailableException failure) {
		parts().outcomes().deletionFailed(handle, digest, known == null, failure, (record) -> {
			if (known != null) {
				deleted(known, reason);
			}
			else if (record != null) {
				deleted(inEvent(record), reason);
			}
			else {
				// Whether the first attempt deleted it or there was none can't be told
				deleted(ofMessage(handle, () -> null), reason);
			}
		});
	}

	private void deleted(StoredSession session, DeletionReason reason) {
		parts().outcomes().deleted(session.getHandle());
		this.statistics.addDeleted(reason);
		session.ended(this.knownIds.last(session.getHandle()));
		parts().events().publish(Kind.DELETED, session);
	}

	private void expired(SessionRecord session) {
		this.statistics.expired.increment();
		parts().events().publish(Kind.EXPIRED, inEvent(session));
	}

	/** A session that has ended, under the id by which this node's registries know it. */
	private StoredSession inEvent(SessionRecord session) {
		String secret = (session.secret() != null) ? session.secret() : this.knownIds.last(session.handle());
		return new StoredSession(this, attributes(session.seal()), session, secret, false, false, now());
	}

	/**
	 * Finds sessions by what they are indexed under: two round trips, and one more for
	 * each 4 MB of large sessions, which come over a separate connection. A sealed
	 * session counts only if its own attributes confirm the index value.
	 *
	 * <p>
	 * The session of the current request's client is named by its id; all others, on
	 * every node, by an alias that opens nothing. {@code get}, {@code containsKey},
	 * {@code remove} and {@code keySet().contains} of the map take the id, the alias and
	 * the handle of a session, as do the methods of this repository.
	 * @param indexName the index, for example {@link #PRINCIPAL_NAME_INDEX_NAME}
	 * @param indexValue the value; null, which no session has, finds none
	 * @return the sessions by what {@link StoredSession#getId()} returns, in the order of
	 * the index; can be modified
	 */
	@Override
	public Map<String, StoredSession> findByIndexNameAndIndexValue(@Nullable String indexName,
			@Nullable String indexValue) {
		if (indexName == null || indexValue == null) {
			return new FoundSessions(names());
		}
		return observe(StoreOperation.FIND, () -> find(indexName, indexValue));
	}

	private Map<String, StoredSession> find(String indexName, String indexValue) {
		Map<IndexEntry, List<String>> found = ask(
				parts().index().handles(parts().indexes().values().entries(indexName, indexValue)));
		List<String> handles = found.values().stream().flatMap(List::stream).distinct().toList();
		Map<String, StoredSession> byHandle = new HashMap<>();
		Map<String, Set<IndexEntry>> entries = new HashMap<>();
		Set<String> gone = new HashSet<>();
		SessionScope scope = SessionScope.current();
		loadAll(handles, (loaded) -> {
			gone.addAll(loaded.gone());
			for (SessionRecord session : loaded.sessions()) {
				Set<IndexEntry> present = session.entries();
				entries.put(session.handle(), present);
				if (!Collections.disjoint(present, found.keySet()) && confirms(session, indexName, indexValue)
						&& (scope == null || !scope.hasEnded(session.handle()))) {
					byHandle.put(session.handle(), keep(scope, byHandle(session)));
				}
			}
		});
		FoundSessions sessions = new FoundSessions(names());
		for (String handle : handles) {
			StoredSession session = byHandle.get(handle);
			if (session != null) {
				sessions.add(session);
			}
		}
		found.forEach((entry, members) -> parts().index().prune(entry, members.stream().filter((handle) -> {
			Set<IndexEntry> present = entries.get(handle);
			return (present != null) ? !present.contains(entry) : gone.contains(handle);
		}).toList()));
		return sessions;
	}

	/**
	 * Reads sessions without delaying requests for longer than a few megabytes take:
	 * {@code EVALSHA load} for each, in one round trip for 500; then those that are too
	 * large for that, over a separate connection.
	 */
	private void loadAll(List<String> handles, Consumer<LoadedSessions> consumer) {
		SessionStore store = parts().store();
		for (int from = 0; from < handles.size(); from += LOAD_CHUNK) {
			LoadedSessions loaded = ask(
					store.loadAll(handles.subList(from, Math.min(from + LOAD_CHUNK, handles.size()))));
			consumer.accept(loaded);
			for (List<Large> batch : SessionStore.batches(loaded.large())) {
				consumer.accept(ask(store.loadLarge(batch)));
			}
		}
	}

	/**
	 * Whether a session that an index leads to belongs there. Only a sealed session can
	 * tell more than the index.
	 */
	private boolean confirms(SessionRecord session, String indexName, String indexValue) {
		return !session.seal().isSealed() || byHandle(session).confirms(parts().indexes(),
				parts().indexes().values().entry(indexName, indexValue));
	}

	/** Those of the sessions that belong to an index value. */
	public Set<String> confirming(List<String> handles, String indexName, String indexValue) {
		Set<String> confirming = new HashSet<>();
		loadAll(handles, (loaded) -> {
			for (SessionRecord session : loaded.sessions()) {
				if (confirms(session, indexName, indexValue)) {
					confirming.add(session.handle());
				}
			}
		});
		return confirming;
	}

	/**
	 * Deletes all sessions of an index value: two round trips to find 500 of them, one
	 * for each 250 to delete them, and between these the removal of their hints.
	 * @param indexName the index, for example {@link #PRINCIPAL_NAME_INDEX_NAME}
	 * @param indexValue the value
	 * @return how many were deleted
	 */
	public int deleteByIndexNameAndIndexValue(@Nullable String indexName, @Nullable String indexValue) {
		return deleteByIndex(indexName, indexValue, DeletionReason.INDEX);
	}

	public int deleteByIndex(@Nullable String indexName, @Nullable String indexValue, DeletionReason reason) {
		Collection<StoredSession> found = findByIndexNameAndIndexValue(indexName, indexValue).values();
		if (found.isEmpty()) {
			return 0;
		}
		SessionScope scope = SessionScope.current();
		List<StoredSession> deleted = new ArrayList<>(found.size());
		try {
			observe(StoreOperation.DELETE, () -> deleteAll(scope, found, deleted, reason));
		}
		finally {
			// Also those before one that Redis did not answer for
			for (StoredSession session : deleted) {
				confirm(session.getHandle());
				deleted(session, reason);
				if (scope != null) {
					scope.end(session.getHandle());
				}
			}
		}
		return deleted.size();
	}

	private @Nullable Void deleteAll(@Nullable SessionScope scope, Collection<StoredSession> sessions,
			List<StoredSession> deleted, DeletionReason reason) {
		List<StoredSession> all = List.copyOf(sessions);
		for (int from = 0; from < all.size(); from += DELETE_CHUNK) {
			if (from > 0) {
				// Several commands for each session, which must not fill the queue
				ask(parts().store().backgroundDone());
			}
			deleteChunk(scope, all.subList(from, Math.min(from + DELETE_CHUNK, all.size())), deleted, reason);
		}
		return null;
	}

	private void deleteChunk(@Nullable SessionScope scope, List<StoredSession> sessions, List<StoredSession> deleted,
			DeletionReason reason) {
		List<CompletionStage<@Nullable SessionRecord>> deletions = new ArrayList<>(sessions.size());
		for (StoredSession session : sessions) {
			deletions.add(parts().store().delete(session.getHandle(), null, false));
		}
		int index = 0;
		SessionStoreUnavailableException failure = null;
		for (StoredSession session : sessions) {
			try {
				if (ask(deletions.get(index++)) != null) {
					deleted.add(session);
				}
				else if (scope != null) {
					scope.end(session.getHandle());
				}
			}
			catch (SessionStoreUnavailableException ex) {
				deletionFailed(session.getHandle(), null, session, reason, ex);
				failure = ex;
			}
		}
		if (failure != null) {
			throw failure;
		}
	}

	/**
	 * Deletes all sessions of a principal, on all devices.
	 * @param principalName the name of the principal
	 * @return how many were deleted
	 */
	public int deleteByPrincipalName(@Nullable String principalName) {
		return deleteByIndexNameAndIndexValue(PRINCIPAL_NAME_INDEX_NAME, principalName);
	}

	/** A session of another node's message, which is read when a listener needs it. */
	public StoredSession ofMessage(String handle, Supplier<@Nullable SessionRecord> content) {
		return new StoredSession(this, attributes(SessionSeal.none(handle)), handle, this.knownIds.last(handle), now(),
				this.settings.lifetimes.idle, content);
	}

	/** Notes an id that a session of this node is given, before it is saved. */
	public void newId(String handle, String secret) {
		this.knownIds.register(handle, secret);
	}

	public String newSecret() {
		SessionIdGenerator generator = this.settings.idGenerator;
		return (generator != null) ? generateSecret(generator) : SessionId.newSecret(this.settings.idBytes);
	}

	private static String generateSecret(SessionIdGenerator generator) {
		return SessionId.checkSecret(generator.generate(), generator.getClass());
	}

	public Instant now() {
		return this.settings.clock.instant();
	}

	/** An idle timeout that code asks for, within the bounds that are set. */
	public Duration bounded(Duration interval) {
		return this.settings.lifetimes.bounded(interval);
	}

	/** Whether an access that long after the last one is to be noted. */
	public boolean isTouchDue(Duration age, Duration idleTimeout) {
		Duration interval = this.settings.touchInterval;
		if (!idleTimeout.isNegative() && interval.compareTo(idleTimeout.dividedBy(10)) > 0) {
			interval = idleTimeout.dividedBy(10);
		}
		return age.compareTo(interval) >= 0;
	}

	private SessionAttributes attributes(SessionSeal seal) {
		return new SessionAttributes(seal, parts().codec(), this.settings.saveMode, parts().unreadable(),
				parts().conversion());
	}

	/** Lets those who observe the store see an operation. */
	public <T extends @Nullable Object> T observe(StoreOperation operation, Supplier<T> question) {
		return parts().observations().observe(operation, question);
	}

	/** Waits for Redis. In a request that it failed, it is not waited for again. */
	public <T extends @Nullable Object> T ask(CompletionStage<T> stage) {
		return askNow(() -> parts().store().await(stage));
	}

	public static <T extends @Nullable Object> T askNow(Supplier<T> question) {
		try {
			return question.get();
		}
		catch (SessionStoreUnavailableException ex) {
			SessionScope scope = SessionScope.current();
			if (scope != null) {
				scope.fail(ex);
			}
			throw ex;
		}
	}

	public static void failAgain(SessionScope scope) {
		SessionStoreUnavailableException failure = scope.failure();
		if (failure != null) {
			throw failure;
		}
	}

	private Parts parts() {
		if (this.parts == null) {
			throw new IllegalStateException("afterPropertiesSet() must be called first");
		}
		return this.parts;
	}

	/** What does the work. */
	private record Parts(CallSender engine, SessionStore store, SessionSeals seals, @Nullable SessionLocking locking,
			IndexStore index, SessionEvents events, Collector collector, ValueCodec codec, SessionIndexes indexes,
			UnreadableAttributes unreadable, @Nullable ReplicaConfirmation confirmation,
			@Nullable SessionMigration migration, SessionLimits limits, UnknownOutcomes outcomes,
			SessionOperations operations, StoreObservations observations, AttributeConversion conversion,
			SessionNames names, Caller caller) {
	}

}
