package app.session.redis;

/**
 * An option that a message of this library advises to change. {@link OptionNames} renders
 * it as the name that the reader of the message uses to configure it.
 */
public enum Option {

	/** The absolute timeout of new sessions. */
	ABSOLUTE_TIMEOUT("SessionSettingsBuilder.absoluteTimeout"),

	/** The time until which sessions in plain text are accepted. */
	ACCEPT_PLAIN_UNTIL("SessionSettingsBuilder.acceptPlainUntil"),

	/** The classes whose lambdas may be stored. */
	ALLOWED_LAMBDAS("SessionSettingsBuilder.allowedLambdas"),

	/** The types that may be stored in addition to the built-in ones. */
	ALLOWED_TYPES("SessionSettingsBuilder.allowedTypes"),

	/** The idle timeout of crawlers' sessions before the second request. */
	BOT_FIRST_TIMEOUT("SessionSettingsBuilder.botTimeouts"),

	/** The idle timeout of crawlers' sessions. */
	BOT_TIMEOUT("SessionSettingsBuilder.botTimeouts"),

	/** How many leading bits of a client's IPv4 address must stay the same. */
	CLIENT_BINDING_IPV4_PREFIX("SessionSettingsBuilder.clientBinding"),

	/** How many leading bits of a client's IPv6 address must stay the same. */
	CLIENT_BINDING_IPV6_PREFIX("SessionSettingsBuilder.clientBinding"),

	/** How many expired sessions are collected in one step. */
	COLLECTOR_BATCH_SIZE("SessionSettingsBuilder.collectorBatchSize"),

	/** Whether a node collects expired sessions. */
	COLLECTOR_ENABLED("SessionSettingsBuilder.collectorEnabled"),

	/** How often expired sessions are collected. */
	COLLECTOR_INTERVAL("SessionSettingsBuilder.collectorInterval"),

	/** The lease of the node that collects expired sessions. */
	COLLECTOR_LEASE("SessionSettingsBuilder.collectorLease"),

	/** How long to wait for a reply of Redis. */
	COMMAND_TIMEOUT("SessionSettingsBuilder.commandTimeout"),

	/** The size from which values are compressed. */
	COMPRESSION_THRESHOLD("SessionSettingsBuilder.compression"),

	/** How many replicas must acknowledge a log-in. */
	CONFIRM_REPLICAS("SessionSettingsBuilder.confirmReplicas"),

	/** How long to wait for the acknowledgements of replicas. */
	CONFIRM_TIMEOUT("SessionSettingsBuilder.confirmReplicas"),

	/** The number of the database that holds the sessions. */
	DATABASE("LettuceConnectionFactory.setDatabase"),

	/** Whether the keys encrypt sessions. */
	ENCRYPTION_ENABLED("SessionSettingsBuilder.encryptionKeys"),

	/** The keys that encrypt or authenticate sessions. */
	ENCRYPTION_KEYS("SessionSettingsBuilder.encryptionKeys"),

	/** The idle timeout of new sessions before the second request. */
	FIRST_TIMEOUT("SessionSettingsBuilder.firstTimeout"),

	/** When changes of a session are written. */
	FLUSH_MODE("SessionSettingsBuilder.flushMode"),

	/** How long the content of an expired session is kept. */
	GRACE("SessionSettingsBuilder.grace"),

	/** The addresses of the servers that hold the sessions. */
	HOSTS("the configuration of the LettuceConnectionFactory"),

	/** The number of random bytes in the secret of a session id. */
	ID_BYTES("SessionSettingsBuilder.idBytes"),

	/** How long saves of running requests are accepted after a change of the id. */
	ID_OVERLAP("SessionSettingsBuilder.idOverlap"),

	/** The attributes by which sessions can be found. */
	INDEXES("SessionSettingsBuilder.indexedAttributes"),

	/** How many sessions a principal may have. */
	LIMIT_PER_PRINCIPAL("SessionSettingsBuilder.limitPerPrincipal"),

	/** How many sessions there may be in total. */
	LIMIT_TOTAL("SessionSettingsBuilder.limitTotal"),

	/** Whether sessions are locked, so that requests of one session run one at a time. */
	LOCK_ENABLED("SessionSettingsBuilder.locks"),

	/** How long the lock of a node that has died remains. */
	LOCK_LEASE("SessionSettingsBuilder.locks"),

	/** How many requests can wait for the lock of a session. */
	LOCK_MAX_WAITERS("SessionSettingsBuilder.locks"),

	/** How long a request waits for a lock. */
	LOCK_WAIT("SessionSettingsBuilder.locks"),

	/** The longest idle timeout that the application can set. */
	MAX_TIMEOUT("SessionSettingsBuilder.timeoutBounds"),

	/** The namespace from which sessions are migrated. */
	MIGRATE_FROM("SessionSettingsBuilder.migrateFrom"),

	/** The shortest idle timeout that the application can set. */
	MIN_TIMEOUT("SessionSettingsBuilder.timeoutBounds"),

	/** The prefix of all keys. */
	NAMESPACE("SessionSettingsBuilder.namespace"),

	/** How long copies of sessions are used without being validated. */
	NEAR_CACHE_MAX_AGE("SessionSettingsBuilder.nearCacheMaxAge"),

	/** The maximum memory of copies of sessions. */
	NEAR_CACHE_SIZE("SessionSettingsBuilder.nearCacheSize"),

	/** How attributes that can't be read are treated. */
	ON_UNREADABLE("SessionSettingsBuilder.onUnreadable"),

	/** Whether Redis holds only digests of session ids. */
	PROTECT_IDS("SessionSettingsBuilder.protectIds"),

	/** The forms that are read in addition to the form that is written. */
	READ_FORMS("SessionSettingsBuilder.readForms"),

	/** The form in which values are written. */
	SERIALIZER("SessionSettingsBuilder.valueForm"),

	/** The idle timeout of new sessions. */
	TIMEOUT("SessionSettingsBuilder.idleTimeout"),

	/** The shortest time between two recorded accesses of a session. */
	TOUCH_INTERVAL("SessionSettingsBuilder.touchInterval"),

	/** How types that are not allowed are treated. */
	TYPE_CHECK("SessionSettingsBuilder.typeCheck");

	private final String method;

	Option(String method) {
		this.method = method;
	}

	/** Returns the name of the option for code that configures the library directly. */
	String method() {
		return this.method;
	}

}
