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
 * Builds the calls on what leads to sessions: the expiry hints, and the indexes. A hint
 * is written before the session that it leads to, and removed after it, so that one may
 * lead nowhere but none is ever missing.
 */
public final class HintCalls {

	/** How soon a session that never expires is asked again. */
	static final Duration RECHECK = Duration.ofDays(1);

	private final RedisKeys keys;

	HintCalls(RedisKeys keys) {
		this.keys = keys;
	}

	/** Notes when a new session can be due. */
	Call due(String handle, Duration idleTimeout) {
		return due(handle, delay(idleTimeout), "");
	}

	/**
	 * Brings a hint forward. One that is due sooner stays due, since the session may have
	 * expired, but no longer has the score by which the collector would move it; one that
	 * is gone stays gone, since the session may be.
	 */
	Call dueSooner(String handle, Duration idleTimeout) {
		return due(handle, delay(idleTimeout), "<");
	}

	/** Moves a hint that has come due, unless it was changed since it was read. */
	public Call move(String handle, long delay, String score) {
		return due(handle, delay, score);
	}

	private Call due(String handle, long delay, String score) {
		return Call.of(LuaScript.HINT, this.keys.hints(handle)).arg(handle).arg(delay).arg(score);
	}

	Call add(IndexEntry entry, String handle, Duration idleTimeout) {
		return index(entry, handle, delay(idleTimeout), isEndless(idleTimeout), false);
	}

	/** Renews an entry for a session that is due later. */
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

	/** Removes an entry whose score has passed, found to lead nowhere. */
	public Call removePassed(IndexEntry entry, String handle) {
		return Call.of(LuaScript.REMOVE, this.keys.index(entry)).arg(handle).arg("");
	}

	/** Removes an entry that still has the score with which it was found. */
	public Call removeUnchanged(IndexEntry entry, String handle, String score) {
		return Call.of(LuaScript.REMOVE, this.keys.index(entry)).arg(handle).arg(score);
	}

	/** Removes an entry that is only reserved. */
	public Call removeReserved(IndexEntry entry, String handle) {
		return Call.of(LuaScript.REMOVE, this.keys.index(entry)).arg(handle).arg("?");
	}

	/** Removes an entry, whatever its score. */
	Call remove(IndexEntry entry, String handle) {
		return Call.of(CommandType.ZREM, this.keys.index(entry)).arg(handle);
	}

	/** Removes all that leads to a session which is gone for good. */
	List<Call> removeAll(String handle, Collection<IndexEntry> entries) {
		List<Call> calls = removeEntries(handle, entries);
		calls.add(removeDue(handle));
		return calls;
	}

	/** Removes the entries of a session which has ended for good. */
	public List<Call> removeEntries(String handle, Collection<IndexEntry> entries) {
		List<Call> calls = new ArrayList<>(entries.size() + 1);
		for (IndexEntry entry : entries) {
			calls.add(remove(entry, handle));
		}
		return calls;
	}

	/** Removes the expiry hint of a session which is gone for good. */
	public Call removeDue(String handle) {
		return Call.of(CommandType.ZREM, this.keys.hints(handle)).arg(handle);
	}

	/** Removes a member of the hints that can't lead to a session. */
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
