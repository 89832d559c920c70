package app.session.redis.autoconfigure.metrics;

import io.micrometer.common.docs.KeyName;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.docs.MeterDocumentation;
import org.jspecify.annotations.Nullable;

/**
 * The meters of the sessions, apart from the time that operations take, which is
 * observed. All count what their node has done since it started, but for {@link #LIVE}
 * and {@link #COLLECTOR_LAG}. No tag names a session, a principal or a key.
 */
public enum RedisSessionMeter implements MeterDocumentation {

	/** How many sessions there are. */
	LIVE("live", Meter.Type.GAUGE, "sessions",
			"Sessions that live, of all nodes; one that has just expired counts until the collector has passed"),

	/** How many sessions were created. */
	CREATED("created", Meter.Type.COUNTER, "sessions", "Sessions that this node wrote for the first time"),

	/** How many sessions were deleted. */
	DELETED("deleted", Meter.Type.COUNTER, "sessions", "Sessions that this node deleted", Keys.REASON),

	/** How many sessions have expired. */
	EXPIRED("expired", Meter.Type.COUNTER, "sessions", "Sessions whose expiry this node told"),

	/** How many sessions were taken over. */
	TAKEN_OVER("taken.over", Meter.Type.COUNTER, "sessions",
			"Sessions that this node took over from Spring Session's own repository"),

	/** How many sessions could not be taken over. */
	NOT_TAKEN_OVER("not.taken.over", Meter.Type.COUNTER, "sessions",
			"Sessions of Spring Session's own repository that this node could not read, each counted once"),

	/** What came of looking for sessions. */
	LOOKUPS("lookups", Meter.Type.COUNTER, null, "Looks for one session in Redis, by an id or a handle", Keys.RESULT),

	/** How much a save writes. */
	SAVE_SIZE("save.size", Meter.Type.DISTRIBUTION_SUMMARY, "bytes",
			"Names and values of fields that a save writes, compressed and encrypted"),

	/** Saves that were refused. */
	CONFLICTS("conflicts", Meter.Type.COUNTER, null,
			"Saves that were refused because of what became of the session meanwhile", Keys.TYPE),

	/** Attributes that were dropped. */
	ATTRIBUTES_DROPPED("attributes.dropped", Meter.Type.COUNTER, null, "Attributes that could not be read"),

	/** Sessions that were refused. */
	REFUSED("refused", Meter.Type.COUNTER, "sessions",
			"Sessions that this node refused because no encryption key verifies them"),

	/** Sessions that are damaged. */
	DAMAGED("damaged", Meter.Type.COUNTER, "sessions",
			"Sessions that this node found damaged in Redis, each counted once"),

	/** Messages that were dropped. */
	MESSAGES_DROPPED("messages.dropped", Meter.Type.COUNTER, null,
			"Messages of other nodes about sessions that were dropped because listeners take too long"),

	/** Sessions in plain text. */
	PLAIN("plain", Meter.Type.COUNTER, "sessions",
			"Sessions in plain text that this node accepted because of encryption.accept-plain-until, at each read"),

	/** Accesses that were not noted. */
	TOUCHES_REFUSED("touches.refused", Meter.Type.COUNTER, null,
			"Accesses that Redis refused to note while it allowed to read"),

	/** Changes that a failover could undo. */
	UNCONFIRMED("unconfirmed", Meter.Type.COUNTER, null,
			"Log-ins, changes of id and log-outs that too few replicas confirmed in time"),

	/** Commands that were sent. */
	COMMANDS("commands", Meter.Type.COUNTER, null,
			"Commands that this node sent, a script being one, also in the background"),

	/** How often something was sent. */
	ROUND_TRIPS("round.trips", Meter.Type.COUNTER, null,
			"How often this node sent something; what is sent together is one, also when nobody waits for it"),

	/** How late expiry is. */
	COLLECTOR_LAG("collector.lag", Meter.Type.GAUGE, "seconds",
			"How long the oldest session that may have expired has been waiting for the collector, of all nodes"),

	/** Whether this node collects. */
	COLLECTOR_LEADING("collector.leading", Meter.Type.GAUGE, null,
			"Whether it is this node that collects expired sessions: 1, else 0"),

	/** How much is collected at once. */
	COLLECTOR_BATCH("collector.batch", Meter.Type.DISTRIBUTION_SUMMARY, "sessions",
			"Sessions that the collector asked in one step whether they have expired"),

	/** Log-ins and sessions that were refused. */
	LIMIT_REJECTED("limit.rejected", Meter.Type.COUNTER, null, "Log-ins and new sessions that a limit refused",
			Keys.LIMIT),

	/** How long requests wait for locks. */
	LOCK_WAIT("lock.wait", Meter.Type.TIMER, "seconds",
			"How long requests waited that had to wait for the lock of their session"),

	/** Requests that waited in vain. */
	LOCK_TIMEOUTS("lock.timeouts", Meter.Type.COUNTER, null, "Requests that waited for a lock in vain"),

	/** Requests that were not let wait. */
	LOCK_REFUSALS("lock.refusals", Meter.Type.COUNTER, null,
			"Requests that were refused at once because too many waited for the lock"),

	/** Locks that were lost. */
	LOCK_LOST("lock.lost", Meter.Type.COUNTER, null,
			"Requests that lost their lock: it was taken over, or its lease ran out"),

	/** Whether Redis is asked. */
	BREAKER_STATE("breaker.state", Meter.Type.GAUGE, null,
			"The state of the circuit breaker: 1 for the one that it is in, 0 for the others; not on a cluster",
			Keys.STATE);

	private static final String PREFIX = "redis.session.";

	private final String name;

	private final Meter.Type type;

	private final @Nullable String baseUnit;

	private final String description;

	@SuppressWarnings("ImmutableEnumChecker") // nobody changes it
	private final KeyName[] keyNames;

	RedisSessionMeter(String name, Meter.Type type, @Nullable String baseUnit, String description,
			KeyName... keyNames) {
		this.name = PREFIX + name;
		this.type = type;
		this.baseUnit = baseUnit;
		this.description = description;
		this.keyNames = keyNames;
	}

	@Override
	public String getName() {
		return this.name;
	}

	@Override
	public Meter.Type getType() {
		return this.type;
	}

	@Override
	public @Nullable String getBaseUnit() {
		return this.baseUnit;
	}

	@Override
	public KeyName[] getKeyNames() {
		return this.keyNames.clone();
	}

	/**
	 * What it tells.
	 * @return a sentence without its period
	 */
	public String getDescription() {
		return this.description;
	}

	/**
	 * The tags.
	 */
	public enum Keys implements KeyName {

		/** Why a session was deleted: {@link app.session.redis.DeletionReason}. */
		REASON,

		/** What a look came to: {@link app.session.redis.observation.LookupResult}. */
		RESULT,

		/**
		 * Why a save was refused: {@code ended} (the session was deleted),
		 * {@code expired} (its timeout has passed while the request ran),
		 * {@code id-changed} (since it was read), {@code locked} (the request has no
		 * lock, or no longer).
		 */
		TYPE,

		/** Which limit: {@code per-principal} or {@code total}. */
		LIMIT,

		/** {@code closed}, {@code open} or {@code half-open}. */
		STATE;

		@Override
		public String asString() {
			return name().toLowerCase(java.util.Locale.ROOT);
		}

	}

}
