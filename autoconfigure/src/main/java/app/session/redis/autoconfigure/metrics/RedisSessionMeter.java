package app.session.redis.autoconfigure.metrics;

import app.session.redis.observation.SessionCounter;
import app.session.redis.observation.SessionObservation;
import io.micrometer.common.docs.KeyName;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.docs.MeterDocumentation;
import org.jspecify.annotations.Nullable;

/**
 * The session meters other than counters, which are {@link SessionCounter}, and the
 * durations of operations, which are {@link SessionObservation}. {@link #LIVE} and
 * {@link #COLLECTOR_LAG} are the same on every node; the others describe their own node
 * since its start. No tag contains a session, a principal or a key.
 */
public enum RedisSessionMeter implements MeterDocumentation {

	/** The number of live sessions. */
	LIVE("live", Meter.Type.GAUGE, "sessions",
			"Live sessions of all nodes; a session that has just expired counts until the collector has processed it"),

	/** The number of bytes that a save writes. */
	SAVE_SIZE("save.size", Meter.Type.DISTRIBUTION_SUMMARY, "bytes",
			"Names and values of the fields that a save writes, compressed and encrypted"),

	/** The delay of expiry. */
	COLLECTOR_LAG("collector.lag", Meter.Type.GAUGE, "seconds",
			"How long the oldest possibly expired session has been waiting for the collector, across all nodes"),

	/** Whether this node runs the collector. */
	COLLECTOR_LEADING("collector.leading", Meter.Type.GAUGE, null,
			"Whether this node collects expired sessions: 1 if so, otherwise 0"),

	/** The number of sessions that the collector checks in one step. */
	COLLECTOR_BATCH("collector.batch", Meter.Type.DISTRIBUTION_SUMMARY, "sessions",
			"Sessions that the collector checked for expiry in one step"),

	/** The time that requests wait for locks. */
	LOCK_WAIT("lock.wait", Meter.Type.TIMER, "seconds",
			"How long requests waited for the lock of their session, if they had to wait"),

	/** The memory of the copies of sessions on this node. */
	NEAR_CACHE_MEMORY("near.cache.memory", Meter.Type.GAUGE, "bytes",
			"Approximate memory of the copies of sessions on this node"),

	/** The number of copies of sessions on this node. */
	NEAR_CACHE_SIZE("near.cache.size", Meter.Type.GAUGE, "sessions",
			"Approximate number of copies of sessions on this node"),

	/** Whether copies are used without asking Redis. */
	NEAR_CACHE_TRUST("near.cache.trust", Meter.Type.GAUGE, null,
			"Whether this node uses copies of sessions without asking Redis at present: 1 if so, otherwise 0"),

	/** The state of the circuit breaker. */
	BREAKER_STATE("breaker.state", Meter.Type.GAUGE, null,
			"The state of the circuit breaker: 1 for the current state, 0 for the others; not on a cluster",
			Keys.STATE);

	private static final String PREFIX = "redis.session.";

	private final String name;

	private final Meter.Type type;

	private final @Nullable String baseUnit;

	private final String description;

	@SuppressWarnings("ImmutableEnumChecker") // never modified
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
	 * Returns the description of the meter.
	 * @return a sentence without its period
	 */
	public String getDescription() {
		return this.description;
	}

	/**
	 * The tags of the meters.
	 */
	public enum Keys implements KeyName {

		/** {@code closed}, {@code open} or {@code half-open}. */
		STATE;

		@Override
		public String asString() {
			return name().toLowerCase(java.util.Locale.ROOT);
		}

	}

}
