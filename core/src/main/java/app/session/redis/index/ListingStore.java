package app.session.redis.index;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.client.Call;
import app.session.redis.client.CallSender;
import app.session.redis.client.LuaScript;
import app.session.redis.client.Reply;
import app.session.redis.index.SetScan.Position;
import app.session.redis.store.IndexEntry;
import app.session.redis.store.SessionReplies;
import app.session.redis.store.SessionStore;
import app.session.redis.store.StoredName;
import org.jspecify.annotations.Nullable;

/**
 * Describes sessions for operators: a single one, or all of them in pages. A page costs
 * the same however many sessions there are. No keys are scanned.
 */
public final class ListingStore {

	/** The maximum number of sessions that a search reads in one step. */
	private static final int AT_MOST = 1000;

	/** The maximum number of steps of a search for one page. */
	private static final int MOST_STEPS = 10;

	/** The field of a session's seal. */
	private static final byte[] SEAL = { 'a' };

	private static final int NONE = 0;

	private static final int NEWER = -1;

	private static final int DAMAGED = (int) SessionReplies.DAMAGED;

	private final SessionStore store;

	private final CallSender engine;

	private final IndexStore index;

	private final List<String> wanted;

	private final List<byte[]> wantedFields;

	/**
	 * Creates a listing store.
	 * @param store the store of the sessions
	 * @param wanted the names of attributes whose values are included in descriptions
	 */
	public ListingStore(SessionStore store, Collection<String> wanted) {
		this.store = store;
		this.engine = store.engine();
		this.index = new IndexStore(store);
		this.wanted = List.copyOf(wanted);
		this.wantedFields = new ArrayList<>();
		this.wantedFields.add(SEAL);
		this.wanted.stream().map(StoredName::field).forEach(this.wantedFields::add);
	}

	/**
	 * Describes a session: {@code EVALSHA describe}, one round trip.
	 * @param handle the session
	 * @return the description, or null if there is no such session; the stage fails if it
	 * is damaged or of a newer format
	 */
	public CompletionStage<@Nullable SessionDescription> describe(String handle) {
		Call call = describing(List.of(handle)).get(0);
		return this.engine.send(call).thenApply((reply) -> switch ((int) reply.integer(0)) {
			case NONE -> null;
			case NEWER -> throw SessionReplies.newer();
			case DAMAGED -> throw SessionReplies.damaged();
			default -> SessionDescription.of(handle, reply, 1, (int) reply.integer(0), this.wanted, this.store.seals());
		});
	}

	/**
	 * Reads a page of the live sessions: {@code ZSCAN} of the expiry hints, which returns
	 * every member that exists from the first page to the last, even if its score
	 * changes, and may return some of them twice; then {@code EVALSHA describe} for every
	 * 50 sessions, on a cluster for each session. A page that is neither empty nor the
	 * last of a part costs two round trips.
	 * @param cursor the cursor returned with the previous page, or null for the first
	 * page
	 * @param limit the intended number of sessions in a page; small parts of the hints
	 * are read as a whole, so that a page can have more
	 * @return the page
	 * @throws IllegalArgumentException if the cursor is invalid
	 */
	public CompletionStage<SessionPage> page(@Nullable String cursor, int limit) {
		SetScan scan = this.index.scan();
		return new Reading(scan, "", List.of(), (session) -> true, limit).from(scan.position(cursor));
	}

	/**
	 * Reads a page of the live sessions that have all of several index values. The
	 * sessions of the value with the fewest are read in the same way. With more than one
	 * value, {@code ZCARD} of each determines it for the first page, and {@code EVALSHA
	 * contains} selects the sessions that have the others. At most 10 steps with at most
	 * 1,000 of these sessions are taken for a page, so that it can be empty although more
	 * follow.
	 * @param criteria the forms of the entry of each index value, in the same order for
	 * each page
	 * @param cursor the cursor returned with the previous page, or null for the first
	 * page
	 * @param limit the intended number of sessions in a page
	 * @return the page
	 * @throws IllegalArgumentException if the cursor is invalid
	 */
	public CompletionStage<SessionPage> page(List<List<IndexEntry>> criteria, @Nullable String cursor, int limit) {
		if (criteria.size() == 1) {
			return page(criteria, 0, "", cursor, limit);
		}
		if (cursor == null) {
			return this.index.smallest(criteria)
				.thenCompose((smallest) -> page(criteria, smallest, smallest + ".", null, limit));
		}
		int dot = cursor.indexOf('.');
		for (int scanned = 0; scanned < criteria.size(); scanned++) {
			if (cursor.substring(0, Math.max(dot, 0)).equals(String.valueOf(scanned))) {
				return page(criteria, scanned, scanned + ".", cursor.substring(dot + 1), limit);
			}
		}
		throw SetScan.Position.invalid(null);
	}

	private CompletionStage<SessionPage> page(List<List<IndexEntry>> criteria, int scanned, String prefix,
			@Nullable String cursor, int limit) {
		List<List<IndexEntry>> others = new ArrayList<>(criteria);
		SetScan scan = this.index.scan(others.remove(scanned));
		Predicate<SessionDescription> filter = (session) -> criteria.stream()
			.allMatch((forms) -> forms.stream().anyMatch(session.indexEntries()::contains));
		return new Reading(scan, prefix, others, filter, limit).from(scan.position(cursor));
	}

	/**
	 * Describes sessions by their handles: {@code EVALSHA describe} for every 50
	 * sessions, on a cluster for each session, in one round trip.
	 * @param handles the sessions
	 * @return the live sessions and those that are gone; neither includes sessions that
	 * can't be read here
	 */
	public CompletableFuture<DescribedSessions> describe(List<String> handles) {
		List<Call> calls = describing(handles);
		this.engine.send(calls);
		return Call.all(calls).thenApply((ignored) -> {
			DescribedSessions described = new DescribedSessions(new ArrayList<>(handles.size()), new ArrayList<>());
			int number = 0;
			for (Call call : calls) {
				Reply reply = call.received();
				for (int position = 0; position < reply.size();) {
					String handle = handles.get(number++);
					int count = (int) reply.integer(position++);
					if (count > 0) {
						SessionDescription description = readable(handle, reply, position, count);
						if (description != null) {
							described.sessions().add(description);
						}
						position += count;
					}
					else if (count == DAMAGED) {
						this.store.replies().addDamaged(handle);
					}
					else if (count == NONE) {
						described.gone().add(handle);
					}
				}
			}
			return described;
		});
	}

	/** Returns the description of a session, or null if it is damaged. */
	private @Nullable SessionDescription readable(String handle, Reply reply, int position, int count) {
		try {
			return SessionDescription.of(handle, reply, position, count, this.wanted, this.store.seals());
		}
		catch (SessionStoreUnavailableException ex) {
			this.store.replies().addDamaged(handle);
			return null;
		}
	}

	private List<Call> describing(List<String> handles) {
		List<Call> calls = Call.onAll(LuaScript.DESCRIBE, handles.stream().map(this.store.keys()::session).toList(),
				this.engine.isCluster());
		calls.forEach((call) -> call.args(this.wantedFields));
		return calls;
	}

	/** A page that is being read. */
	private final class Reading {

		private final SetScan scan;

		/** What precedes the position in the cursor of the next page. */
		private final String prefix;

		private final List<List<IndexEntry>> others;

		private final Predicate<SessionDescription> filter;

		private final int limit;

		private final List<SessionDescription> sessions = new ArrayList<>();

		private int steps;

		Reading(SetScan scan, String prefix, List<List<IndexEntry>> others, Predicate<SessionDescription> filter,
				int limit) {
			this.scan = scan;
			this.prefix = prefix;
			this.others = others;
			this.filter = filter;
			this.limit = limit;
		}

		CompletionStage<SessionPage> from(Position position) {
			return this.scan.read(position, count())
				.thenCompose((step) -> ListingStore.this.index.containing(step.handles(), this.others)
					.thenCompose((handles) -> describe(handles))
					.thenCompose((found) -> added(found.sessions(), step.next())));
		}

		/** Returns how many sessions to read: more each time if few of them match. */
		private int count() {
			int missing = this.limit - this.sessions.size();
			return this.others.isEmpty() ? missing : Math.min(missing << Math.min(this.steps++, MOST_STEPS), AT_MOST);
		}

		private CompletionStage<SessionPage> added(List<SessionDescription> found, @Nullable Position next) {
			found.stream().filter(this.filter).forEach(this.sessions::add);
			if (next != null && this.sessions.size() < this.limit && this.steps < MOST_STEPS) {
				return from(next);
			}
			return CompletableFuture.completedFuture(
					new SessionPage(List.copyOf(this.sessions), (next != null) ? this.prefix + next : null));
		}

	}

	/**
	 * The result of describing sessions.
	 *
	 * @param sessions the live sessions
	 * @param gone the handles of sessions that are gone
	 */
	public record DescribedSessions(List<SessionDescription> sessions, List<String> gone) {
	}

}
