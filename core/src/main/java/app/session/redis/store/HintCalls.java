package app.session.redis.store;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

import app.session.redis.client.Call;
import app.session.redis.client.LuaScript;
import io.lettuce.core.protocol.CommandType;

/**
 * Builds the calls on the expiry hints and the indexes. A hint is written before the
 * session that it refers to, and removed after it, so that a hint can dangle but is never
 * missing.
 */
public final class HintCalls {

	/** How often a session that never expires is checked again. */
	static final Duration RECHECK = Duration.ofDays(1);

	private final RedisKeys keys;

	HintCalls(RedisKeys keys) {
		this.keys = keys;
	}

	/** Records when a new session can expire. */
	Call due(String handle, Duration idleTimeout) {
		return due(handle, delay(idleTimeout), "");
	}

	/**
	 * Brings a hint forward. A hint that is due sooner stays due, because the session may
	 * have expired, but its score changes, so that the collector doesn't move it. A hint
	 * that is gone stays gone, because the session may be gone too.
	 */
	Call dueSooner(String handle, Duration idleTimeout) {
		return due(handle, delay(idleTimeout), "<");
	}

	/** Moves a hint that has come due, unless it has changed since it was read. */
	public Call move(String handle, long delay, String score) {
		return due(handle, delay, score);
	}

	private Call due(String handle, long delay, String score) {
		return Call.of(LuaScript.HINT, this.keys.hints(handle)).arg(handle).arg(delay).arg(score);
	}

	Call add(IndexEntry entry, String handle, Duration idleTimeout) {
		return index(entry, handle, delay(idleTimeout), isEndless(idleTimeout), false);
	}

	/** Renews an entry of a session that expires later. */
	public Call renew(IndexEntry entry, String handle, long delay, boolean endless) {
		return index(entry, handle, delay, endless, true);
	}

	private Call index(IndexEntry entry, String handle, long delay, boolean endless, boolean renew) {
		return Call.of(LuaScript.INDEX, this.keys.index(entry))
			.arg(handle)
			.arg(delay)
			.arg(endless ? "1" : "0")
			.arg(renew ? "1" : "0");
	}

	/** Removes a dangling entry whose score has passed. */
	public Call removePassed(IndexEntry entry, String handle) {
		return Call.of(LuaScript.REMOVE, this.keys.index(entry)).arg(handle).arg("");
	}

	/** Removes an entry if it still has the given score. */
	public Call removeUnchanged(IndexEntry entry, String handle, String score) {
		return Call.of(LuaScript.REMOVE, this.keys.index(entry)).arg(handle).arg(score);
	}

	/** Removes an entry if it is only a reservation. */
	public Call removeReserved(IndexEntry entry, String handle) {
		return Call.of(LuaScript.REMOVE, this.keys.index(entry)).arg(handle).arg("?");
	}

	/** Removes an entry, whatever its score. */
	Call remove(IndexEntry entry, String handle) {
		return Call.of(CommandType.ZREM, this.keys.index(entry)).arg(handle);
	}

	/** Removes the index entries and the hint of a session that is gone for good. */
	List<Call> removeAll(String handle, Collection<IndexEntry> entries) {
		List<Call> calls = removeEntries(handle, entries);
		calls.add(removeDue(handle));
		return calls;
	}

	/** Removes the entries of a session that has ended for good. */
	public List<Call> removeEntries(String handle, Collection<IndexEntry> entries) {
		List<Call> calls = new ArrayList<>(entries.size() + 1);
		for (IndexEntry entry : entries) {
			calls.add(remove(entry, handle));
		}
		return calls;
	}

	/** Removes the expiry hint of a session that is gone for good. */
	public Call removeDue(String handle) {
		return Call.of(CommandType.ZREM, this.keys.hints(handle)).arg(handle);
	}

	/** Removes a member of the hints that can't be the hint of a session. */
	public Call removeStray(int part, String member) {
		return Call.of(CommandType.ZREM, this.keys.hints(part)).arg(member.getBytes(StandardCharsets.ISO_8859_1));
	}

	static long delay(Duration idleTimeout) {
		return isEndless(idleTimeout) ? RECHECK.toMillis() : SessionHeader.millis(idleTimeout);
	}

	public static boolean isEndless(Duration idleTimeout) {
		return idleTimeout.isZero() || idleTimeout.isNegative();
	}

}
