package app.session.redis.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import app.session.redis.client.Call;
import app.session.redis.client.CallSender;
import app.session.redis.client.LuaScript;

/**
 * Brings the indexes in line with sessions that were created or saved. This runs in the
 * background; no caller waits for it.
 */
final class IndexSettlement {

	/** The reply of {@code index.lua} for an entry that existed already. */
	private static final long WAS_PRESENT = 2;

	/**
	 * The maximum number of rounds; after it the session changes faster than its indexes
	 * can follow.
	 */
	private static final int ROUNDS = 10;

	private final CallSender engine;

	private final RedisKeys keys;

	private final HintCalls hints;

	IndexSettlement(CallSender engine, RedisKeys keys, HintCalls hints) {
		this.engine = engine;
		this.keys = keys;
		this.hints = hints;
	}

	/**
	 * Adds the entries of a new session that already existed once more. They were
	 * reserved, and another node may have removed them in between as dangling
	 * reservations.
	 * @param handle the session
	 * @param idleTimeout its idle timeout
	 * @param added the completed calls that added its entries
	 */
	void created(String handle, Duration idleTimeout, Map<IndexEntry, Call> added) {
		Set<IndexEntry> reserved = new LinkedHashSet<>();
		added.forEach((entry, call) -> {
			if (wasPresent(call)) {
				reserved.add(entry);
			}
		});
		settleInBackground(handle, idleTimeout, reserved, reserved);
	}

	/**
	 * Brings the indexes in line with the entries that the save found in the session.
	 * Entries that the save replaced are removed; so are its own entries if it was
	 * refused, unless the session has them. If an entry existed before this save added
	 * it, another save may have replaced it and be about to remove it, or another node
	 * may have removed it as a dangling reservation, so it is added again. For a session
	 * that is indexed for the first time, without a reservation, nothing needs to be
	 * done.
	 * @param change the save
	 * @param added the completed calls that added its entries
	 * @param saved whether the save was applied
	 * @param found the entries that the session had before
	 */
	void saved(SessionChange change, Map<IndexEntry, Call> added, boolean saved, Set<IndexEntry> found) {
		boolean first = saved && found.isEmpty();
		Set<IndexEntry> doubtful = new LinkedHashSet<>();
		added.forEach((entry, call) -> {
			if (!found.contains(entry) && !(first && !wasPresent(call))) {
				doubtful.add(entry);
			}
		});
		if (saved) {
			found.stream().filter((entry) -> !change.entries().contains(entry)).forEach(doubtful::add);
		}
		settleInBackground(change.handle(), change.remaining(), doubtful, saved ? change.entries() : found);
	}

	private static boolean wasPresent(Call call) {
		return call.received().integer(0) == WAS_PRESENT;
	}

	private void settleInBackground(String handle, Duration idleTimeout, Set<IndexEntry> entries,
			Set<IndexEntry> present) {
		if (!entries.isEmpty()) {
			this.engine.background(settle(handle, idleTimeout, entries, present, ROUNDS), "Correcting index entries");
		}
	}

	/**
	 * Adds and removes entries until a later read of the session shows exactly the
	 * entries that were added and none that were removed. Because every save that changes
	 * entries does so, the indexes end up neither incomplete nor with surplus entries, in
	 * whatever order the nodes of a cluster receive two saves.
	 */
	private CompletionStage<?> settle(String handle, Duration idleTimeout, Set<IndexEntry> entries,
			Set<IndexEntry> present, int rounds) {
		List<Call> calls = new ArrayList<>(entries.size() + 1);
		for (IndexEntry entry : entries) {
			calls.add(present.contains(entry) ? this.hints.add(entry, handle, idleTimeout)
					: this.hints.remove(entry, handle));
		}
		Call look = Call.of(LuaScript.LOOK, this.keys.session(handle));
		return this.engine.sendAfter(calls, look).thenCompose((reply) -> {
			if (reply.isInteger(0) && reply.integer(0) < 0) {
				// Newer or damaged: its entries are unknown, so nothing is removed
				return CompletableFuture.completedFuture(null);
			}
			Set<IndexEntry> now = reply.isBytes(0) ? IndexEntry.decode(reply.bytes(0)) : Set.of();
			boolean settled = entries.stream().allMatch((entry) -> now.contains(entry) == present.contains(entry));
			return (settled || rounds == 0) ? CompletableFuture.completedFuture(null)
					: settle(handle, idleTimeout, entries, now, rounds - 1);
		});
	}

}
