package app.session.redis.engine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

import app.session.redis.cache.NearCache;
import app.session.redis.client.Stages;
import app.session.redis.codec.SessionSeals;
import app.session.redis.index.IndexStore;
import app.session.redis.index.IndexValues;
import app.session.redis.observation.SessionCounter;
import app.session.redis.observation.SessionCounts;
import app.session.redis.observation.StoreOperation;
import app.session.redis.session.PendingSaves;
import app.session.redis.session.SessionNames;
import app.session.redis.session.SessionScope;
import app.session.redis.session.StoredSession;
import app.session.redis.session.StoredSessions;
import app.session.redis.store.BulkReader;
import app.session.redis.store.IndexEntry;
import app.session.redis.store.LoadedSessions;
import app.session.redis.store.SessionRecord;
import app.session.redis.store.SessionStore;
import org.jspecify.annotations.Nullable;

/**
 * Reads sessions without recording an access: one by its handle, or all of an index
 * value.
 */
public final class SessionReader {

	private static final int LOAD_CHUNK = 500;

	private final StoreCalls calls;

	private final SessionStore store;

	private final IndexStore index;

	private final IndexValues values;

	private final PendingSaves pendingSaves;

	private final SessionSeals seals;

	private final StoredSessions sessions;

	private final SessionNames names;

	private final NearCache nearCache;

	private final SessionCounts counts;

	SessionReader(EngineContext context, IndexValues values, PendingSaves pendingSaves, SessionSeals seals) {
		this.calls = context.calls();
		this.store = context.store();
		this.index = new IndexStore(this.store);
		this.values = values;
		this.pendingSaves = pendingSaves;
		this.seals = seals;
		this.sessions = context.sessions();
		this.names = context.names();
		this.nearCache = context.nearCache();
		this.counts = context.counts();
	}

	/**
	 * Reads the stored record of a session: one round trip.
	 * @param scope the request
	 * @param handle the session
	 * @param digest the digest of the secret in its id, or null to read it by its handle
	 * @return the record, or null if there is no such session
	 */
	public CompletionStage<@Nullable SessionRecord> load(SessionScope scope, String handle, byte @Nullable [] digest) {
		return this.calls
			.observe(scope, StoreOperation.LOAD,
					() -> this.calls.receive(scope, this.store.load(handle, digest, null, null)))
			.thenApply((found) -> {
				if (found != null) {
					this.counts.increment(SessionCounter.LOOKUP_HIT);
					this.nearCache.seen(found.content(), null);
					countPlain(found);
				}
				else {
					this.nearCache.missing(handle);
				}
				return found;
			});
	}

	/** Counts a session in plain text that is accepted temporarily. */
	void countPlain(SessionRecord found) {
		if (this.seals.isTolerated(found.seal())) {
			this.counts.increment(SessionCounter.PLAIN);
		}
	}

	/**
	 * Finds a session by its handle: one round trip, or none if the request has already
	 * loaded it.
	 */
	CompletionStage<@Nullable StoredSession> findByHandle(SessionScope scope, String handle) {
		if (scope.hasEnded(handle)) {
			return CompletableFuture.completedFuture(null);
		}
		StoredSession known = scope.session(handle);
		if (known != null) {
			return CompletableFuture.completedFuture(known);
		}
		scope.rethrowFailure();
		return load(scope, handle, null)
			.thenApply((found) -> (found != null) ? register(scope, this.sessions.byHandle(scope, found)) : null);
	}

	/** Returns the session of the request for a record that was found by an index. */
	StoredSession register(SessionScope scope, SessionRecord found) {
		return register(scope, this.sessions.byHandle(scope, found));
	}

	private static StoredSession register(SessionScope scope, StoredSession session) {
		scope.add(session);
		StoredSession kept = scope.session(session.getHandle());
		if (kept == null) {
			return session;
		}
		kept.saving().lock(scope.lock(session.getHandle()));
		return kept;
	}

	/**
	 * Finds the sessions of an index value: two round trips, and one more for each 4 MB
	 * of large sessions, which are read over a separate connection. A sealed session is
	 * included only if its own attributes confirm the index value.
	 * @param scope the request
	 * @param indexName the index
	 * @param indexValue the value; null finds no sessions
	 * @return the sessions, in the order of the index
	 */
	public CompletionStage<FoundSessions> findByIndex(SessionScope scope, @Nullable String indexName,
			@Nullable String indexValue) {
		if (indexName == null || indexValue == null) {
			return CompletableFuture.completedFuture(new FoundSessions(this.names));
		}
		return this.calls.observe(scope, StoreOperation.FIND,
				() -> this.calls.receive(scope, this.index.handles(this.values.entries(indexName, indexValue)))
					.thenCompose((found) -> find(scope, indexName, indexValue, found)));
	}

	private CompletionStage<FoundSessions> find(SessionScope scope, String indexName, String indexValue,
			Map<IndexEntry, List<String>> found) {
		List<String> handles = found.values().stream().flatMap(List::stream).distinct().toList();
		Map<String, StoredSession> byHandle = new HashMap<>();
		Map<String, Set<IndexEntry>> entries = new HashMap<>();
		Set<String> gone = new HashSet<>();
		return loadAll(scope, handles, (loaded) -> {
			gone.addAll(loaded.gone());
			for (SessionRecord session : loaded.sessions()) {
				Set<IndexEntry> present = session.entries();
				entries.put(session.handle(), present);
				if (!Collections.disjoint(present, found.keySet()) && confirms(scope, session, indexName, indexValue)
						&& !scope.hasEnded(session.handle())) {
					byHandle.put(session.handle(), register(scope, session));
				}
			}
		}).thenApply((done) -> {
			FoundSessions sessions = new FoundSessions(this.names);
			for (String handle : handles) {
				StoredSession session = byHandle.get(handle);
				if (session != null) {
					sessions.add(session);
				}
			}
			found.forEach((entry, members) -> this.index.prune(entry, members.stream().filter((handle) -> {
				Set<IndexEntry> present = entries.get(handle);
				return (present != null) ? !present.contains(entry) : gone.contains(handle);
			}).toList()));
			return sessions;
		});
	}

	/**
	 * Reads sessions without delaying requests by more than the transfer of a few
	 * megabytes: {@code EVALSHA load} for each, in one round trip for 500; then the
	 * sessions that are too large for this, over a separate connection.
	 */
	CompletionStage<@Nullable Void> loadAll(SessionScope scope, List<String> handles,
			Consumer<LoadedSessions> consumer) {
		Consumer<LoadedSessions> seen = (loaded) -> loaded.sessions()
			.forEach((session) -> this.nearCache.seen(session.content(), null));
		Consumer<LoadedSessions> both = seen.andThen(consumer);
		return Stages.forEach(chunks(handles, LOAD_CHUNK),
				(chunk) -> this.calls.receive(scope, this.store.bulk().loadAll(chunk)).thenCompose((loaded) -> {
					both.accept(loaded);
					return Stages.forEach(BulkReader.batches(loaded.large()),
							(batch) -> this.calls.receive(scope, this.store.bulk().loadLarge(batch)).thenAccept(both));
				}));
	}

	static <T> List<List<T>> chunks(List<T> items, int size) {
		List<List<T>> chunks = new ArrayList<>((items.size() + size - 1) / size);
		for (int from = 0; from < items.size(); from += size) {
			chunks.add(items.subList(from, Math.min(from + size, items.size())));
		}
		return chunks;
	}

	/**
	 * Returns whether a session in an index belongs to the index value. Only a sealed
	 * session is checked by its attributes; otherwise the index is trusted.
	 */
	boolean confirms(SessionScope scope, SessionRecord session, String indexName, String indexValue) {
		return !session.seal().isSealed()
				|| this.pendingSaves.confirms(this.sessions.byHandle(scope, session), indexName, indexValue);
	}

	/**
	 * Determines which sessions belong to an index value.
	 * @param scope the request
	 * @param handles the sessions to check
	 * @param indexName the index
	 * @param indexValue the value
	 * @return the handles of the sessions that belong to it
	 */
	public CompletionStage<Set<String>> confirming(SessionScope scope, List<String> handles, String indexName,
			String indexValue) {
		Set<String> confirming = new HashSet<>();
		return loadAll(scope, handles, (loaded) -> {
			for (SessionRecord session : loaded.sessions()) {
				if (confirms(scope, session, indexName, indexValue)) {
					confirming.add(session.handle());
				}
			}
		}).thenApply((done) -> confirming);
	}

}
