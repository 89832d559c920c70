package app.session.redis;

/**
 * An option that a message of this library advises to change. {@link OptionNames} renders
 * it as the name that the reader of the message uses to configure it.
 */
public enum Option {

	/** The absolute timeout of new sessions. */
	ABSOLUTE_TIMEOUT("SessionSettings.setAbsoluteTimeout"),

	/** The time until which sessions in plain text are accepted. */
	ACCEPT_PLAIN_UNTIL("SessionSettings.setAcceptPlainUntil"),

	/** The types that may be stored in addition to the built-in ones. */
	ALLOWED_TYPES("SessionSettings.setAllowedTypes"),

	/** Whether a node collects expired sessions. */
	COLLECTOR_ENABLED("SessionSettings.setCollectorEnabled"),

	/** How many replicas must acknowledge a log-in. */
	CONFIRM_REPLICAS("SessionSettings.setConfirmReplicas"),

	/** The number of the database that holds the sessions. */
	DATABASE("LettuceConnectionFactory.setDatabase"),

	/** The keys that encrypt or authenticate sessions. */
	ENCRYPTION_KEYS("SessionSettings.setEncryptionKeys"),

	/** The addresses of the servers that hold the sessions. */
	HOSTS("the configuration of the LettuceConnectionFactory"),

	/** How many sessions a principal may have. */
	LIMIT_PER_PRINCIPAL("SessionSettings.setLimitPerPrincipal"),

	/** How many sessions there may be in total. */
	LIMIT_TOTAL("SessionSettings.setLimitTotal"),

	/** Whether sessions are locked, so that requests of one session run one at a time. */
	LOCK_ENABLED("SessionSettings.setLocks"),

	/** How attributes that can't be read are treated. */
	ON_UNREADABLE("SessionSettings.setOnUnreadable"),

	/** The forms that are read in addition to the form that is written. */
	READ_FORMS("SessionSettings.setReadForms"),

	/** The form in which values are written. */
	SERIALIZER("SessionSettings.setValueForm"),

	/** The idle timeout of new sessions. */
	TIMEOUT("SessionSettings.setDefaultMaxInactiveInterval"),

	/** How types that are not allowed are treated. */
	TYPE_CHECK("SessionSettings.setTypeCheck");

	private final String method;

	Option(String method) {
		this.method = method;
	}

	/** Returns the name of the option for code that configures the library directly. */
	String method() {
		return this.method;
	}

}
