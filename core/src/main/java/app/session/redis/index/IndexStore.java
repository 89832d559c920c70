package app.session.redis.index;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

import app.session.redis.SessionId;
import app.session.redis.client.Call;
import app.session.redis.client.CallSender;
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
		List<Call> calls = new ArrayList<>(entries.size());
		for (IndexEntry entry : entries) {
			calls.add(Call.of(CommandType.ZCARD, this.keys.index(entry)));
		}
		return sum(calls);
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

	private CompletionStage<Long> sum(List<Call> calls) {
		this.engine.send(calls);
		return Call.allButDamaged(calls)
			.thenApply((ignored) -> calls.stream()
				.filter((call) -> !call.isDamaged())
				.mapToLong((call) -> call.received().integer(0))
				.sum());
	}

}
