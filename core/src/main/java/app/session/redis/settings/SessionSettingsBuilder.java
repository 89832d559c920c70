package app.session.redis.settings;

import java.time.Clock;
import java.time.Duration;

import app.session.redis.OptionNames;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;

import org.springframework.session.FlushMode;
import org.springframework.session.MapSession;

/**
 * Builds {@link SessionSettings}. Each method describes an option and its default. Not
 * safe for concurrent use.
 */
public final class SessionSettingsBuilder extends ContentSettingsBuilder {

	private String namespace = Defaults.NAMESPACE;

	private Duration idleTimeout = MapSession.DEFAULT_MAX_INACTIVE_INTERVAL;

	private Duration absoluteTimeout = Duration.ZERO;

	private Duration minTimeout = Duration.ZERO;

	private Duration maxTimeout = Duration.ofDays(Defaults.MAX_TIMEOUT_DAYS);

	private Duration firstTimeout = Duration.ZERO;

	private Duration botFirstTimeout = Duration.ofSeconds(Defaults.BOT_FIRST_TIMEOUT_SECONDS);

	private @Nullable Duration botTimeout;

	private Duration touchInterval = Duration.ZERO;

	private Duration grace = Duration.ofMinutes(Defaults.GRACE_MINUTES);

	private @Nullable String migrateFrom;

	private SaveMode saveMode = Defaults.constant(SaveMode.class, Defaults.SAVE_MODE);

	private FlushMode flushMode = Defaults.constant(FlushMode.class, Defaults.FLUSH_MODE);

	private SaveAfterDelete saveAfterDelete = Defaults.constant(SaveAfterDelete.class, Defaults.SAVE_AFTER_DELETE);

	private int confirmReplicas;

	private Duration confirmTimeout = Duration.ofMillis(Defaults.CONFIRM_TIMEOUT_MILLIS);

	private EventDelivery events = Defaults.constant(EventDelivery.class, Defaults.EVENTS);

	private boolean recordClient;

	private boolean collectorEnabled = true;

	private Duration collectorInterval = Duration.ofSeconds(Defaults.COLLECTOR_INTERVAL_SECONDS);

	private Duration collectorLease = Duration.ofSeconds(Defaults.COLLECTOR_LEASE_SECONDS);

	private int collectorBatchSize = Defaults.COLLECTOR_BATCH_SIZE;

	private boolean nearCache = true;

	private long nearCacheSize = Defaults.nearCacheSize();

	private Duration nearCacheMaxAge = Duration.ZERO;

	private int limitPerPrincipal;

	private OnExceeded onExceeded = Defaults.constant(OnExceeded.class, Defaults.ON_EXCEEDED);

	private int limitTotal;

	private @Nullable LockSettings locks;

	private Duration commandTimeout = Duration.ofSeconds(Defaults.COMMAND_TIMEOUT_SECONDS);

	private @Nullable CircuitBreaker circuitBreaker;

	private OnUnavailable onUnavailable = Defaults.constant(OnUnavailable.class, Defaults.ON_UNAVAILABLE);

	private ClientBindingSettings clientBinding = ClientBindingSettings.NONE;

	private Clock clock = Clock.systemUTC();

	private ObservationRegistry observationRegistry = ObservationRegistry.NOOP;

	private OptionNames optionNames = OptionNames.METHODS;

	SessionSettingsBuilder() {
	}

	/**
	 * Sets the prefix of all keys. Default: {@code app:session}.
	 * @param namespace the namespace
	 * @return this builder
	 */
	public SessionSettingsBuilder namespace(String namespace) {
		this.namespace = namespace;
		return this;
	}

	/**
	 * Sets the idle timeout of new sessions. Default: 30 minutes.
	 * @param timeout the idle timeout; with zero or less, sessions never expire
	 * @return this builder
	 */
	public SessionSettingsBuilder idleTimeout(Duration timeout) {
		this.idleTimeout = timeout;
		return this;
	}

	/**
	 * Sets how long a new session lives at most, even if it is in constant use. Default:
	 * zero, without limit.
	 * @param timeout the absolute timeout; zero for none
	 * @return this builder
	 */
	public SessionSettingsBuilder absoluteTimeout(Duration timeout) {
		this.absoluteTimeout = timeout;
		return this;
	}

	/**
	 * Sets the bounds of positive idle timeouts that the application sets with
	 * {@code setMaxInactiveInterval}. A timeout outside of them is replaced by the nearer
	 * bound. Default: zero and 30 days.
	 * @param min the shortest idle timeout
	 * @param max the longest idle timeout; not below the shortest
	 * @return this builder
	 */
	public SessionSettingsBuilder timeoutBounds(Duration min, Duration max) {
		this.minTimeout = min;
		this.maxTimeout = max;
		return this;
	}

	/**
	 * Sets the idle timeout of a new session until its client sends a second request with
	 * it. Most sessions that are never used again are those of crawlers and of visitors
	 * who leave at once. A value that is not below the idle timeout has no effect.
	 * Default: zero, the idle timeout applies from the start.
	 * @param timeout the idle timeout before the second request; zero for none
	 * @return this builder
	 */
	public SessionSettingsBuilder firstTimeout(Duration timeout) {
		this.firstTimeout = timeout;
		return this;
	}

	/**
	 * Sets the idle timeouts of crawlers' sessions, if the filter detects crawlers.
	 * Default: 60 seconds until the second request, then the idle timeout of other
	 * sessions, but at most two hours.
	 * @param first the idle timeout before the second request; zero for none
	 * @param timeout the idle timeout afterwards; null for the default
	 * @return this builder
	 */
	public SessionSettingsBuilder botTimeouts(Duration first, @Nullable Duration timeout) {
		this.botFirstTimeout = first;
		this.botTimeout = timeout;
		return this;
	}

	/**
	 * Sets the namespace from which living sessions are migrated when their clients
	 * return: that of Spring Session's {@code RedisSessionRepository} or
	 * {@code RedisIndexedSessionRepository} in the same Redis, whose values were written
	 * by Java serialization or by the {@linkplain #serializer serializer} that is set
	 * here. A migrated session gets a new id and is deleted in the old namespace. Costs
	 * one more round trip for each request with an unknown id, and four for each migrated
	 * session. Default: no migration.
	 * @param namespace the namespace; Spring Session's default is {@code spring:session}
	 * @return this builder
	 */
	public SessionSettingsBuilder migrateFrom(String namespace) {
		this.migrateFrom = namespace;
		return this;
	}

	/**
	 * Sets the shortest time between two recorded accesses of a session. At most a tenth
	 * of the session's idle timeout is used. Default: zero, every access is recorded.
	 * @param interval the interval
	 * @return this builder
	 */
	public SessionSettingsBuilder touchInterval(Duration interval) {
		this.touchInterval = interval;
		return this;
	}

	/**
	 * Sets how long the content of an expired session is kept, so that its expiry can be
	 * published as an event. Applies to sessions that are created from now on. Default: 5
	 * minutes.
	 * @param grace the grace: at least the collector's lease and interval together, at
	 * most 49 days
	 * @return this builder
	 */
	public SessionSettingsBuilder grace(Duration grace) {
		this.grace = grace;
		return this;
	}

	/**
	 * Sets which attributes a save writes. Default: {@link SaveMode#ON_CHANGE}.
	 * @param saveMode the mode
	 * @return this builder
	 */
	public SessionSettingsBuilder saveMode(SaveMode saveMode) {
		this.saveMode = saveMode;
		return this;
	}

	/**
	 * Sets when changes are written. Default: {@link FlushMode#ON_SAVE}.
	 * @param flushMode the mode
	 * @return this builder
	 */
	public SessionSettingsBuilder flushMode(FlushMode flushMode) {
		this.flushMode = flushMode;
		return this;
	}

	/**
	 * Sets how a save with changes is handled if the session has ended in the meantime.
	 * Default: {@link SaveAfterDelete#IGNORE}.
	 * @param saveAfterDelete the handling
	 * @return this builder
	 */
	public SessionSettingsBuilder saveAfterDelete(SaveAfterDelete saveAfterDelete) {
		this.saveAfterDelete = saveAfterDelete;
		return this;
	}

	/**
	 * Sets the nodes on which session events are published. Default:
	 * {@link EventDelivery#AUTO}.
	 * @param events the nodes
	 * @return this builder
	 */
	public SessionSettingsBuilder events(EventDelivery events) {
		this.events = events;
		return this;
	}

	/**
	 * Sets whether a new session records its client's address and user agent, in the
	 * attributes {@code app.session.redis.client-address} and
	 * {@code app.session.redis.user-agent}. Default: false.
	 * @param recordClient whether clients are recorded
	 * @return this builder
	 */
	public SessionSettingsBuilder recordClient(boolean recordClient) {
		this.recordClient = recordClient;
		return this;
	}

	/**
	 * Sets whether this node runs the collector, which finds expired sessions. If no node
	 * runs it, expired sessions are neither published as events nor removed from indexes.
	 * Default: true.
	 * @param enabled whether the collector runs
	 * @return this builder
	 */
	public SessionSettingsBuilder collectorEnabled(boolean enabled) {
		this.collectorEnabled = enabled;
		return this;
	}

	/**
	 * Sets how often the collector runs. Default: every second.
	 * @param interval the interval
	 * @return this builder
	 */
	public SessionSettingsBuilder collectorInterval(Duration interval) {
		this.collectorInterval = interval;
		return this;
	}

	/**
	 * Sets the lease of the collector: the time after which another node runs it if this
	 * one has died. Default: 10 seconds.
	 * @param lease the lease
	 * @return this builder
	 */
	public SessionSettingsBuilder collectorLease(Duration lease) {
		this.collectorLease = lease;
		return this;
	}

	/**
	 * Sets how many expired sessions the collector claims in one step. Default: 500.
	 * @param batchSize the number of sessions, at least 1
	 * @return this builder
	 */
	public SessionSettingsBuilder collectorBatchSize(int batchSize) {
		this.collectorBatchSize = batchSize;
		return this;
	}

	/**
	 * Sets how a request is handled if its session can't be read because Redis is
	 * unavailable. Default: {@link OnUnavailable#ERROR}.
	 * @param onUnavailable the handling
	 * @return this builder
	 */
	public SessionSettingsBuilder onUnavailable(OnUnavailable onUnavailable) {
		this.onUnavailable = onUnavailable;
		return this;
	}

	/**
	 * Sets the circuit breaker that decides whether commands are sent to Redis. While it
	 * is open, a {@code PING} is sent every 200 ms, and its reply closes the circuit
	 * breaker. Only outages count as failures, timeouts included. Not used on a cluster,
	 * where the outage of one primary doesn't affect the others. If its window is
	 * count-based, answers are not recorded while the window contains nothing but
	 * answers. Default: none, commands are always sent.
	 * @param circuitBreaker the circuit breaker, which must not be used elsewhere
	 * @return this builder
	 */
	public SessionSettingsBuilder circuitBreaker(CircuitBreaker circuitBreaker) {
		this.circuitBreaker = circuitBreaker;
		return this;
	}

	/**
	 * Sets how many replicas must acknowledge a log-in, a change of the session id or a
	 * log-out before the caller continues, so that a failover doesn't undo it. If they
	 * don't acknowledge it in time, the caller continues nevertheless, and a counter is
	 * incremented. Costs one more round trip for each of these. Default: none.
	 * @param replicas the number of replicas; zero for none
	 * @param timeout how long to wait for them; below the command timeout
	 * @return this builder
	 */
	public SessionSettingsBuilder confirmReplicas(int replicas, Duration timeout) {
		this.confirmReplicas = replicas;
		this.confirmTimeout = timeout;
		return this;
	}

	/**
	 * Sets how sessions are locked, so that requests of the same session run one at a
	 * time. Default: null, sessions are not locked.
	 * @param locks the settings of the locks; null for no locks
	 * @return this builder
	 */
	public SessionSettingsBuilder locks(@Nullable LockSettings locks) {
		this.locks = locks;
		return this;
	}

	/**
	 * Sets how many sessions a principal may have. A log-in, that is, a save that adds
	 * the principal to a session, first reserves a place: one more round trip, and
	 * further ones only if no place is free. The limit is exact regardless of the number
	 * of concurrent log-ins and nodes, on a cluster too, provided that all nodes have the
	 * same limit. (On a cluster, it can be exceeded by one if a log-in is delayed for
	 * more than 100 ms between its two writes.) A session that ends or expires, or whose
	 * principal changes, gives its place back. Default: no limit.
	 * @param sessions the number of sessions, not negative; zero for no limit
	 * @param onExceeded how a log-in beyond the limit is treated
	 * @return this builder
	 */
	public SessionSettingsBuilder limitPerPrincipal(int sessions, OnExceeded onExceeded) {
		this.limitPerPrincipal = sessions;
		this.onExceeded = onExceeded;
		return this;
	}

	/**
	 * Sets how many sessions can exist in total. Beyond this limit, no session is
	 * created. Costs one more round trip for each new session. The limit is exact on a
	 * single server. On a cluster, sessions that are created concurrently don't count
	 * each other, so that the limit can be exceeded by their number. Expired sessions
	 * count until the collector finds them. Default: no limit.
	 * @param sessions the number of sessions, not negative; zero for no limit
	 * @return this builder
	 */
	public SessionSettingsBuilder limitTotal(int sessions) {
		this.limitTotal = sessions;
		return this;
	}

	/**
	 * Sets how long to wait for a reply of Redis. Default: one second.
	 * @param timeout the timeout
	 * @return this builder
	 */
	public SessionSettingsBuilder commandTimeout(Duration timeout) {
		this.commandTimeout = timeout;
		return this;
	}

	/**
	 * Sets the clock for the creation and access times of sessions. Expiry depends on the
	 * clock of Redis instead. Default: the system clock.
	 * @param clock the clock
	 * @return this builder
	 */
	public SessionSettingsBuilder clock(Clock clock) {
		this.clock = clock;
		return this;
	}

	/**
	 * Sets the registry for observations of the store's operations. Each observation
	 * lasts as long as the caller waits for the operation, and is a child of the calling
	 * thread's current observation. Operations in the background are not observed.
	 * Default: {@link ObservationRegistry#NOOP}.
	 * @param registry the registry
	 * @return this builder
	 */
	public SessionSettingsBuilder observationRegistry(ObservationRegistry registry) {
		this.observationRegistry = registry;
		return this;
	}

	/**
	 * Sets whether this node keeps copies of sessions, so that Redis doesn't return the
	 * content of a session that hasn't changed. Redis validates a copy with each use.
	 * Without protected ids, no copies are kept. Default: true.
	 * @param nearCache whether copies are kept
	 * @return this builder
	 */
	public SessionSettingsBuilder nearCache(boolean nearCache) {
		this.nearCache = nearCache;
		return this;
	}

	/**
	 * Sets the maximum memory of the copies. A copy takes at most a sixteenth of it.
	 * Default: 5 % of the maximum heap, but at most 32 MB.
	 * @param nearCacheSize the number of bytes
	 * @return this builder
	 */
	public SessionSettingsBuilder nearCacheSize(long nearCacheSize) {
		this.nearCacheSize = nearCacheSize;
		return this;
	}

	/**
	 * Sets how long GET and HEAD requests use a copy after it was validated, without
	 * asking Redis. They may then see a session as it was before a change or a log-out on
	 * another node, but no longer than this time. The nodes publish changes to each
	 * other, which usually makes the delay much shorter. Default: zero, Redis validates a
	 * copy with each use.
	 * @param nearCacheMaxAge the time, at most 10 seconds; the same on all nodes
	 * @return this builder
	 */
	public SessionSettingsBuilder nearCacheMaxAge(Duration nearCacheMaxAge) {
		this.nearCacheMaxAge = nearCacheMaxAge;
		return this;
	}

	/**
	 * Sets what a client presents at log-in and must present in each later request of the
	 * session. Default: {@link ClientBindingSettings#NONE}.
	 * @param clientBinding the settings
	 * @return this builder
	 */
	public SessionSettingsBuilder clientBinding(ClientBindingSettings clientBinding) {
		this.clientBinding = clientBinding;
		return this;
	}

	/**
	 * Sets how messages name the options that they advise to change. Default:
	 * {@link OptionNames#METHODS}.
	 * @param optionNames the names
	 * @return this builder
	 */
	public SessionSettingsBuilder optionNames(OptionNames optionNames) {
		this.optionNames = optionNames;
		return this;
	}

	/**
	 * Creates the settings. Later changes to this builder don't affect them.
	 * @return the settings
	 * @throws InvalidSettingException if a value is out of its bounds or values
	 * contradict each other
	 */
	public SessionSettings build() {
		Lifetimes lifetimes = new Lifetimes(this.idleTimeout, this.absoluteTimeout, this.minTimeout, this.maxTimeout,
				this.firstTimeout, this.botFirstTimeout, this.botTimeout, this.grace, this.touchInterval);
		SessionSettings settings = new SessionSettings(this.namespace, ids(), lifetimes,
				new SaveSettings(
						this.saveMode, this.flushMode, this.saveAfterDelete, this.confirmReplicas, this.confirmTimeout),
				values(), types(), seals(), indexes(), this.events,
				new CollectorSettings(this.collectorEnabled, this.collectorInterval, this.collectorLease,
						this.collectorBatchSize),
				new LimitSettings(this.limitPerPrincipal, this.onExceeded, this.limitTotal),
				new NearCacheSettings(this.nearCache && ids().protect(), this.nearCacheSize, this.nearCacheMaxAge),
				this.locks, new AvailabilitySettings(this.commandTimeout, this.circuitBreaker, this.onUnavailable),
				this.migrateFrom, this.recordClient, this.clientBinding, this.clock, this.observationRegistry,
				this.optionNames);
		new SettingsCheck(settings).check();
		return settings;
	}

}
