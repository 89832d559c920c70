package app.session.redis.index;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import app.session.redis.SessionId;
import app.session.redis.client.Call;
import app.session.redis.client.CallSender;
import app.session.redis.client.LuaScript;
import app.session.redis.client.Reply;
import app.session.redis.store.IndexEntry;
import app.session.redis.store.RedisKeys;
import app.session.redis.store.SessionStore;
import io.lettuce.core.protocol.CommandType;

/**
 * Finds and counts sessions by their index entries.
 */
public final class IndexStore {

	private final SessionStore store;

	private final CallSender engine;

	private final RedisKeys keys;

	/**
	 * Creates an index store.
	 * @param store the store of the sessions
	 */
	public IndexStore(SessionStore store) {
		this.store = store;
		this.engine = store.engine();
		this.keys = store.keys();
	}

	/**
	 * Finds the sessions of index entries: {@code ZRANGE} for each, in one round trip.
	 * Some of them may have ended. Keys of another type and members that aren't handles
	 * are ignored.
	 * @param entries the entries
	 * @return the handles by entry, in the same order
	 */
	public CompletionStage<Map<IndexEntry, List<String>>> handles(List<IndexEntry> entries) {
		List<Call> calls = new ArrayList<>(entries.size());
		for (IndexEntry entry : entries) {
			calls.add(Call.of(CommandType.ZRANGE, this.keys.index(entry)).arg(0).arg(-1));
		}
		this.engine.send(calls);
		return Call.allButDamaged(calls).thenApply((ignored) -> {
			Map<IndexEntry, List<String>> found = new LinkedHashMap<>();
			for (int i = 0; i < entries.size(); i++) {
				if (!calls.get(i).isDamaged()) {
					found.put(entries.get(i), handles(calls.get(i).received()));
				}
			}
			return found;
		});
	}

	private static List<String> handles(Reply reply) {
		List<String> handles = new ArrayList<>(reply.size());
		for (int i = 0; i < reply.size(); i++) {
			String handle = reply.text(i);
			if (SessionId.isHandle(handle)) {
				handles.add(handle);
			}
		}
		return handles;
	}

	/**
	 * Counts the sessions of index entries: {@code ZCARD} for each, in one round trip. An
	 * expired session counts until the collector removes it.
	 * @param entries the entries
	 * @return the number of sessions
	 */
	public CompletionStage<Long> count(List<IndexEntry> entries) {
		List<Call> calls = cardinalities(entries);
		this.engine.send(calls);
		return Call.allButDamaged(calls).thenApply((ignored) -> sum(calls));
	}

	private List<Call> cardinalities(List<IndexEntry> entries) {
		return entries.stream().map((entry) -> Call.of(CommandType.ZCARD, this.keys.index(entry))).toList();
	}

	private static long sum(List<Call> calls) {
		return calls.stream().filter((call) -> !call.isDamaged()).mapToLong((call) -> call.received().integer(0)).sum();
	}

	/**
	 * Returns which of several index values has the fewest sessions: {@code ZCARD} for
	 * each entry, in one round trip.
	 * @param criteria the forms of the entry of each index value
	 * @return its position
	 */
	public CompletionStage<Integer> smallest(List<List<IndexEntry>> criteria) {
		List<List<Call>> calls = new ArrayList<>(criteria.size());
		List<Call> sent = new ArrayList<>();
		for (List<IndexEntry> forms : criteria) {
			List<Call> some = cardinalities(forms);
			calls.add(some);
			sent.addAll(some);
		}
		this.engine.send(sent);
		return Call.allButDamaged(sent).thenApply((ignored) -> {
			int smallest = 0;
			for (int i = 1; i < calls.size(); i++) {
				if (sum(calls.get(i)) < sum(calls.get(smallest))) {
					smallest = i;
				}
			}
			return smallest;
		});
	}

	/**
	 * Returns the sessions that have all of several index values, according to the
	 * indexes: {@code EVALSHA contains} for each entry, in one round trip.
	 * @param handles the sessions, at most about 1,000
	 * @param criteria the forms of the entry of each index value
	 * @return the handles of these sessions, in the same order
	 */
	public CompletionStage<List<String>> containing(List<String> handles, List<List<IndexEntry>> criteria) {
		if (handles.isEmpty() || criteria.isEmpty()) {
			return CompletableFuture.completedFuture(handles);
		}
		List<byte[]> members = handles.stream().map((handle) -> handle.getBytes(StandardCharsets.US_ASCII)).toList();
		List<List<Call>> calls = new ArrayList<>(criteria.size());
		List<Call> sent = new ArrayList<>();
		for (List<IndexEntry> forms : criteria) {
			List<Call> some = forms.stream()
				.map((entry) -> Call.of(LuaScript.CONTAINS, this.keys.index(entry)).args(members))
				.toList();
			calls.add(some);
			sent.addAll(some);
		}
		this.engine.send(sent);
		return Call.allButDamaged(sent).thenApply((ignored) -> {
			List<String> containing = new ArrayList<>();
			for (int i = 0; i < handles.size(); i++) {
				int position = i;
				if (calls.stream()
					.allMatch((forms) -> forms.stream()
						.anyMatch((call) -> !call.isDamaged() && call.received().integer(position) == 1))) {
					containing.add(handles.get(i));
				}
			}
			return containing;
		});
	}

	/**
	 * Reads the index entries of sessions: {@code EVALSHA entries} for every 50, on a
	 * cluster for each session, in one round trip.
	 * @param handles the sessions
	 * @return the entries of each live session that can be read here
	 */
	public CompletionStage<List<Set<IndexEntry>>> entries(List<String> handles) {
		List<Call> calls = Call.onAll(LuaScript.ENTRIES, handles.stream().map(this.keys::session).toList(),
				this.engine.isCluster());
		this.engine.send(calls);
		return Call.all(calls).thenApply((ignored) -> {
			List<Set<IndexEntry>> found = new ArrayList<>(handles.size());
			for (Call call : calls) {
				Reply reply = call.received();
				for (int i = 0; i < reply.size(); i++) {
					if (reply.isBytes(i) && IndexEntry.areComplete(reply.bytes(i), 0)) {
						found.add(IndexEntry.decode(reply.bytes(i)));
					}
				}
			}
			return found;
		});
	}

	/**
	 * Returns a scan of the sessions of index entries.
	 * @param entries the entries, in the same order each time
	 * @return the scan
	 */
	public SetScan scan(List<IndexEntry> entries) {
		return new SetScan(this.engine, entries.stream().map(this.keys::index).toList());
	}

	/**
	 * Returns a scan of all sessions.
	 * @return the scan
	 */
	public SetScan scan() {
		List<byte[]> hints = new ArrayList<>(RedisKeys.HINT_PARTS);
		for (int part = 0; part < RedisKeys.HINT_PARTS; part++) {
			hints.add(this.keys.hints(part));
		}
		return new SetScan(this.engine, hints);
	}

	/**
	 * Removes dangling entries whose time has passed, in the background.
	 * @param entry the entry
	 * @param handles the sessions that are gone
	 */
	public void prune(IndexEntry entry, List<String> handles) {
		if (!handles.isEmpty()) {
			List<Call> calls = handles.stream()
				.map((handle) -> this.store.hints().removePassed(entry, handle))
				.toList();
			this.engine.send(calls);
			this.engine.background(Call.all(calls), "Removing dangling index entries");
		}
	}

}
