package app.session.redis.index;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

import app.session.redis.SessionId;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.client.Call;
import app.session.redis.client.CallSender;
import app.session.redis.client.LuaScript;
import app.session.redis.client.Reply;
import app.session.redis.store.IndexEntry;
import app.session.redis.store.RedisKeys;
import app.session.redis.store.SessionReplies;
import app.session.redis.store.SessionStore;
import app.session.redis.store.StoredName;
import io.lettuce.core.protocol.CommandType;
import org.jspecify.annotations.Nullable;

/**
 * Describes sessions for operators: a single one, or all of them in pages. A page costs
 * the same however many sessions there are. No keys are scanned.
 */
public final class ListingStore {

	/**
	 * The maximum number of sessions of a script, so that it doesn't delay other
	 * commands.
	 */
	private static final int AT_ONCE = 50;

	/** The field of a session's seal. */
	private static final byte[] SEAL = { 'a' };

	private static final int NONE = 0;

	private static final int NEWER = -1;

	private static final int DAMAGED = (int) SessionReplies.DAMAGED;

	private final SessionStore store;

	private final CallSender engine;

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
		List<byte[]> hints = new ArrayList<>(RedisKeys.HINT_PARTS);
		for (int part = 0; part < RedisKeys.HINT_PARTS; part++) {
			hints.add(this.store.keys().hints(part));
		}
		return page(hints, (session) -> true, cursor, limit);
	}

	/**
	 * Reads a page of the live sessions of index entries in the same way.
	 * @param entries the entries, in the same order for each page
	 * @param cursor the cursor returned with the previous page, or null for the first
	 * page
	 * @param limit the intended number of sessions in a page
	 * @return the page
	 * @throws IllegalArgumentException if the cursor is invalid
	 */
	public CompletionStage<SessionPage> page(List<IndexEntry> entries, @Nullable String cursor, int limit) {
		return page(entries.stream().map(this.store.keys()::index).toList(),
				(session) -> entries.stream().anyMatch(session.indexEntries()::contains), cursor, limit);
	}

	private CompletionStage<SessionPage> page(List<byte[]> sets, Predicate<SessionDescription> filter,
			@Nullable String cursor, int limit) {
		Position position = (cursor != null) ? Position.parse(cursor, sets.size()) : new Position(0, "0");
		return collect(sets, filter, position, limit, new ArrayList<>());
	}

	private CompletableFuture<SessionPage> collect(List<byte[]> sets, Predicate<SessionDescription> filter,
			Position position, int limit, List<SessionDescription> sessions) {
		Call scan = Call.of(CommandType.ZSCAN, sets.get(position.set()))
			.arg(position.cursor())
			.arg("COUNT")
			.arg(limit - sessions.size());
		this.engine.send(List.of(scan));
		return Call.allButDamaged(List.of(scan)).thenCompose((ignored) -> {
			List<String> handles = new ArrayList<>();
			Position next = position.next("0");
			// A damaged set must not hide the others
			if (!scan.isDamaged()) {
				Reply reply = scan.received();
				for (int i = 1; i < reply.size(); i += 2) {
					String handle = reply.text(i);
					if (SessionId.isHandle(handle)) {
						handles.add(handle);
					}
				}
				next = position.next(reply.text(0));
			}
			return describe(sets, filter, next, limit, sessions, handles);
		});
	}

	private CompletableFuture<SessionPage> describe(List<byte[]> sets, Predicate<SessionDescription> filter,
			Position next, int limit, List<SessionDescription> sessions, List<String> handles) {
		return describe(handles).thenCompose((found) -> {
			found.sessions().stream().filter(filter).forEach(sessions::add);
			if (next.set() == sets.size()) {
				return CompletableFuture.completedFuture(new SessionPage(List.copyOf(sessions), null));
			}
			if (sessions.size() >= limit) {
				return CompletableFuture.completedFuture(new SessionPage(List.copyOf(sessions), next.toString()));
			}
			return collect(sets, filter, next, limit, sessions);
		});
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
				AT_ONCE, this.engine.isCluster());
		calls.forEach((call) -> call.args(this.wantedFields));
		return calls;
	}

	/** The start of a page: a sorted set, and Redis's cursor in it. */
	private record Position(int set, String cursor) {

		static Position parse(String text, int sets) {
			int dash = text.indexOf('-');
			try {
				int set = Integer.parseInt(text.substring(0, Math.max(dash, 0)));
				String cursor = text.substring(dash + 1);
				long number = Long.parseUnsignedLong(cursor);
				if (set >= 0 && set < sets) {
					return new Position(set, Long.toUnsignedString(number));
				}
			}
			catch (NumberFormatException ex) {
				throw new IllegalArgumentException("The cursor is not valid. Start without a cursor", ex);
			}
			throw new IllegalArgumentException("The cursor is not valid. Start without a cursor");
		}

		Position next(String cursor) {
			return cursor.equals("0") ? new Position(this.set + 1, "0") : new Position(this.set, cursor);
		}

		@Override
		public String toString() {
			return this.set + "-" + this.cursor;
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
