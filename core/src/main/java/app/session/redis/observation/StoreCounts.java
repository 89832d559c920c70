package app.session.redis.observation;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * What a node has asked of Redis, and what came of looking for sessions.
 */
public final class StoreCounts {

	private final LongAdder commands = new LongAdder();

	private final LongAdder roundTrips = new LongAdder();

	private final LongAdder refused = new LongAdder();

	private final LongAdder damaged = new LongAdder();

	private final Map<LookupResult, LongAdder> lookups = new EnumMap<>(LookupResult.class);

	/**
	 * Begins at zero.
	 */
	public StoreCounts() {
		for (LookupResult lookup : LookupResult.values()) {
			this.lookups.put(lookup, new LongAdder());
		}
	}

	public void addCommand() {
		this.commands.increment();
	}

	public void addRoundTrip() {
		this.roundTrips.increment();
	}

	public void addRefused() {
		this.refused.increment();
	}

	public void addDamaged() {
		this.damaged.increment();
	}

	/**
	 * Returns how many damaged sessions were found, each counted once: what Redis holds
	 * under their keys is not what this library writes.
	 * @return how many
	 */
	public long damaged() {
		return this.damaged.sum();
	}

	/**
	 * Returns how often a session was read that is not authentic. They count as lookups
	 * of sessions that can't be read, too.
	 * @return how many
	 */
	public long refused() {
		return this.refused.sum();
	}

	/**
	 * Counts a look for one session. The store counts those that find none that it can
	 * hand over; of the others only the caller knows whether the session can be read.
	 * @param lookup what it came to
	 */
	@SuppressWarnings("NullAway") // there is one for each
	public void add(LookupResult lookup) {
		this.lookups.get(lookup).increment();
	}

	/**
	 * Commands that were sent, a script being one, also in the background. Those of
	 * subscriptions, of waits for replicas and of checks of the server don't count.
	 * @return how many
	 */
	public long commands() {
		return this.commands.sum();
	}

	/**
	 * How often something was sent. What is sent together is one round trip, to however
	 * many nodes of a cluster it goes, and whether or not anybody waits for the answer.
	 * @return how many
	 */
	public long roundTrips() {
		return this.roundTrips.sum();
	}

	/**
	 * Looks for one session, by an id or a handle.
	 * @param lookup what they came to
	 * @return how many
	 */
	@SuppressWarnings("NullAway") // there is one for each
	public long lookups(LookupResult lookup) {
		return this.lookups.get(lookup).sum();
	}

}
