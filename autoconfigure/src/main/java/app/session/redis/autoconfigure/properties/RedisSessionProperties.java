package app.session.redis.autoconfigure.properties;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import app.session.redis.codec.CompressionAlgorithm;
import app.session.redis.codec.TypeCheck;
import app.session.redis.codec.ValueForm;
import app.session.redis.settings.EventDelivery;
import app.session.redis.settings.OnExceeded;
import app.session.redis.settings.OnLockTimeout;
import app.session.redis.settings.OnUnavailable;
import app.session.redis.settings.OnUnreadable;
import app.session.redis.settings.SaveAfterDelete;
import app.session.redis.settings.SaveMode;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.convert.DurationUnit;
import org.springframework.boot.web.server.Cookie.SameSite;
import org.springframework.session.FlushMode;
import org.springframework.util.unit.DataSize;

/**
 * Properties of the sessions that are kept in Redis and of the connection they are kept
 * over. A property that contradicts another stops the start.
 */
@ConfigurationProperties("app.session.redis")
public class RedisSessionProperties {

	/**
	 * Whether to keep HTTP sessions with this starter. When disabled, Spring Boot's own
	 * session auto-configuration applies.
	 */
	private boolean enabled = true;

	/**
	 * Kind of Redis installation. When not set, it follows from the scheme of 'url' and
	 * from 'sentinel', else it is a standalone server.
	 */
	private @Nullable Mode mode;

	/**
	 * URL of the Redis server, such as 'rediss://user:password@example.com:6379/0'. The
	 * schemes are 'redis', 'rediss', 'redis-sentinel', 'rediss-sentinel' and
	 * 'redis-socket'. Excludes 'hosts', 'host', 'port' and 'socket'.
	 */
	private @Nullable String url;

	/**
	 * Comma-separated list of 'host[:port]' to connect to, IPv6 addresses in brackets:
	 * the server, or the primary and its replicas, or sentinels, or nodes of a cluster.
	 * The port defaults to 6379, to 26379 for sentinels. When neither this nor 'url',
	 * 'host' or 'socket' is set, the connection details of 'spring.data.redis' are used.
	 */
	private @Nullable List<String> hosts;

	/**
	 * Redis server host. Excludes 'hosts', 'url' and 'socket'.
	 */
	private @Nullable String host;

	/**
	 * Redis server port. Excludes 'hosts', 'url' and 'socket'.
	 */
	private @Nullable Integer port;

	/**
	 * Absolute path of the Redis server's Unix domain socket. Needs Netty's native epoll
	 * or kqueue transport. Excludes 'hosts', 'host', 'port' and 'url'.
	 */
	private @Nullable String socket;

	/**
	 * Login username of the Redis server.
	 */
	private @Nullable String username;

	/**
	 * Login password of the Redis server.
	 */
	private @Nullable String password;

	/**
	 * Database index used by the connection.
	 */
	private @Nullable Integer database;

	/**
	 * Client name to be set on connections with CLIENT SETNAME. Defaults to
	 * 'spring.application.name'.
	 */
	private @Nullable String clientName;

	/**
	 * Time to wait for a connection to be made.
	 */
	private Duration connectTimeout = Duration.ofSeconds(2);

	/**
	 * Time to wait for the reply to a command, after which the request fails.
	 */
	private Duration commandTimeout = Duration.ofSeconds(1);

	/**
	 * Number of attempts to connect at start, after the first.
	 */
	private int connectRetries = 3;

	/**
	 * Action to take when Redis can't be reached at start.
	 */
	private Startup startup = Startup.FAIL;

	/**
	 * Action to take when Redis is found at start to be set up so that it endangers
	 * sessions.
	 */
	private ServerCheck serverCheck = ServerCheck.WARN;

	/**
	 * Maximum time to wait for Redis at start when 'startup' is 'wait'. When not set,
	 * there is no limit.
	 */
	private @Nullable Duration startupTimeout;

	/**
	 * Prefix of every key.
	 */
	private String namespace = "app:session";

	/**
	 * Type of session repository to use.
	 */
	private RepositoryType repositoryType = RepositoryType.ATOMIC;

	/**
	 * Time without a request after which a session expires. If a duration suffix is not
	 * specified, seconds is used. Defaults to 'spring.session.timeout', then to
	 * 'server.servlet.session.timeout', then to 30 minutes.
	 */
	@DurationUnit(ChronoUnit.SECONDS)
	private @Nullable Duration timeout;

	/**
	 * Time without a request after which the session of a user expires who asked to stay
	 * signed in, at most 'max-timeout'. If a duration suffix is not specified, seconds is
	 * used.
	 */
	@DurationUnit(ChronoUnit.SECONDS)
	private Duration longTimeout = Duration.ofDays(7);

	/**
	 * Time after which a session ends however active it is. Zero means never. If a
	 * duration suffix is not specified, seconds is used.
	 */
	@DurationUnit(ChronoUnit.SECONDS)
	private Duration absoluteTimeout = Duration.ZERO;

	/**
	 * Shortest timeout that code gets when it asks for a positive one. If a duration
	 * suffix is not specified, seconds is used.
	 */
	@DurationUnit(ChronoUnit.SECONDS)
	private Duration minTimeout = Duration.ZERO;

	/**
	 * Longest timeout that code gets when it asks for a positive one. If a duration
	 * suffix is not specified, seconds is used.
	 */
	@DurationUnit(ChronoUnit.SECONDS)
	private Duration maxTimeout = Duration.ofDays(30);

	/**
	 * Time without a request after which a session expires that was not used by a second
	 * request yet. Zero means no other than 'timeout'. If a duration suffix is not
	 * specified, seconds is used.
	 */
	@DurationUnit(ChronoUnit.SECONDS)
	private Duration firstTimeout = Duration.ZERO;

	/**
	 * Namespace of Spring Session's own repository, such as 'spring:session', from which
	 * living sessions are taken over when their clients come.
	 */
	private @Nullable String migrateFrom;

	/**
	 * Minimum time between two writes of a session's last access. Zero writes it with
	 * every request. Capped at a tenth of the session's own timeout.
	 */
	private Duration touchInterval = Duration.ZERO;

	/**
	 * Time that the content of an expired session is kept for its event, at most 49 days.
	 */
	private Duration grace = Duration.ofMinutes(5);

	/**
	 * Which attributes are written when a session is saved.
	 */
	private SaveMode saveMode = SaveMode.ON_CHANGE;

	/**
	 * When changes of a session are written.
	 */
	private FlushMode flushMode = FlushMode.ON_SAVE;

	/**
	 * Action to take when changes of a session are saved that was deleted or has expired
	 * meanwhile.
	 */
	private SaveAfterDelete saveAfterDelete = SaveAfterDelete.IGNORE;

	/**
	 * Whether to store the digest of a session id's secret rather than the secret.
	 */
	private boolean protectIds = true;

	/**
	 * Number of random bytes in the secret of a new session id, 16 to 192. Ignored when
	 * there is a SessionIdGenerator bean.
	 */
	private int idBytes = 32;

	/**
	 * Comma-separated list of session attributes by which sessions can be found, beside
	 * the principal's name. A session can be found by at most 5,000 values.
	 */
	private List<String> indexes = new ArrayList<>();

	/**
	 * Whether a new session notes the address and the user agent of its client, for
	 * operators' lists and pages like "your devices". Personal data in many countries.
	 */
	private boolean recordClient = false;

	/**
	 * On which nodes the creation and the end of a session are published as events. An
	 * HttpSessionEventPublisher bean receives ends on every node, unless this is none.
	 */
	private EventDelivery events = EventDelivery.AUTO;

	/**
	 * How attributes are serialized: 'jdk', 'json', or the name of a RedisSerializer
	 * bean. Defaults to the bean 'springSessionDefaultRedisSerializer' where there is
	 * one.
	 */
	private @Nullable String serializer;

	/**
	 * Comma-separated list of serializers whose attributes are read in addition to those
	 * of the configured one. To change the serializer under living sessions, first list
	 * both on every node.
	 */
	private List<ValueForm> readForms = new ArrayList<>();

	/**
	 * Comma-separated list of packages, which include those below, and of classes whose
	 * objects may be stored, in addition to the JDK's value types, what Spring and widely
	 * used libraries put into sessions, and the packages that the application scans for
	 * components and entities. Others are refused when an attribute is written and when
	 * it is read.
	 */
	private List<String> allowedTypes = new ArrayList<>();

	/**
	 * Action to take when an attribute holds types that are not among the allowed ones.
	 */
	private TypeCheck typeCheck = TypeCheck.ENFORCE;

	/**
	 * Comma-separated list of packages and classes whose serializable lambdas and method
	 * references may be stored. Write access to Redis then allows calling each of them,
	 * so name only what a framework such as Vaadin requires.
	 */
	private List<String> allowedLambdas = new ArrayList<>();

	/**
	 * Action to take when an attribute of a session can't be deserialized.
	 */
	private OnUnreadable onUnreadable = OnUnreadable.DROP_ATTRIBUTE;

	/**
	 * Where sessions are looked for when they are listed, counted or found by an index:
	 * one of Lettuce's names, such as 'replica-preferred'. A request's session always
	 * comes from the primary.
	 */
	private String readFrom = "master";

	/**
	 * How a request is answered whose session can't be read because Redis can't be asked.
	 */
	private OnUnavailable onUnavailable = OnUnavailable.ERROR;

	/**
	 * Number of replicas that must have a log-in, a change of id or a log-out before it
	 * is answered.
	 */
	private int confirmReplicas;

	/**
	 * Maximum time to wait for these replicas. Must be below 'command-timeout'.
	 */
	private Duration confirmTimeout = Duration.ofMillis(500);

	private final Bot bot = new Bot();

	private final Limits limits = new Limits();

	private final Compression compression = new Compression();

	private final Encryption encryption = new Encryption();

	private final CircuitBreaker circuitBreaker = new CircuitBreaker();

	private final Backoff backoff = new Backoff();

	private final Ssl ssl = new Ssl();

	private final Pool pool = new Pool();

	private final Sentinel sentinel = new Sentinel();

	private final Cluster cluster = new Cluster();

	private final Collector collector = new Collector();

	private final Lock lock = new Lock();

	private final Metrics metrics = new Metrics();

	private final Cookie cookie = new Cookie();

	public boolean isEnabled() {
		return this.enabled;
	}

	public void setEnabled(boolean enabled) {
		this.enabled = enabled;
	}

	public @Nullable Mode getMode() {
		return this.mode;
	}

	public void setMode(@Nullable Mode mode) {
		this.mode = mode;
	}

	public @Nullable String getUrl() {
		return this.url;
	}

	public void setUrl(@Nullable String url) {
		this.url = url;
	}

	public @Nullable List<String> getHosts() {
		return this.hosts;
	}

	public void setHosts(@Nullable List<String> hosts) {
		this.hosts = hosts;
	}

	public @Nullable String getHost() {
		return this.host;
	}

	public void setHost(@Nullable String host) {
		this.host = host;
	}

	public @Nullable Integer getPort() {
		return this.port;
	}

	public void setPort(@Nullable Integer port) {
		this.port = port;
	}

	public @Nullable String getSocket() {
		return this.socket;
	}

	public void setSocket(@Nullable String socket) {
		this.socket = socket;
	}

	public @Nullable String getUsername() {
		return this.username;
	}

	public void setUsername(@Nullable String username) {
		this.username = username;
	}

	public @Nullable String getPassword() {
		return this.password;
	}

	public void setPassword(@Nullable String password) {
		this.password = password;
	}

	public @Nullable Integer getDatabase() {
		return this.database;
	}

	public void setDatabase(@Nullable Integer database) {
		this.database = database;
	}

	public @Nullable String getClientName() {
		return this.clientName;
	}

	public void setClientName(@Nullable String clientName) {
		this.clientName = clientName;
	}

	public Duration getConnectTimeout() {
		return this.connectTimeout;
	}

	public void setConnectTimeout(Duration connectTimeout) {
		this.connectTimeout = connectTimeout;
	}

	public Duration getCommandTimeout() {
		return this.commandTimeout;
	}

	public void setCommandTimeout(Duration commandTimeout) {
		this.commandTimeout = commandTimeout;
	}

	public int getConnectRetries() {
		return this.connectRetries;
	}

	public void setConnectRetries(int connectRetries) {
		this.connectRetries = connectRetries;
	}

	public Startup getStartup() {
		return this.startup;
	}

	public void setStartup(Startup startup) {
		this.startup = startup;
	}

	public ServerCheck getServerCheck() {
		return this.serverCheck;
	}

	public void setServerCheck(ServerCheck serverCheck) {
		this.serverCheck = serverCheck;
	}

	public @Nullable Duration getStartupTimeout() {
		return this.startupTimeout;
	}

	public void setStartupTimeout(@Nullable Duration startupTimeout) {
		this.startupTimeout = startupTimeout;
	}

	public String getNamespace() {
		return this.namespace;
	}

	public void setNamespace(String namespace) {
		this.namespace = namespace;
	}

	public RepositoryType getRepositoryType() {
		return this.repositoryType;
	}

	public void setRepositoryType(RepositoryType repositoryType) {
		this.repositoryType = repositoryType;
	}

	public @Nullable Duration getTimeout() {
		return this.timeout;
	}

	public void setTimeout(@Nullable Duration timeout) {
		this.timeout = timeout;
	}

	public Duration getLongTimeout() {
		return this.longTimeout;
	}

	public void setLongTimeout(Duration longTimeout) {
		this.longTimeout = longTimeout;
	}

	public Duration getAbsoluteTimeout() {
		return this.absoluteTimeout;
	}

	public void setAbsoluteTimeout(Duration absoluteTimeout) {
		this.absoluteTimeout = absoluteTimeout;
	}

	public Duration getMinTimeout() {
		return this.minTimeout;
	}

	public void setMinTimeout(Duration minTimeout) {
		this.minTimeout = minTimeout;
	}

	public Duration getMaxTimeout() {
		return this.maxTimeout;
	}

	public void setMaxTimeout(Duration maxTimeout) {
		this.maxTimeout = maxTimeout;
	}

	public Duration getFirstTimeout() {
		return this.firstTimeout;
	}

	public void setFirstTimeout(Duration firstTimeout) {
		this.firstTimeout = firstTimeout;
	}

	public @Nullable String getMigrateFrom() {
		return this.migrateFrom;
	}

	public void setMigrateFrom(@Nullable String migrateFrom) {
		this.migrateFrom = migrateFrom;
	}

	public Duration getTouchInterval() {
		return this.touchInterval;
	}

	public void setTouchInterval(Duration touchInterval) {
		this.touchInterval = touchInterval;
	}

	public Duration getGrace() {
		return this.grace;
	}

	public void setGrace(Duration grace) {
		this.grace = grace;
	}

	public SaveMode getSaveMode() {
		return this.saveMode;
	}

	public void setSaveMode(SaveMode saveMode) {
		this.saveMode = saveMode;
	}

	public FlushMode getFlushMode() {
		return this.flushMode;
	}

	public void setFlushMode(FlushMode flushMode) {
		this.flushMode = flushMode;
	}

	public SaveAfterDelete getSaveAfterDelete() {
		return this.saveAfterDelete;
	}

	public void setSaveAfterDelete(SaveAfterDelete saveAfterDelete) {
		this.saveAfterDelete = saveAfterDelete;
	}

	public boolean isProtectIds() {
		return this.protectIds;
	}

	public void setProtectIds(boolean protectIds) {
		this.protectIds = protectIds;
	}

	public int getIdBytes() {
		return this.idBytes;
	}

	public void setIdBytes(int idBytes) {
		this.idBytes = idBytes;
	}

	public boolean isRecordClient() {
		return this.recordClient;
	}

	public void setRecordClient(boolean recordClient) {
		this.recordClient = recordClient;
	}

	public List<String> getIndexes() {
		return this.indexes;
	}

	public void setIndexes(List<String> indexes) {
		this.indexes = indexes;
	}

	public EventDelivery getEvents() {
		return this.events;
	}

	public void setEvents(EventDelivery events) {
		this.events = events;
	}

	public @Nullable String getSerializer() {
		return this.serializer;
	}

	public void setSerializer(@Nullable String serializer) {
		this.serializer = serializer;
	}

	public List<ValueForm> getReadForms() {
		return this.readForms;
	}

	public void setReadForms(List<ValueForm> readForms) {
		this.readForms = readForms;
	}

	public TypeCheck getTypeCheck() {
		return this.typeCheck;
	}

	public void setTypeCheck(TypeCheck typeCheck) {
		this.typeCheck = typeCheck;
	}

	public List<String> getAllowedTypes() {
		return this.allowedTypes;
	}

	public void setAllowedTypes(List<String> allowedTypes) {
		this.allowedTypes = allowedTypes;
	}

	public List<String> getAllowedLambdas() {
		return this.allowedLambdas;
	}

	public void setAllowedLambdas(List<String> allowedLambdas) {
		this.allowedLambdas = allowedLambdas;
	}

	public OnUnreadable getOnUnreadable() {
		return this.onUnreadable;
	}

	public void setOnUnreadable(OnUnreadable onUnreadable) {
		this.onUnreadable = onUnreadable;
	}

	public String getReadFrom() {
		return this.readFrom;
	}

	public void setReadFrom(String readFrom) {
		this.readFrom = readFrom;
	}

	public OnUnavailable getOnUnavailable() {
		return this.onUnavailable;
	}

	public void setOnUnavailable(OnUnavailable onUnavailable) {
		this.onUnavailable = onUnavailable;
	}

	public int getConfirmReplicas() {
		return this.confirmReplicas;
	}

	public void setConfirmReplicas(int confirmReplicas) {
		this.confirmReplicas = confirmReplicas;
	}

	public Duration getConfirmTimeout() {
		return this.confirmTimeout;
	}

	public void setConfirmTimeout(Duration confirmTimeout) {
		this.confirmTimeout = confirmTimeout;
	}

	public Limits getLimits() {
		return this.limits;
	}

	public Compression getCompression() {
		return this.compression;
	}

	public Encryption getEncryption() {
		return this.encryption;
	}

	public CircuitBreaker getCircuitBreaker() {
		return this.circuitBreaker;
	}

	public Backoff getBackoff() {
		return this.backoff;
	}

	public Ssl getSsl() {
		return this.ssl;
	}

	public Pool getPool() {
		return this.pool;
	}

	public Sentinel getSentinel() {
		return this.sentinel;
	}

	public Cluster getCluster() {
		return this.cluster;
	}

	public Bot getBot() {
		return this.bot;
	}

	public Collector getCollector() {
		return this.collector;
	}

	public Lock getLock() {
		return this.lock;
	}

	public Metrics getMetrics() {
		return this.metrics;
	}

	public Cookie getCookie() {
		return this.cookie;
	}

	/**
	 * Sessions of crawlers.
	 */
	public static class Bot {

		/**
		 * Whether sessions of crawlers, health checks, monitors and HTTP libraries expire
		 * earlier than others. They are detected by a BotDetector bean, or else by the
		 * 'User-Agent' header.
		 */
		private boolean enabled;

		/**
		 * Regular expression that is found in the 'User-Agent' header of crawlers,
		 * whatever the case; only the first 512 characters of the header are searched.
		 * When not set, known crawlers and other clients. A client without that header is
		 * always one.
		 */
		private @Nullable String pattern;

		/**
		 * Time without a request after which a crawler's session expires that was not
		 * used by a second request yet. If a duration suffix is not specified, seconds is
		 * used.
		 */
		@DurationUnit(ChronoUnit.SECONDS)
		private Duration firstTimeout = Duration.ofSeconds(60);

		/**
		 * Time without a request after which a crawler's session expires. If a duration
		 * suffix is not specified, seconds is used. When not set, that of other sessions,
		 * at most two hours.
		 */
		@DurationUnit(ChronoUnit.SECONDS)
		private @Nullable Duration timeout;

		public boolean isEnabled() {
			return this.enabled;
		}

		public void setEnabled(boolean enabled) {
			this.enabled = enabled;
		}

		public @Nullable String getPattern() {
			return this.pattern;
		}

		public void setPattern(@Nullable String pattern) {
			this.pattern = pattern;
		}

		public Duration getFirstTimeout() {
			return this.firstTimeout;
		}

		public void setFirstTimeout(Duration firstTimeout) {
			this.firstTimeout = firstTimeout;
		}

		public @Nullable Duration getTimeout() {
			return this.timeout;
		}

		public void setTimeout(@Nullable Duration timeout) {
			this.timeout = timeout;
		}

	}

	/**
	 * How many sessions there may be.
	 */
	public static class Limits {

		/**
		 * Maximum number of sessions of one principal. Zero for any number.
		 */
		private int perPrincipal;

		/**
		 * What becomes of a log-in whose principal has as many sessions as are allowed.
		 */
		private OnExceeded onExceeded = OnExceeded.EVICT_OLDEST;

		/**
		 * Maximum number of sessions in all, beyond which no new ones are created. Zero
		 * for any number.
		 */
		private int total;

		public int getPerPrincipal() {
			return this.perPrincipal;
		}

		public void setPerPrincipal(int perPrincipal) {
			this.perPrincipal = perPrincipal;
		}

		public OnExceeded getOnExceeded() {
			return this.onExceeded;
		}

		public void setOnExceeded(OnExceeded onExceeded) {
			this.onExceeded = onExceeded;
		}

		public int getTotal() {
			return this.total;
		}

		public void setTotal(int total) {
			this.total = total;
		}

	}

	/**
	 * Making attributes smaller.
	 */
	public static class Compression {

		/**
		 * Algorithm that large attributes are compressed with. What was compressed with
		 * another is read all the same.
		 */
		private CompressionAlgorithm algorithm = CompressionAlgorithm.NONE;

		/**
		 * Size from which on an attribute is compressed, if it gets smaller by it.
		 */
		private DataSize threshold = DataSize.ofKilobytes(2);

		public CompressionAlgorithm getAlgorithm() {
			return this.algorithm;
		}

		public void setAlgorithm(CompressionAlgorithm algorithm) {
			this.algorithm = algorithm;
		}

		public DataSize getThreshold() {
			return this.threshold;
		}

		public void setThreshold(DataSize threshold) {
			this.threshold = threshold;
		}

	}

	/**
	 * Encrypting attributes.
	 */
	public static class Encryption {

		/**
		 * Whether to encrypt attributes with AES-256-GCM, to store index values as keyed
		 * digests, and to accept only sessions that were written with one of the keys.
		 * When disabled, sessions that are encrypted are still read, and stay encrypted.
		 */
		private boolean enabled;

		/**
		 * Keys by name, each the Base64 of 32 random bytes. To replace one, add the new
		 * one on every node, make it active, and remove the old one when no session is
		 * left that it was active for.
		 */
		private Map<String, String> keys = new LinkedHashMap<>();

		/**
		 * Name of the key to encrypt with. Defaults to the first of the keys.
		 */
		private @Nullable String activeKey;

		/**
		 * Time until which sessions in plain text are accepted while encryption is
		 * enabled under living sessions, such as '2026-12-24T00:00:00Z', at most 30 days
		 * ahead. Until then write access to Redis is enough to forge a session.
		 */
		private @Nullable Instant acceptPlainUntil;

		public boolean isEnabled() {
			return this.enabled;
		}

		public void setEnabled(boolean enabled) {
			this.enabled = enabled;
		}

		public Map<String, String> getKeys() {
			return this.keys;
		}

		public void setKeys(Map<String, String> keys) {
			this.keys = keys;
		}

		public @Nullable String getActiveKey() {
			return this.activeKey;
		}

		public void setActiveKey(@Nullable String activeKey) {
			this.activeKey = activeKey;
		}

		public @Nullable Instant getAcceptPlainUntil() {
			return this.acceptPlainUntil;
		}

		public void setAcceptPlainUntil(@Nullable Instant acceptPlainUntil) {
			this.acceptPlainUntil = acceptPlainUntil;
		}

	}

	/**
	 * Not asking a Redis that has not answered lately.
	 */
	public static class CircuitBreaker {

		/**
		 * Whether requests are refused at once when Redis has not answered lately, rather
		 * than at their timeout.
		 */
		private boolean enabled = true;

		/**
		 * Percentage of failures at which Redis isn't asked any more. Timeouts count.
		 */
		private int failureRate = 50;

		/**
		 * Number of last commands of which the percentage is taken.
		 */
		private int slidingWindow = 20;

		/**
		 * Time after which some commands are let through as a trial. A PING, sent every
		 * 200 ms meanwhile, ends it earlier.
		 */
		private Duration openFor = Duration.ofSeconds(5);

		/**
		 * Number of commands that are let through as a trial.
		 */
		private int halfOpenCalls = 3;

		public boolean isEnabled() {
			return this.enabled;
		}

		public void setEnabled(boolean enabled) {
			this.enabled = enabled;
		}

		public int getFailureRate() {
			return this.failureRate;
		}

		public void setFailureRate(int failureRate) {
			this.failureRate = failureRate;
		}

		public int getSlidingWindow() {
			return this.slidingWindow;
		}

		public void setSlidingWindow(int slidingWindow) {
			this.slidingWindow = slidingWindow;
		}

		public Duration getOpenFor() {
			return this.openFor;
		}

		public void setOpenFor(Duration openFor) {
			this.openFor = openFor;
		}

		public int getHalfOpenCalls() {
			return this.halfOpenCalls;
		}

		public void setHalfOpenCalls(int halfOpenCalls) {
			this.halfOpenCalls = halfOpenCalls;
		}

	}

	/**
	 * Waiting between attempts to connect, at start and when a connection was lost.
	 */
	public static class Backoff {

		/**
		 * How the time between attempts grows.
		 */
		private BackoffAlgorithm algorithm = BackoffAlgorithm.DECORRELATED_JITTER;

		/**
		 * Time to wait before the second attempt, from which later ones grow.
		 */
		private Duration base = Duration.ofMillis(100);

		/**
		 * Maximum time to wait between two attempts.
		 */
		private Duration cap = Duration.ofSeconds(1);

		public BackoffAlgorithm getAlgorithm() {
			return this.algorithm;
		}

		public void setAlgorithm(BackoffAlgorithm algorithm) {
			this.algorithm = algorithm;
		}

		public Duration getBase() {
			return this.base;
		}

		public void setBase(Duration base) {
			this.base = base;
		}

		public Duration getCap() {
			return this.cap;
		}

		public void setCap(Duration cap) {
			this.cap = cap;
		}

	}

	/**
	 * Encryption of the connection.
	 */
	public static class Ssl {

		/**
		 * Whether to enable SSL support. Enabled automatically if 'bundle' is set or
		 * 'url' starts with 'rediss'.
		 */
		private @Nullable Boolean enabled;

		/**
		 * SSL bundle name.
		 */
		private @Nullable String bundle;

		/**
		 * What to verify of the server's certificate.
		 */
		private VerifyPeer verifyPeer = VerifyPeer.FULL;

		/**
		 * Host name to send (SNI) and to verify in the place of the address that is
		 * connected to.
		 */
		private @Nullable String host;

		/**
		 * Whether the connection begins unencrypted and is then upgraded (STARTTLS).
		 */
		private boolean startTls;

		public @Nullable Boolean getEnabled() {
			return this.enabled;
		}

		public void setEnabled(@Nullable Boolean enabled) {
			this.enabled = enabled;
		}

		public @Nullable String getBundle() {
			return this.bundle;
		}

		public void setBundle(@Nullable String bundle) {
			this.bundle = bundle;
		}

		public VerifyPeer getVerifyPeer() {
			return this.verifyPeer;
		}

		public void setVerifyPeer(VerifyPeer verifyPeer) {
			this.verifyPeer = verifyPeer;
		}

		public @Nullable String getHost() {
			return this.host;
		}

		public void setHost(@Nullable String host) {
			this.host = host;
		}

		public boolean isStartTls() {
			return this.startTls;
		}

		public void setStartTls(boolean startTls) {
			this.startTls = startTls;
		}

	}

	/**
	 * A pool of connections, in the place of one that serves all threads.
	 */
	public static class Pool {

		/**
		 * Whether to use a pool. It needs commons-pool2.
		 */
		private boolean enabled;

		/**
		 * Maximum number of connections at a time, at least 2 where sessions are locked.
		 * Use a negative value for no limit.
		 */
		private int maxTotal = 8;

		/**
		 * Maximum number of idle connections. Use a negative value for no limit.
		 */
		private int maxIdle = 8;

		/**
		 * Minimum number of idle connections to keep.
		 */
		private int minIdle = 0;

		/**
		 * Maximum time to wait for a connection when all are in use, after which the
		 * request fails. Use a negative value to wait for ever.
		 */
		private Duration maxWait = Duration.ofSeconds(10);

		public boolean isEnabled() {
			return this.enabled;
		}

		public void setEnabled(boolean enabled) {
			this.enabled = enabled;
		}

		public int getMaxTotal() {
			return this.maxTotal;
		}

		public void setMaxTotal(int maxTotal) {
			this.maxTotal = maxTotal;
		}

		public int getMaxIdle() {
			return this.maxIdle;
		}

		public void setMaxIdle(int maxIdle) {
			this.maxIdle = maxIdle;
		}

		public int getMinIdle() {
			return this.minIdle;
		}

		public void setMinIdle(int minIdle) {
			this.minIdle = minIdle;
		}

		public Duration getMaxWait() {
			return this.maxWait;
		}

		public void setMaxWait(Duration maxWait) {
			this.maxWait = maxWait;
		}

	}

	/**
	 * Sentinels that know the primary.
	 */
	public static class Sentinel {

		/**
		 * Name under which the sentinels watch the primary. Defaults to 'mymaster'.
		 */
		private @Nullable String master;

		/**
		 * Login username of the sentinels.
		 */
		private @Nullable String username;

		/**
		 * Login password of the sentinels.
		 */
		private @Nullable String password;

		public @Nullable String getMaster() {
			return this.master;
		}

		public void setMaster(@Nullable String master) {
			this.master = master;
		}

		public @Nullable String getUsername() {
			return this.username;
		}

		public void setUsername(@Nullable String username) {
			this.username = username;
		}

		public @Nullable String getPassword() {
			return this.password;
		}

		public void setPassword(@Nullable String password) {
			this.password = password;
		}

	}

	/**
	 * A Redis Cluster.
	 */
	public static class Cluster {

		/**
		 * Time between two looks at the cluster's topology. It is also looked at whenever
		 * a node redirects a command or can't be reached.
		 */
		private Duration refreshPeriod = Duration.ofSeconds(60);

		/**
		 * Maximum number of redirects to follow for one command.
		 */
		private int maxRedirects = 5;

		public Duration getRefreshPeriod() {
			return this.refreshPeriod;
		}

		public void setRefreshPeriod(Duration refreshPeriod) {
			this.refreshPeriod = refreshPeriod;
		}

		public int getMaxRedirects() {
			return this.maxRedirects;
		}

		public void setMaxRedirects(int maxRedirects) {
			this.maxRedirects = maxRedirects;
		}

	}

	/**
	 * Collection of expired sessions.
	 */
	public static class Collector {

		/**
		 * Whether this node looks for expired sessions. When disabled, another node must.
		 */
		private boolean enabled = true;

		/**
		 * Time between two sweeps for expired sessions.
		 */
		private Duration interval = Duration.ofSeconds(1);

		/**
		 * Maximum number of sessions in one step of a sweep. A sweep goes on until no
		 * session is due.
		 */
		private int batchSize = 500;

		public boolean isEnabled() {
			return this.enabled;
		}

		public void setEnabled(boolean enabled) {
			this.enabled = enabled;
		}

		public Duration getInterval() {
			return this.interval;
		}

		public void setInterval(Duration interval) {
			this.interval = interval;
		}

		public int getBatchSize() {
			return this.batchSize;
		}

		public void setBatchSize(int batchSize) {
			this.batchSize = batchSize;
		}

	}

	/**
	 * One request at a time on a session.
	 */
	public static class Lock {

		/**
		 * Whether requests take a lock on their session, so that one at a time works on
		 * it.
		 */
		private boolean enabled;

		/**
		 * Comma-separated list of HTTP methods whose requests take the lock. The
		 * annotation '@SessionLock' of a Spring MVC handler or its class wins.
		 */
		private List<String> methods = new ArrayList<>(List.of("POST", "PUT", "PATCH", "DELETE"));

		/**
		 * Maximum time that a request waits for the lock.
		 */
		private Duration wait = Duration.ofSeconds(10);

		/**
		 * Time that a lock outlives a node that has died. Renewed while the request runs.
		 * Must be at least twice 'command-timeout'.
		 */
		private Duration lease = Duration.ofSeconds(30);

		/**
		 * Action to take when a request has waited for the lock in vain.
		 */
		private OnLockTimeout onTimeout = OnLockTimeout.REJECT;

		/**
		 * Maximum number of requests that wait for the lock of one session. Any more are
		 * answered with 503 at once. Zero: any number.
		 */
		private int maxWaiters;

		public boolean isEnabled() {
			return this.enabled;
		}

		public void setEnabled(boolean enabled) {
			this.enabled = enabled;
		}

		public List<String> getMethods() {
			return this.methods;
		}

		public void setMethods(List<String> methods) {
			this.methods = methods;
		}

		public Duration getWait() {
			return this.wait;
		}

		public void setWait(Duration wait) {
			this.wait = wait;
		}

		public Duration getLease() {
			return this.lease;
		}

		public void setLease(Duration lease) {
			this.lease = lease;
		}

		public OnLockTimeout getOnTimeout() {
			return this.onTimeout;
		}

		public void setOnTimeout(OnLockTimeout onTimeout) {
			this.onTimeout = onTimeout;
		}

		public int getMaxWaiters() {
			return this.maxWaiters;
		}

		public void setMaxWaiters(int maxWaiters) {
			this.maxWaiters = maxWaiters;
		}

	}

	/**
	 * What is measured.
	 */
	public static class Metrics {

		/**
		 * Whether to bind meters of the sessions, and to observe what is asked of Redis,
		 * where the application has Micrometer.
		 */
		private boolean enabled = true;

		/**
		 * Whether Lettuce measures each of its commands too. Needs a MeterRegistry bean.
		 */
		private boolean commandLatency;

		public boolean isEnabled() {
			return this.enabled;
		}

		public void setEnabled(boolean enabled) {
			this.enabled = enabled;
		}

		public boolean isCommandLatency() {
			return this.commandLatency;
		}

		public void setCommandLatency(boolean commandLatency) {
			this.commandLatency = commandLatency;
		}

	}

	/**
	 * The cookie that holds the session id. What isn't set here is taken from
	 * {@code server.servlet.session.cookie}.
	 */
	public static class Cookie {

		/**
		 * Name of the cookie. Defaults to 'server.servlet.session.cookie.name'.
		 */
		private @Nullable String name;

		/**
		 * Path of the cookie. Defaults to 'server.servlet.session.cookie.path', then to
		 * the context path.
		 */
		private @Nullable String path;

		/**
		 * Domain of the cookie. Defaults to 'server.servlet.session.cookie.domain'.
		 */
		private @Nullable String domain;

		/**
		 * Whether to always mark the cookie as secure. Defaults to
		 * 'server.servlet.session.cookie.secure', then to whether the request is secure.
		 */
		private @Nullable Boolean secure;

		/**
		 * Whether to use "HttpOnly" cookies. Defaults to
		 * 'server.servlet.session.cookie.http-only'.
		 */
		private @Nullable Boolean httpOnly;

		/**
		 * SameSite setting of the cookie. Defaults to
		 * 'server.servlet.session.cookie.same-site'.
		 */
		private @Nullable SameSite sameSite;

		/**
		 * Whether the cookie carries the Partitioned attribute. Defaults to
		 * 'server.servlet.session.cookie.partitioned'.
		 */
		private @Nullable Boolean partitioned;

		/**
		 * Maximum age of the cookie. If a duration suffix is not specified, seconds is
		 * used. A negative value makes it a cookie of the browser's session. Defaults to
		 * 'server.servlet.session.cookie.max-age'.
		 */
		@DurationUnit(ChronoUnit.SECONDS)
		private @Nullable Duration maxAge;

		public @Nullable String getName() {
			return this.name;
		}

		public void setName(@Nullable String name) {
			this.name = name;
		}

		public @Nullable String getPath() {
			return this.path;
		}

		public void setPath(@Nullable String path) {
			this.path = path;
		}

		public @Nullable String getDomain() {
			return this.domain;
		}

		public void setDomain(@Nullable String domain) {
			this.domain = domain;
		}

		public @Nullable Boolean getSecure() {
			return this.secure;
		}

		public void setSecure(@Nullable Boolean secure) {
			this.secure = secure;
		}

		public @Nullable Boolean getHttpOnly() {
			return this.httpOnly;
		}

		public void setHttpOnly(@Nullable Boolean httpOnly) {
			this.httpOnly = httpOnly;
		}

		public @Nullable SameSite getSameSite() {
			return this.sameSite;
		}

		public void setSameSite(@Nullable SameSite sameSite) {
			this.sameSite = sameSite;
		}

		public @Nullable Boolean getPartitioned() {
			return this.partitioned;
		}

		public void setPartitioned(@Nullable Boolean partitioned) {
			this.partitioned = partitioned;
		}

		public @Nullable Duration getMaxAge() {
			return this.maxAge;
		}

		public void setMaxAge(@Nullable Duration maxAge) {
			this.maxAge = maxAge;
		}

	}

	/**
	 * Kinds of Redis installations.
	 */
	public enum Mode {

		/**
		 * One server, or a primary with its replicas.
		 */
		STANDALONE,

		/**
		 * A primary that sentinels name.
		 */
		SENTINEL,

		/**
		 * A Redis Cluster.
		 */
		CLUSTER

	}

	/**
	 * What to verify of the server's certificate.
	 */
	public enum VerifyPeer {

		/**
		 * That it was issued by one who is trusted, and for this host.
		 */
		FULL,

		/**
		 * That it was issued by one who is trusted.
		 */
		CA,

		/**
		 * Nothing: whoever can get between this application and Redis can read and change
		 * sessions.
		 */
		NONE

	}

	/**
	 * What to do when Redis is set up so that it endangers sessions.
	 */
	public enum ServerCheck {

		/**
		 * Do not look.
		 */
		OFF,

		/**
		 * Log each finding, with what to do about it.
		 */
		WARN,

		/**
		 * Fail the start. For those who would rather not start than lose sessions later.
		 */
		FAIL

	}

	/**
	 * What to do when Redis can't be reached at start.
	 */
	public enum Startup {

		/**
		 * Stop the start after the last attempt.
		 */
		FAIL,

		/**
		 * Wait until Redis can be reached.
		 */
		WAIT,

		/**
		 * Start without asking; connect when Redis comes.
		 */
		LAZY

	}

	/**
	 * Which session repository to use.
	 */
	public enum RepositoryType {

		/**
		 * This project's repository: one script per operation.
		 */
		ATOMIC,

		/**
		 * Spring Session's {@code RedisSessionRepository}.
		 */
		DEFAULT,

		/**
		 * Spring Session's {@code RedisIndexedSessionRepository}.
		 */
		INDEXED

	}

	/**
	 * How the time between attempts grows.
	 */
	public enum BackoffAlgorithm {

		/**
		 * Always the base.
		 */
		CONSTANT,

		/**
		 * The base, doubled with every attempt.
		 */
		EXPONENTIAL,

		/**
		 * Random between zero and the exponential time.
		 */
		FULL_JITTER,

		/**
		 * Half of the exponential time, and up to as much again at random.
		 */
		EQUAL_JITTER,

		/**
		 * Random between the base and three times the previous time.
		 */
		DECORRELATED_JITTER

	}

}
