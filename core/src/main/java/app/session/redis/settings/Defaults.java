package app.session.redis.settings;

import java.util.Locale;

/**
 * The defaults and bounds of options. Both {@link SessionSettingsBuilder} and the
 * declarations of the Spring Boot properties use these constants.
 */
public final class Defaults {

	/** The prefix of all keys. */
	public static final String NAMESPACE = "app:session";

	/** The longest idle timeout that the application can set. */
	public static final int MAX_TIMEOUT_DAYS = 30;

	/** The idle timeout of a crawler's session before the second request. */
	public static final int BOT_FIRST_TIMEOUT_SECONDS = 60;

	/** How long the content of an expired session is kept. */
	public static final int GRACE_MINUTES = 5;

	/** A {@link SaveMode}. */
	public static final String SAVE_MODE = "on-change";

	/** A {@link org.springframework.session.FlushMode}. */
	public static final String FLUSH_MODE = "on-save";

	/** A {@link SaveAfterDelete}. */
	public static final String SAVE_AFTER_DELETE = "ignore";

	/** An {@link OnUnreadable}. */
	public static final String ON_UNREADABLE = "drop-attribute";

	/** An {@link OnUnavailable}. */
	public static final String ON_UNAVAILABLE = "error";

	/** An {@link OnExceeded}. */
	public static final String ON_EXCEEDED = "evict-oldest";

	/** An {@link EventDelivery}. */
	public static final String EVENTS = "auto";

	/** A {@link app.session.redis.codec.TypeCheck}. */
	public static final String TYPE_CHECK = "enforce";

	/** A {@link app.session.redis.codec.CompressionAlgorithm}. */
	public static final String COMPRESSION = "none";

	/** The kilobytes from which values are compressed. */
	public static final int COMPRESSION_THRESHOLD_KB = 2;

	/** The number of random bytes in the secret of a session id. */
	public static final int ID_BYTES = 32;

	/** How long saves of running requests are accepted after a change of the id. */
	public static final int ID_OVERLAP_SECONDS = 30;

	/** The longest such time, because a stolen id must become useless soon. */
	public static final int LONGEST_ID_OVERLAP_MINUTES = 5;

	/** The timeout for the acknowledgements of replicas. */
	public static final int CONFIRM_TIMEOUT_MILLIS = 500;

	/** How often the collector runs. */
	public static final int COLLECTOR_INTERVAL_SECONDS = 1;

	/** The time after which another node runs the collector. */
	public static final int COLLECTOR_LEASE_SECONDS = 10;

	/** How many expired sessions the collector claims in one step. */
	public static final int COLLECTOR_BATCH_SIZE = 500;

	/** How long a reply of Redis is waited for. */
	public static final int COMMAND_TIMEOUT_SECONDS = 1;

	/**
	 * The minimum number of random bytes in the secret of a session id
	 * (<a href="https://cheatsheetseries.owasp.org/">OWASP</a>).
	 */
	public static final int MIN_ID_BYTES = 16;

	/**
	 * The longest timeout: the header of a stored session stores its milliseconds in 40
	 * bits.
	 */
	public static final int LONGEST_TIMEOUT_DAYS = 3650;

	/**
	 * The longest grace: the header of a stored session stores its milliseconds in 32
	 * bits.
	 */
	public static final int LONGEST_GRACE_DAYS = 49;

	/** The longest period for which sessions in plain text can be accepted. */
	public static final int LONGEST_ACCEPT_PLAIN_DAYS = 30;

	/** The longest time for which copies are used without being validated. */
	public static final int LONGEST_NEAR_CACHE_AGE_SECONDS = 10;

	/** The largest default size of the near cache. */
	private static final long NEAR_CACHE_BYTES = 32L << 20;

	/** The default share of the heap that the near cache takes. */
	private static final int NEAR_CACHE_HEAP_FRACTION = 20;

	private Defaults() {
	}

	/** Returns the default size of the near cache in bytes, which depends on the heap. */
	static long nearCacheSize() {
		return Math.min(NEAR_CACHE_BYTES, Runtime.getRuntime().maxMemory() / NEAR_CACHE_HEAP_FRACTION);
	}

	/**
	 * Returns the enum constant with a name that is given in lower case and with hyphens.
	 */
	static <E extends Enum<E>> E constant(Class<E> type, String name) {
		return Enum.valueOf(type, name.replace('-', '_').toUpperCase(Locale.ROOT));
	}

}
