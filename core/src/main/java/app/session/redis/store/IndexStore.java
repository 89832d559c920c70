package app.session.redis.store;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import io.lettuce.core.protocol.CommandType;
import org.jspecify.annotations.Nullable;

/**
 * Finds sessions: by what they are indexed under, or all of them in pages.
 */
public final class IndexStore {

	private final SessionStore store;

	private final RedisEngine engine;

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
	 * Some may have ended.
	 * @param entries the entries
	 * @return handles by entry, in the same order
	 */
	public CompletionStage<Map<IndexEntry, List<String>>> handles(List<IndexEntry> entries) {
		List<Call> calls = new ArrayList<>(entries.size());
		for (IndexEntry entry : entries) {
			calls.add(Call.of(CommandType.ZRANGE, this.keys.index(entry)).arg(0).arg(-1));
		}
		this.engine.send(calls);
		return SessionStore.all(calls).thenApply((ignored) -> {
			Map<IndexEntry, List<String>> found = new LinkedHashMap<>();
			for (int i = 0; i < entries.size(); i++) {
				found.put(entries.get(i), handles(calls.get(i).reply().join()));
			}
			return found;
		});
	}

	private static List<String> handles(Reply reply) {
		List<String> handles = new ArrayList<>(reply.size());
		for (int i = 0; i < reply.size(); i++) {
			handles.add(text(reply.bytes(i)));
		}
		return handles;
	}

	/**
	 * Counts the sessions of index entries: {@code ZCARD} for each, in one round trip.
	 * One that has just expired counts until the collector has passed.
	 * @param entries the entries
	 * @return how many
	 */
	public CompletionStage<Long> count(List<IndexEntry> entries) {
		List<Call> calls = new ArrayList<>(entries.size());
		for (IndexEntry entry : entries) {
			calls.add(Call.of(CommandType.ZCARD, this.keys.index(entry)));
		}
		return sum(calls);
	}

	/**
	 * Removes entries that lead nowhere once their time has passed; not waited for.
	 * @param entry the entry
	 * @param handles sessions that are gone
	 */
	public void prune(IndexEntry entry, List<String> handles) {
		if (!handles.isEmpty()) {
			List<Call> calls = handles.stream()
				.map((handle) -> this.store.hints().removePassed(entry, handle))
				.toList();
			this.engine.send(calls);
			this.engine.background(SessionStore.all(calls), "Removing index entries that lead nowhere");
		}
	}

	/**
	 * Counts the living sessions: {@code ZCARD} for each part of the expiry hints, in one
	 * round trip. One that has just expired counts until the collector has passed.
	 * @return how many
	 */
	public CompletionStage<Long> count() {
		List<Call> calls = new ArrayList<>(RedisKeys.HINT_PARTS);
		for (int part = 0; part < RedisKeys.HINT_PARTS; part++) {
			calls.add(Call.of(CommandType.ZCARD, this.keys.hints(part)));
		}
		return sum(calls);
	}

	private CompletionStage<Long> sum(List<Call> calls) {
		this.engine.send(calls);
		return SessionStore.all(calls)
			.thenApply((ignored) -> calls.stream().mapToLong((call) -> call.reply().join().integer(0)).sum());
	}

	/**
	 * Reads a page of the living sessions: {@code ZSCAN} of the expiry hints, which tells
	 * every member that is there from the first page to the last, whatever happens to its
	 * score, and some of them twice; then {@code EVALSHA describe} for each: two round
	 * trips for a page that is neither empty nor the last of a part.
	 * @param cursor where the page begins: what the page before it said, or null
	 * @param limit how many sessions there should be in a page; small parts of the hints
	 * are read as a whole, so that it may be more
	 * @return the page
	 * @throws IllegalArgumentException if the cursor is none of those
	 */
	public CompletionStage<SessionPage> page(@Nullable String cursor, int limit) {
		Position position = (cursor != null) ? Position.parse(cursor) : new Position(0, "0");
		return collect(position, limit, new ArrayList<>());
	}

	private CompletableFuture<SessionPage> collect(Position position, int limit, List<SessionDescription> sessions) {
		Call scan = Call.of(CommandType.ZSCAN, this.keys.hints(position.part()))
			.arg(position.cursor())
			.arg("COUNT")
			.arg(limit - sessions.size());
		return this.engine.send(scan).thenCompose((reply) -> {
			List<String> handles = new ArrayList<>();
			for (int i = 1; i < reply.size(); i += 2) {
				handles.add(text(reply.bytes(i)));
			}
			Position next = position.next(text(reply.bytes(0)));
			return describe(handles).thenCompose((found) -> {
				sessions.addAll(found);
				if (next.part() == RedisKeys.HINT_PARTS) {
					return CompletableFuture.completedFuture(new SessionPage(List.copyOf(sessions), null));
				}
				if (sessions.size() >= limit) {
					return CompletableFuture.completedFuture(new SessionPage(List.copyOf(sessions), next.toString()));
				}
				return collect(next, limit, sessions);
			});
		});
	}

	private CompletableFuture<List<SessionDescription>> describe(List<String> handles) {
		List<Call> calls = handles.stream().map(this.store::describing).toList();
		this.engine.send(calls);
		return SessionStore.allButDamaged(calls).thenApply((ignored) -> {
			List<SessionDescription> found = new ArrayList<>(calls.size());
			for (int i = 0; i < calls.size(); i++) {
				if (calls.get(i).isDamaged()) {
					continue;
				}
				Reply reply = calls.get(i).reply().join();
				SessionDescription description = SessionStore.isNewer(reply) ? null
						: SessionDescription.of(handles.get(i), SessionStore.check(reply));
				if (description != null) {
					found.add(description);
				}
			}
			return found;
		});
	}

	private static String text(byte[] bytes) {
		return new String(bytes, StandardCharsets.US_ASCII);
	}

	/** Where a page begins: a part of the hints, and Redis's cursor in it. */
	private record Position(int part, String cursor) {

		static Position parse(String text) {
			int dash = text.indexOf('-');
			try {
				int part = Integer.parseInt(text.substring(0, Math.max(dash, 0)));
				String cursor = text.substring(dash + 1);
				long number = Long.parseUnsignedLong(cursor);
				if (part >= 0 && part < RedisKeys.HINT_PARTS) {
					return new Position(part, Long.toUnsignedString(number));
				}
			}
			catch (NumberFormatException ex) {
				throw new IllegalArgumentException("Not the cursor of a page of sessions; begin without one", ex);
			}
			throw new IllegalArgumentException("Not the cursor of a page of sessions; begin without one");
		}

		Position next(String cursor) {
			return cursor.equals("0") ? new Position(this.part + 1, "0") : new Position(this.part, cursor);
		}

		@Override
		public String toString() {
			return this.part + "-" + this.cursor;
		}

	}

}
