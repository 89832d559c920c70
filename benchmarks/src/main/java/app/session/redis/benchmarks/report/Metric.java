package app.session.redis.benchmarks.report;

import com.fasterxml.jackson.annotation.JsonValue;

/**
 * The measured quantities.
 */
public enum Metric {

	THROUGHPUT("throughput", "requests/s", true),

	COMMANDS("commands", "commands/request", false),

	ROUND_TRIPS("round-trips", "round trips/request", false),

	BYTES_SENT("bytes-sent", "bytes Redis sends/request", false),

	BYTES_RECEIVED("bytes-received", "bytes Redis receives/request", false),

	REDIS_CPU("redis-cpu", "µs of Redis CPU/request", false),

	ALLOCATION("allocation", "bytes the JVM allocates/request", false),

	MEMORY("memory", "bytes in Redis/session", false),

	P50("p50", "median latency, µs", false),

	P90("p90", "90 % latency, µs", false),

	P99("p99", "99 % latency, µs", false),

	P999("p99.9", "99.9 % latency, µs", false),

	RATE("rate", "requests/s sent", true),

	IDLE_COMMANDS("idle-commands", "commands/s without requests", false),

	IDLE_CPU("idle-cpu", "ms of Redis CPU/s without requests", false),

	TIME("time", "ns/operation", false),

	GARBAGE("garbage", "bytes allocated/operation", false);

	private final String id;

	private final String unit;

	private final boolean more;

	Metric(String id, String unit, boolean more) {
		this.id = id;
		this.unit = unit;
		this.more = more;
	}

	/**
	 * Returns the name in results.
	 * @return the name
	 */
	@JsonValue
	public String id() {
		return this.id;
	}

	/**
	 * Returns the unit, for tables.
	 * @return the unit
	 */
	public String unit() {
		return this.unit;
	}

	/**
	 * Returns whether higher values are better.
	 * @return false if lower values are better
	 */
	public boolean isMoreBetter() {
		return this.more;
	}

}
