package app.session.redis.engine;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;

import app.session.redis.Option;
import app.session.redis.OptionNames;
import app.session.redis.client.Stages;
import app.session.redis.index.IndexCounts;
import app.session.redis.index.IndexStore;
import app.session.redis.index.IndexValues;
import app.session.redis.index.SessionIndexes;
import app.session.redis.index.SetScan;
import app.session.redis.index.SetScan.Position;
import app.session.redis.index.SetScan.Step;
import app.session.redis.observation.StoreOperation;
import app.session.redis.session.SessionNames;
import app.session.redis.session.SessionScope;
import app.session.redis.session.StoredSession;
import app.session.redis.store.IndexEntry;
import app.session.redis.store.SessionRecord;
import org.jspecify.annotations.Nullable;

/**
 * Searches by several index values, and counts the sessions of each value of an index. No
 * keys are scanned, and no command takes longer than a millisecond or so: the sessions
 * are read in steps of about 1,000.
 */
public final class SessionSearch {

	private static final int AT_ONCE = 1000;

	private final StoreCalls calls;

	private final IndexStore index;

	private final SessionIndexes indexes;

	private final IndexValues values;

	private final OptionNames optionNames;

	private final SessionReader reader;

	private final SessionNames names;

	SessionSearch(EngineContext context, SessionIndexes indexes, SessionReader reader) {
		this.calls = context.calls();
		this.index = new IndexStore(context.store());
		this.indexes = indexes;
		this.values = indexes.values();
		this.optionNames = context.settings().optionNames();
		this.reader = reader;
		this.names = context.names();
	}

	/**
	 * Finds the sessions that have all of several index values. With one value, the same
	 * as {@link SessionReader#findByIndex}. Otherwise {@code ZCARD} of each value; for
	 * each 1,000 sessions of the value with the fewest, {@code ZSCAN} and
	 * {@code EVALSHA contains}, two round trips; then the sessions that have all of the
	 * values are read: one round trip for each 500, and one more for each 4 MB of large
	 * sessions. A sealed session is included only if its own attributes confirm every
	 * value.
	 * @param scope the request
	 * @param wanted the index values by the names of the indexes
	 * @return the sessions
	 * @throws IllegalArgumentException if there are no values, or no such index
	 */
	public CompletionStage<FoundSessions> find(SessionScope scope, Map<String, String> wanted) {
		List<List<IndexEntry>> criteria = criteria(wanted);
		if (criteria.size() == 1) {
			Map.Entry<String, String> only = wanted.entrySet().iterator().next();
			return this.reader.findByIndex(scope, only.getKey(), only.getValue());
		}
		return this.calls.observe(scope, StoreOperation.FIND, () -> handles(scope, criteria).thenCompose((handles) -> {
			Map<String, StoredSession> found = new HashMap<>();
			return this.reader
				.loadAll(scope, handles,
						(loaded) -> loaded.sessions()
							.stream()
							.filter((session) -> belongs(scope, session, wanted))
							.forEach((session) -> found.put(session.handle(), this.reader.register(scope, session))))
				.thenApply((done) -> {
					FoundSessions sessions = new FoundSessions(this.names);
					handles.stream().filter(found::containsKey).map(found::get).forEach(sessions::add);
					return sessions;
				});
		}));
	}

	private boolean belongs(SessionScope scope, SessionRecord session, Map<String, String> wanted) {
		Set<IndexEntry> present = session.entries();
		return !scope.hasEnded(session.handle()) && wanted.entrySet()
			.stream()
			.allMatch((
					value) -> this.values.entries(value.getKey(), value.getValue()).stream().anyMatch(present::contains)
							&& this.reader.confirms(scope, session, value.getKey(), value.getValue()));
	}

	/**
	 * Counts the sessions that have all of several index values, with the same commands
	 * as {@link #find}, but without reading the sessions. With one value, {@code ZCARD}.
	 * An expired session counts until the collector has processed it.
	 * @param scope the request
	 * @param wanted the index values by the names of the indexes
	 * @return the number of sessions
	 * @throws IllegalArgumentException if there are no values, or no such index
	 */
	public CompletionStage<Long> count(SessionScope scope, Map<String, String> wanted) {
		List<List<IndexEntry>> criteria = criteria(wanted);
		return this.calls.observe(scope, StoreOperation.COUNT,
				() -> (criteria.size() == 1) ? this.calls.receive(scope, this.index.count(criteria.get(0)))
						: handles(scope, criteria).thenApply((handles) -> (long) handles.size()));
	}

	/**
	 * Returns the entries that several index values may have.
	 * @param wanted the index values by the names of the indexes
	 * @return the forms of the entry of each value, in the order of the names
	 * @throws IllegalArgumentException if there are no values, or no such index
	 */
	public List<List<IndexEntry>> criteria(Map<String, String> wanted) {
		if (wanted.isEmpty()) {
			throw new IllegalArgumentException("Specify at least one index value");
		}
		wanted.keySet().forEach(this::requireIndex);
		return new TreeMap<>(wanted).entrySet()
			.stream()
			.map((value) -> this.values.entries(value.getKey(), value.getValue()))
			.toList();
	}

	private void requireIndex(String name) {
		Set<String> names = this.indexes.names();
		if (names != null && !names.contains(name)) {
			throw new IllegalArgumentException("There is no index '" + name + "'. To find sessions by this attribute, "
					+ "add it to " + this.optionNames.name(Option.INDEXES));
		}
	}

	/** Returns the sessions that have all of several values according to the indexes. */
	private CompletionStage<List<String>> handles(SessionScope scope, List<List<IndexEntry>> criteria) {
		return this.calls.receive(scope, this.index.smallest(criteria)).thenCompose((smallest) -> {
			List<List<IndexEntry>> others = new ArrayList<>(criteria);
			SetScan scan = this.index.scan(others.remove((int) smallest));
			Set<String> found = new LinkedHashSet<>();
			return forEachStep(scope, scan,
					(step) -> this.calls.receive(scope, this.index.containing(step.handles(), others))
						.thenAccept(found::addAll))
				.thenApply((done) -> List.copyOf(found));
		});
	}

	/**
	 * Counts the sessions of each value of an index: {@code ZSCAN} for each 1,000 live
	 * sessions, and {@code EVALSHA entries} for every 50 of them, on a cluster for each;
	 * two round trips for each 1,000. A session that has several values counts for each.
	 * The memory on this node depends on the limit, not on the number of values.
	 * @param scope the request
	 * @param indexName the name of the index
	 * @param after the value after which to begin, in the order of {@link String}; null
	 * for the first page
	 * @param limit the maximum number of values
	 * @return the values with their counts
	 * @throws IllegalArgumentException if there is no such index
	 * @throws IllegalStateException if values are encrypted, so that Redis has only their
	 * digests
	 */
	public CompletionStage<IndexCounts> counts(SessionScope scope, String indexName, @Nullable String after,
			int limit) {
		requireIndex(indexName);
		this.values.requireReadable();
		Counting counting = new Counting(indexName, after, limit);
		return this.calls.observe(scope, StoreOperation.COUNT, () -> {
			Set<String> counted = new HashSet<>();
			return forEachStep(scope, this.index.scan(), (step) -> {
				List<String> handles = step.handles().stream().filter(counted::add).toList();
				Position next = step.next();
				if (next != null && next.isStartOfSet()) {
					counted.clear();
				}
				return this.calls.receive(scope, this.index.entries(handles)).thenAccept(counting);
			}).thenApply((done) -> counting.result());
		});
	}

	/** Runs an action for each step of a scan, one after the other. */
	private CompletionStage<@Nullable Void> forEachStep(SessionScope scope, SetScan scan,
			Function<Step, CompletionStage<@Nullable Void>> action) {
		Progress progress = new Progress();
		return Stages
			.repeat(() -> this.calls.receive(scope, scan.read(progress.position, AT_ONCE)).thenCompose((step) -> {
				Position next = step.next();
				if (next != null) {
					progress.position = next;
				}
				return action.apply(step).thenApply((done) -> (next == null) ? Boolean.TRUE : null);
			}))
			.thenApply((done) -> null);
	}

	/** The position of a scan, which changes with each step. */
	private static final class Progress {

		private volatile Position position = SetScan.start();

	}

	/** Counts values, of which it keeps those of one page. */
	private static final class Counting implements Consumer<List<Set<IndexEntry>>> {

		private final String index;

		private final @Nullable String after;

		private final int limit;

		private final SortedMap<String, Long> counts = new TreeMap<>();

		private boolean more;

		Counting(String index, @Nullable String after, int limit) {
			this.index = index;
			this.after = after;
			this.limit = limit;
		}

		@Override
		public void accept(List<Set<IndexEntry>> sessions) {
			for (Set<IndexEntry> entries : sessions) {
				for (IndexEntry entry : entries) {
					String value = entry.name().equals(this.index) ? IndexValues.original(entry) : null;
					if (value != null && (this.after == null || value.compareTo(this.after) > 0)) {
						count(value);
					}
				}
			}
		}

		private void count(String value) {
			if (this.counts.size() == this.limit && !this.counts.containsKey(value)) {
				this.more = true;
				if (value.compareTo(this.counts.lastKey()) > 0) {
					return;
				}
				// Sessions with it that follow are ignored as well
				this.counts.remove(this.counts.lastKey());
			}
			this.counts.merge(value, 1L, Long::sum);
		}

		IndexCounts result() {
			return new IndexCounts(this.counts, this.more ? this.counts.lastKey() : null);
		}

	}

}
