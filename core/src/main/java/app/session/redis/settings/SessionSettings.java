package app.session.redis.settings;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Set;

import app.session.redis.OptionNames;
import app.session.redis.SessionId;
import app.session.redis.codec.CompressionAlgorithm;
import app.session.redis.codec.EncryptionKeys;
import app.session.redis.codec.TypeCheck;
import app.session.redis.codec.TypeRefusedException;
import app.session.redis.codec.ValueForm;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.serializer.RedisSerializer;
import org.springframework.session.FlushMode;
import org.springframework.session.IndexResolver;
import org.springframework.session.Session;
import org.springframework.session.SessionIdGenerator;

/**
 * The options of the session store. A repository copies them when it is created, so that
 * later changes have no effect on it. Not safe for concurrent use while options are being
 * changed.
 */
public final class SessionSettings implements Cloneable {

	private String namespace = Defaults.NAMESPACE;

	private Lifetimes lifetimes = Lifetimes.DEFAULT;

	private Duration touchInterval = Duration.ZERO;

	private Duration grace = Duration.ofMinutes(Defaults.GRACE_MINUTES);

	private @Nullable String migrateFrom;

	private SaveMode saveMode = Defaults.constant(SaveMode.class, Defaults.SAVE_MODE);

	private FlushMode flushMode = Defaults.constant(FlushMode.class, Defaults.FLUSH_MODE);

	private SaveAfterDelete saveAfterDelete = Defaults.constant(SaveAfterDelete.class, Defaults.SAVE_AFTER_DELETE);

	private OnUnreadable onUnreadable = Defaults.constant(OnUnreadable.class, Defaults.ON_UNREADABLE);

	private OnUnavailable onUnavailable = Defaults.constant(OnUnavailable.class, Defaults.ON_UNAVAILABLE);

	private @Nullable CircuitBreaker circuitBreaker;

	private int confirmReplicas;

	private Duration confirmTimeout = Duration.ofMillis(Defaults.CONFIRM_TIMEOUT_MILLIS);

	private @Nullable LockSettings locks;

	private int limitPerPrincipal;

	private OnExceeded onExceeded = Defaults.constant(OnExceeded.class, Defaults.ON_EXCEEDED);

	private int limitTotal;

	private EventDelivery events = Defaults.constant(EventDelivery.class, Defaults.EVENTS);

	private boolean protectIds = true;

	private int idBytes = Defaults.ID_BYTES;

	private @Nullable SessionIdGenerator idGenerator;

	private @Nullable IndexResolver<Session> indexResolver;

	private List<String> indexedAttributes = List.of();

	private @Nullable RedisSerializer<Object> serializer;

	private ValueForm valueForm = ValueForm.JDK;

	private Set<ValueForm> readForms = Set.of();

	private AttributeConversion conversion = AttributeConversion.NONE;

	private List<String> allowedTypes = List.of();

	private TypeCheck typeCheck = Defaults.constant(TypeCheck.class, Defaults.TYPE_CHECK);

	private List<String> allowedLambdas = List.of();

	private CompressionAlgorithm compression = Defaults.constant(CompressionAlgorithm.class, Defaults.COMPRESSION);

	private int compressionThreshold;

	private @Nullable EncryptionKeys encryptionKeys;

	private @Nullable Instant acceptPlainUntil;

	private boolean recordClient;

	private boolean collectorEnabled = true;

	private Duration collectorInterval = Duration.ofSeconds(Defaults.COLLECTOR_INTERVAL_SECONDS);

	private Duration collectorLease = Duration.ofSeconds(10);

	private int collectorBatchSize = Defaults.COLLECTOR_BATCH_SIZE;

	private Duration commandTimeout = Defaults.COMMAND_TIMEOUT;

	private ObservationRegistry observationRegistry = ObservationRegistry.NOOP;

	private Clock clock = Clock.systemUTC();

	private OptionNames optionNames = OptionNames.METHODS;

	/**
	 * Sets the prefix of all keys. Default: {@code app:session}.
	 * @param namespace the namespace
	 */
	public void setNamespace(String namespace) {
		this.namespace = namespace;
	}

	/**
	 * Sets the idle timeout of new sessions. Default: 30 minutes.
	 * @param interval the idle timeout; with zero or less, sessions never expire
	 */
	public void setDefaultMaxInactiveInterval(Duration interval) {
		this.lifetimes = this.lifetimes.withIdle(interval);
	}

	/**
	 * Sets how long a new session lives at most, even if it is in constant use. Default:
	 * zero, without limit.
	 * @param timeout the absolute timeout; zero for none
	 */
	public void setAbsoluteTimeout(Duration timeout) {
		this.lifetimes = this.lifetimes.withAbsolute(timeout);
	}

	/**
	 * Sets the bounds of positive idle timeouts that the application sets with
	 * {@code setMaxInactiveInterval}. A timeout outside of them is replaced by the nearer
	 * bound. Default: zero and 30 days.
	 * @param min the shortest idle timeout
	 * @param max the longest idle timeout; not below the shortest
	 */
	public void setTimeoutBounds(Duration min, Duration max) {
		this.lifetimes = this.lifetimes.withBounds(min, max);
	}

	/**
	 * Sets the idle timeout of a new session until its client sends a second request with
	 * it. Most sessions that are never used again are those of crawlers and of visitors
	 * who leave at once. A value that is not below the idle timeout has no effect.
	 * Default: zero, the idle timeout applies from the start.
	 * @param timeout the idle timeout before the second request; zero for none
	 */
	public void setFirstTimeout(Duration timeout) {
		this.lifetimes = this.lifetimes.withFirst(timeout);
	}

	/**
	 * Sets the idle timeouts of crawlers' sessions, if the filter detects crawlers.
	 * Default: 60 seconds until the second request, then the idle timeout of other
	 * sessions, but at most two hours.
	 * @param first the idle timeout before the second request; zero for none
	 * @param timeout the idle timeout afterwards; null for the default
	 */
	public void setBotTimeouts(Duration first, @Nullable Duration timeout) {
		this.lifetimes = this.lifetimes.withBotTimeouts(first, timeout);
	}

	/**
	 * Sets the namespace from which living sessions are migrated when their clients
	 * return: that of Spring Session's {@code RedisSessionRepository} or
	 * {@code RedisIndexedSessionRepository} in the same Redis, whose values were written
	 * by Java serialization or by the {@linkplain #setDefaultSerializer serializer} that
	 * is set here. A migrated session gets a new id and is deleted in the old namespace.
	 * Costs one more round trip for each request with an unknown id, and four for each
	 * migrated session. Default: no migration.
	 * @param namespace the namespace; Spring Session's default is {@code spring:session}
	 */
	public void setMigrateFrom(String namespace) {
		this.migrateFrom = namespace;
	}

	/**
	 * Sets the shortest time between two recorded accesses of a session. At most a tenth
	 * of the session's idle timeout is used. Default: zero, every access is recorded.
	 * @param interval the interval
	 */
	public void setTouchInterval(Duration interval) {
		this.touchInterval = interval;
	}

	/**
	 * Sets how long the content of an expired session is kept, so that its expiry can be
	 * published as an event. Applies to sessions that are created from now on. Default: 5
	 * minutes.
	 * @param grace the grace: at least the collector's lease and interval together, at
	 * most 49 days
	 */
	public void setGrace(Duration grace) {
		this.grace = grace;
	}

	/**
	 * Sets which attributes a save writes. Default: {@link SaveMode#ON_CHANGE}.
	 * @param saveMode the mode
	 */
	public void setSaveMode(SaveMode saveMode) {
		this.saveMode = saveMode;
	}

	/**
	 * Sets when changes are written. Default: {@link FlushMode#ON_SAVE}.
	 * @param flushMode the mode
	 */
	public void setFlushMode(FlushMode flushMode) {
		this.flushMode = flushMode;
	}

	/**
	 * Sets how a save with changes is handled if the session has ended in the meantime.
	 * Default: {@link SaveAfterDelete#IGNORE}.
	 * @param saveAfterDelete the handling
	 */
	public void setSaveAfterDelete(SaveAfterDelete saveAfterDelete) {
		this.saveAfterDelete = saveAfterDelete;
	}

	/**
	 * Sets whether Redis holds only digests of session ids, so that read access to Redis
	 * is not enough to take over a session. Default: true.
	 * @param protectIds whether ids are protected
	 */
	public void setProtectIds(boolean protectIds) {
		this.protectIds = protectIds;
	}

	/**
	 * Sets the number of random bytes in the secret of a session id. Default: 32.
	 * @param idBytes the number of bytes, from 16 to 192
	 * @throws IllegalArgumentException if the number is outside of these bounds
	 */
	public void setIdBytes(int idBytes) {
		if (idBytes < Defaults.MIN_ID_BYTES || idBytes > SessionId.MAX_SECRET_BYTES) {
			throw new IllegalArgumentException("An id must have " + Defaults.MIN_ID_BYTES + " to "
					+ SessionId.MAX_SECRET_BYTES + " random bytes, not " + idBytes);
		}
		this.idBytes = idBytes;
	}

	/**
	 * Sets the generator of the secrets of session ids. Generates one id, which is
	 * checked and not used, so that an unsuitable generator fails here rather than with
	 * each new session. Default: none, secrets are random.
	 * @param generator the generator, whose ids must have 16 to 256 characters out of
	 * {@code A-Z a-z 0-9 . _ ~ -}
	 * @throws IllegalStateException if the generated id is unsuitable; the message names
	 * the type of the generator
	 */
	public void setSessionIdGenerator(SessionIdGenerator generator) {
		SessionId.checkSecret(generator.generate(), generator.getClass());
		this.idGenerator = generator;
	}

	/**
	 * Sets the resolver of index values by which sessions can be found, in addition to
	 * their principal. If it resolves the principal too, its value is used. Default:
	 * none.
	 * @param resolver the resolver
	 */
	public void setIndexResolver(IndexResolver<Session> resolver) {
		this.indexResolver = resolver;
	}

	/**
	 * Sets the attributes by whose values sessions can be found. If the value is a
	 * collection, the session can be found by each of its elements. Saving a session that
	 * would have more than 5,000 index entries fails with an
	 * {@link IllegalArgumentException}. Default: none.
	 * @param attributes the names of the attributes
	 */
	public void setIndexedAttributes(Collection<String> attributes) {
		this.indexedAttributes = List.copyOf(attributes);
	}

	/**
	 * Sets the nodes on which session events are published. Default:
	 * {@link EventDelivery#LOCAL}.
	 * @param events the nodes
	 */
	public void setEvents(EventDelivery events) {
		this.events = events;
	}

	/**
	 * Sets whether a new session records its client's address and user agent, in the
	 * attributes {@code app.session.redis.client-address} and
	 * {@code app.session.redis.user-agent}. Default: false.
	 * @param recordClient whether clients are recorded
	 */
	public void setRecordClient(boolean recordClient) {
		this.recordClient = recordClient;
	}

	/**
	 * Sets whether this node runs the collector, which finds expired sessions. If no node
	 * runs it, expired sessions are neither published as events nor removed from indexes.
	 * Default: true.
	 * @param enabled whether the collector runs
	 */
	public void setCollectorEnabled(boolean enabled) {
		this.collectorEnabled = enabled;
	}

	/**
	 * Sets how often the collector runs. Default: every second.
	 * @param interval the interval
	 */
	public void setCollectorInterval(Duration interval) {
		this.collectorInterval = interval;
	}

	/**
	 * Sets the lease of the collector: the time after which another node runs it if this
	 * one has died. Default: 10 seconds.
	 * @param lease the lease
	 */
	public void setCollectorLease(Duration lease) {
		this.collectorLease = lease;
	}

	/**
	 * Sets how many expired sessions the collector claims in one step. Default: 500.
	 * @param batchSize the number of sessions, at least 1
	 */
	public void setCollectorBatchSize(int batchSize) {
		this.collectorBatchSize = batchSize;
	}

	/**
	 * Sets how attributes that can't be read are treated. Default:
	 * {@link OnUnreadable#DROP_ATTRIBUTE}.
	 * @param onUnreadable the treatment
	 */
	public void setOnUnreadable(OnUnreadable onUnreadable) {
		this.onUnreadable = onUnreadable;
	}

	/**
	 * Sets how a request is handled if its session can't be read because Redis is
	 * unavailable. Default: {@link OnUnavailable#ERROR}.
	 * @param onUnavailable the handling
	 */
	public void setOnUnavailable(OnUnavailable onUnavailable) {
		this.onUnavailable = onUnavailable;
	}

	/**
	 * Sets the circuit breaker that decides whether commands are sent to Redis. While it
	 * is open, a {@code PING} is sent every 200 ms, and its reply closes the circuit
	 * breaker. Only outages count as failures, timeouts included. Not used on a cluster,
	 * where the outage of one primary doesn't affect the others. Default: none, commands
	 * are always sent.
	 * @param circuitBreaker the circuit breaker, which must not be used elsewhere
	 */
	public void setCircuitBreaker(CircuitBreaker circuitBreaker) {
		this.circuitBreaker = circuitBreaker;
	}

	/**
	 * Sets how many replicas must acknowledge a log-in, a change of the session id or a
	 * log-out before the caller continues, so that a failover doesn't undo it. If they
	 * don't acknowledge it in time, the caller continues nevertheless, and a counter is
	 * incremented. Costs one more round trip for each of these. Default: none.
	 * @param replicas the number of replicas; zero for none
	 * @param timeout how long to wait for them; below the command timeout
	 */
	public void setConfirmReplicas(int replicas, Duration timeout) {
		this.confirmReplicas = replicas;
		this.confirmTimeout = timeout;
	}

	/**
	 * Sets how sessions are locked, so that requests of the same session run one at a
	 * time. Default: null, sessions are not locked.
	 * @param locks the settings of the locks; null for no locks
	 */
	public void setLocks(@Nullable LockSettings locks) {
		this.locks = locks;
	}

	/**
	 * Sets how many sessions a principal may have. A log-in, that is, a save that adds
	 * the principal to a session, first reserves a place: one more round trip, and
	 * further ones only if no place is free. The limit is exact regardless of the number
	 * of concurrent log-ins and nodes, on a cluster too, provided that all nodes have the
	 * same limit. (On a cluster, it can be exceeded by one if a log-in is delayed for
	 * more than 100 ms between its two writes.) A session that ends or expires, or whose
	 * principal changes, gives its place back. Default: no limit.
	 * @param sessions the number of sessions; zero for no limit
	 * @param onExceeded how a log-in beyond the limit is treated
	 * @throws IllegalArgumentException if the number is negative
	 */
	public void setLimitPerPrincipal(int sessions, OnExceeded onExceeded) {
		if (sessions < 0) {
			throw new IllegalArgumentException("A principal can't be limited to " + sessions + " sessions");
		}
		this.limitPerPrincipal = sessions;
		this.onExceeded = onExceeded;
	}

	/**
	 * Sets how many sessions can exist in total. Beyond this limit, no session is
	 * created. Costs one more round trip for each new session. The limit is exact on a
	 * single server. On a cluster, sessions that are created concurrently don't count
	 * each other, so that the limit can be exceeded by their number. Expired sessions
	 * count until the collector finds them. Default: no limit.
	 * @param sessions the number of sessions; zero for no limit
	 * @throws IllegalArgumentException if the number is negative
	 */
	public void setLimitTotal(int sessions) {
		if (sessions < 0) {
			throw new IllegalArgumentException("All sessions can't be limited to " + sessions);
		}
		this.limitTotal = sessions;
	}

	/**
	 * Sets the serializer of attributes, which replaces the built-in ones. The allowed
	 * types don't apply to it: it must itself restrict the types that it creates.
	 * Default: none.
	 * @param serializer the serializer
	 */
	public void setDefaultSerializer(RedisSerializer<Object> serializer) {
		this.serializer = serializer;
	}

	/**
	 * Sets the form in which attributes are written, unless a
	 * {@linkplain #setDefaultSerializer serializer} is set. Default:
	 * {@link ValueForm#JDK}.
	 * @param form the form
	 * @see #setReadForms
	 */
	public void setValueForm(ValueForm form) {
		this.valueForm = form;
	}

	/**
	 * Sets the forms that are read in addition to the form that is written. Write access
	 * to Redis is enough to run the deserializers of all of them. To change the form
	 * while sessions live, first set both forms here on every node. Default: none.
	 * @param forms the forms
	 */
	public void setReadForms(Collection<ValueForm> forms) {
		this.readForms = Set.copyOf(forms);
	}

	/**
	 * Sets how values are converted before they are serialized and after they are
	 * deserialized. Destruction callbacks of session-scoped beans are never stored,
	 * whatever the conversion returns for them. Default:
	 * {@link AttributeConversion#NONE}.
	 * @param conversion the conversion
	 */
	public void setAttributeConversion(AttributeConversion conversion) {
		this.conversion = conversion;
	}

	/**
	 * Sets the types that may be stored in addition to the JDK's value types and the
	 * types that Spring and widely used libraries put into sessions. Other types are
	 * refused: on saving with a {@link TypeRefusedException} that names all of them, and
	 * on reading. Types that are known to run code when they are deserialized are refused
	 * even if they are listed here. Default: none; the application's own types must be
	 * listed.
	 * @param names the names of classes, and of packages, which include their subpackages
	 */
	public void setAllowedTypes(Collection<String> names) {
		this.allowedTypes = List.copyOf(names);
	}

	/**
	 * Sets the classes whose serializable lambdas and method references may be stored.
	 * Write access to Redis is then enough to call each of them with arguments of allowed
	 * types, so list as few as possible, and only if a framework such as Vaadin requires
	 * it. Default: none.
	 * @param names the names of the classes that contain the lambdas, and of packages,
	 * which include their subpackages
	 */
	public void setAllowedLambdas(Collection<String> names) {
		this.allowedLambdas = List.copyOf(names);
	}

	/**
	 * Sets how types that are not allowed are treated. Storing them requires
	 * {@linkplain #setEncryptionKeys keys}. Default: {@link TypeCheck#ENFORCE}.
	 * @param typeCheck the treatment
	 */
	public void setTypeCheck(TypeCheck typeCheck) {
		this.typeCheck = typeCheck;
	}

	/**
	 * Sets how attributes are compressed. Values that were written with another algorithm
	 * or without compression can still be read. Default:
	 * {@link CompressionAlgorithm#NONE}.
	 * @param algorithm the algorithm
	 * @param threshold the size in bytes from which values are compressed
	 */
	public void setCompression(CompressionAlgorithm algorithm, int threshold) {
		this.compression = algorithm;
		this.compressionThreshold = threshold;
	}

	/**
	 * Sets the keys with which sessions are or were sealed. If they encrypt, only
	 * sessions that were written with one of them are accepted. Index values are then
	 * stored as digests; sessions are found by the digests of each key and by the plain
	 * values, and the index entries of a session are moved by its next save. A sealed
	 * session stays sealed, even on nodes without an active key. Default: none, sessions
	 * are not sealed.
	 * @param keys the keys; null for none
	 */
	public void setEncryptionKeys(@Nullable EncryptionKeys keys) {
		this.encryptionKeys = keys;
	}

	/**
	 * Sets until when sessions in plain text are accepted although the keys encrypt, so
	 * that encryption can be enabled while sessions live. Such a session is encrypted by
	 * its next save. Until then, write access to Redis is enough to forge sessions.
	 * Required if sessions are {@linkplain #setMigrateFrom migrated} and the keys
	 * encrypt. Default: null, sessions in plain text are refused.
	 * @param instant the end, at most 30 days ahead; null for never
	 */
	public void setAcceptPlainUntil(@Nullable Instant instant) {
		this.acceptPlainUntil = instant;
	}

	/**
	 * Sets how long to wait for a reply of Redis. Default: one second.
	 * @param timeout the timeout
	 */
	public void setCommandTimeout(Duration timeout) {
		this.commandTimeout = timeout;
	}

	/**
	 * Sets the clock for the creation and access times of sessions. Expiry depends on the
	 * clock of Redis instead. Default: the system clock.
	 * @param clock the clock
	 */
	public void setClock(Clock clock) {
		this.clock = clock;
	}

	/**
	 * Sets the registry for observations of the store's operations. Each observation
	 * lasts as long as the caller waits for the operation, and is a child of the calling
	 * thread's current observation. Operations in the background are not observed.
	 * Default: {@link ObservationRegistry#NOOP}.
	 * @param registry the registry
	 */
	public void setObservationRegistry(ObservationRegistry registry) {
		this.observationRegistry = registry;
	}

	/**
	 * Sets how messages name the options that they advise to change. Default:
	 * {@link OptionNames#METHODS}.
	 * @param optionNames the names
	 */
	public void setOptionNames(OptionNames optionNames) {
		this.optionNames = optionNames;
	}

	public String namespace() {
		return this.namespace;
	}

	public Lifetimes lifetimes() {
		return this.lifetimes;
	}

	public Duration touchInterval() {
		return this.touchInterval;
	}

	public Duration grace() {
		return this.grace;
	}

	public @Nullable String migrateFrom() {
		return this.migrateFrom;
	}

	public SaveMode saveMode() {
		return this.saveMode;
	}

	public FlushMode flushMode() {
		return this.flushMode;
	}

	public SaveAfterDelete saveAfterDelete() {
		return this.saveAfterDelete;
	}

	public OnUnreadable onUnreadable() {
		return this.onUnreadable;
	}

	public OnUnavailable onUnavailable() {
		return this.onUnavailable;
	}

	public @Nullable CircuitBreaker circuitBreaker() {
		return this.circuitBreaker;
	}

	public int confirmReplicas() {
		return this.confirmReplicas;
	}

	public Duration confirmTimeout() {
		return this.confirmTimeout;
	}

	public @Nullable LockSettings locks() {
		return this.locks;
	}

	public int limitPerPrincipal() {
		return this.limitPerPrincipal;
	}

	public OnExceeded onExceeded() {
		return this.onExceeded;
	}

	public int limitTotal() {
		return this.limitTotal;
	}

	public EventDelivery events() {
		return this.events;
	}

	public boolean protectIds() {
		return this.protectIds;
	}

	public int idBytes() {
		return this.idBytes;
	}

	public @Nullable SessionIdGenerator idGenerator() {
		return this.idGenerator;
	}

	public @Nullable IndexResolver<Session> indexResolver() {
		return this.indexResolver;
	}

	public List<String> indexedAttributes() {
		return this.indexedAttributes;
	}

	public @Nullable RedisSerializer<Object> serializer() {
		return this.serializer;
	}

	public ValueForm valueForm() {
		return this.valueForm;
	}

	public Set<ValueForm> readForms() {
		return this.readForms;
	}

	public AttributeConversion conversion() {
		return this.conversion;
	}

	public List<String> allowedTypes() {
		return this.allowedTypes;
	}

	public TypeCheck typeCheck() {
		return this.typeCheck;
	}

	public List<String> allowedLambdas() {
		return this.allowedLambdas;
	}

	public CompressionAlgorithm compression() {
		return this.compression;
	}

	public int compressionThreshold() {
		return this.compressionThreshold;
	}

	public @Nullable EncryptionKeys encryptionKeys() {
		return this.encryptionKeys;
	}

	public @Nullable Instant acceptPlainUntil() {
		return this.acceptPlainUntil;
	}

	public boolean recordClient() {
		return this.recordClient;
	}

	public boolean collectorEnabled() {
		return this.collectorEnabled;
	}

	public Duration collectorInterval() {
		return this.collectorInterval;
	}

	public Duration collectorLease() {
		return this.collectorLease;
	}

	public int collectorBatchSize() {
		return this.collectorBatchSize;
	}

	public Duration commandTimeout() {
		return this.commandTimeout;
	}

	public ObservationRegistry observationRegistry() {
		return this.observationRegistry;
	}

	public Clock clock() {
		return this.clock;
	}

	public OptionNames optionNames() {
		return this.optionNames;
	}

	/**
	 * Returns a copy that later changes to these settings don't affect.
	 * @return the copy
	 */
	public SessionSettings copy() {
		try {
			return (SessionSettings) clone();
		}
		catch (CloneNotSupportedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Checks the bounds of times and numbers, and options that depend on each other.
	 * @throws IllegalArgumentException if a value is out of its bounds or values
	 * contradict each other
	 */
	public void check() {
		SettingsCheck.check(this);
	}

}
