package app.session.redis.store;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;

import app.session.redis.OptionNames;
import app.session.redis.SessionId;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.client.Call;
import app.session.redis.client.CallSender;
import app.session.redis.client.EventSubscription;
import app.session.redis.client.LuaScript;
import app.session.redis.client.Reply;
import app.session.redis.codec.SessionSeals;
import io.lettuce.core.protocol.CommandType;
import org.jspecify.annotations.Nullable;

/**
 * Reads, writes and deletes sessions; {@link BulkReader} reads many at once. A session is
 * one key, and every operation on it one script: the only atomicity that a cluster gives.
 * Every stage fails with a {@link SessionStoreUnavailableException} when Redis can't be
 * asked.
 */
public final class SessionStore {

	private static final byte[] NONE = new byte[0];

	/** The reply of {@code save.lua} for a session with another seal than expected. */
	private static final int SEAL_CHANGED = -4;

	/** The reply of {@code save.lua} for a session that has expired. */
	private static final int SAVE_EXPIRED = -7;

	private final CallSender engine;

	private final RedisKeys keys;

	private final HintCalls hints;

	private final SessionReplies replies;

	private final BulkReader bulk;

	private final IndexSettlement settlement;

	/** For how long the content of sessions that have ended is kept; null: not at all. */
	private volatile @Nullable Duration keepEnded;

	/**
	 * Creates a store of sessions that are not sealed.
	 * @param engine what sends the commands
	 * @param namespace what the keys begin with
	 */
	public SessionStore(CallSender engine, String namespace) {
		this(engine, namespace, SessionSeals.none(namespace), OptionNames.METHODS);
	}

	/**
	 * Creates a store.
	 * @param engine what sends the commands
	 * @param namespace what the keys begin with
	 * @param seals verifies the sessions that are read
	 * @param optionNames the names of options in messages
	 */
	public SessionStore(CallSender engine, String namespace, SessionSeals seals, OptionNames optionNames) {
		this.engine = engine;
		this.keys = new RedisKeys(namespace);
		this.hints = new HintCalls(this.keys);
		this.replies = new SessionReplies(engine, seals, optionNames);
		this.bulk = new BulkReader(engine, this.keys, this.replies);
		this.settlement = new IndexSettlement(engine, this.keys, this.hints);
	}

	/**
	 * Reads a session: {@code EVALSHA load}, one round trip.
	 * @param handle the session
	 * @param digest the digest of the secret that the client sent, or null when the
	 * session is known by its handle
	 * @param touchInterval how long after the last access this one is noted; null: it is
	 * not an access
	 * @return the session, or null when there is none that lives, has that secret, is
	 * authentic and is not damaged
	 */
	public CompletionStage<@Nullable SessionRecord> load(String handle, byte @Nullable [] digest,
			@Nullable Duration touchInterval) {
		return this.engine.send(loading(this.keys, handle, digest, touchInterval))
			.thenApply((reply) -> this.replies.loaded(handle, reply));
	}

	/**
	 * Reads the sessions of several ids: {@code EVALSHA load} for each, in one round
	 * trip.
	 * @param ids the ids
	 * @param touchInterval how long after the last access of the first one this one is
	 * noted; null: it is not an access. It is none of the others
	 * @return for each id what {@link #load} answers
	 */
	public List<CompletionStage<@Nullable SessionRecord>> loadEach(List<SessionId> ids,
			@Nullable Duration touchInterval) {
		List<Call> calls = new ArrayList<>(ids.size());
		for (SessionId id : ids) {
			calls.add(loading(this.keys, id.handle(), SessionHeader.digest(id.secret()),
					calls.isEmpty() ? touchInterval : null));
		}
		this.engine.send(calls);
		List<CompletionStage<@Nullable SessionRecord>> loaded = new ArrayList<>(ids.size());
		for (int i = 0; i < ids.size(); i++) {
			String handle = ids.get(i).handle();
			loaded.add(calls.get(i).reply().thenApply((reply) -> this.replies.loaded(handle, reply)));
		}
		return loaded;
	}

	/**
	 * Sets for how long the content of sessions that end from now on is kept, under a key
	 * that only {@code EndedSessions} reads. Default: not at all.
	 * @param keepEnded how long
	 */
	public void setKeepEnded(Duration keepEnded) {
		this.keepEnded = keepEnded;
	}

	/** Has a script that ends a session keep its content, where that is set. */
	public Call ending(String handle, Call call) {
		Duration keep = this.keepEnded;
		return (keep != null) ? call.alsoUnlessMoving(this.keys.ended(handle)).arg(keep.toMillis()) : call;
	}

	/** Closes the separate connection, and opens none until {@link #allow()}. */
	public void close() {
		this.bulk.close();
	}

	/**
	 * Lets the separate connection be opened again after {@link #close()}, and Redis be
	 * probed again while the circuit breaker is open.
	 */
	public void allow() {
		this.bulk.allow();
		this.engine.allow();
	}

	static Call loading(RedisKeys keys, String handle, byte @Nullable [] digest, @Nullable Duration touchInterval) {
		return Call.of(LuaScript.LOAD, keys.session(handle))
			.arg((digest != null) ? digest : NONE)
			.arg((touchInterval != null) ? touchInterval.toMillis() : -1);
	}

	/**
	 * Writes a new session: its hints, then {@code EVALSHA create}; one round trip, two
	 * on a cluster. Entries that were reserved are added again afterwards, which is not
	 * waited for: another node may have removed them in between as reservations that lead
	 * nowhere.
	 * @param session the session
	 * @return when it is written
	 */
	public CompletionStage<Void> create(NewSession session) {
		return createIfAbsent(session).thenAccept((created) -> {
			if (!created) {
				throw new IllegalStateException(
						"A new session got the handle of another. The source of random numbers repeats itself");
			}
		});
	}

	/**
	 * Writes a new session like {@link #create}, unless there is one of its handle, which
	 * stays as it is.
	 * @param session the session
	 * @return whether it is written
	 */
	public CompletionStage<Boolean> createIfAbsent(NewSession session) {
		String handle = session.handle();
		Duration idleTimeout = session.header().idleTimeout();
		List<Call> before = new ArrayList<>();
		before.add(this.hints.due(handle, session.due()));
		Map<IndexEntry, Call> added = new LinkedHashMap<>();
		for (IndexEntry entry : session.entries()) {
			added.put(entry, this.hints.add(entry, handle, idleTimeout));
		}
		before.addAll(added.values());
		return this.engine.sendAfter(before, session.call(this.keys)).thenApply((reply) -> {
			if (reply.integer(0) == 0) {
				return false;
			}
			this.settlement.created(handle, idleTimeout, added);
			return true;
		});
	}

	/**
	 * Changes a session: hints that the change needs, then {@code EVALSHA save}; one
	 * round trip, two on a cluster when there are hints. Never creates a session. Index
	 * entries that the change replaces are removed afterwards, which is not waited for.
	 * @param change what to change
	 * @return what became of it; a session that is damaged or of a newer format is left
	 * as it is, and the stage fails
	 */
	public CompletionStage<SaveResult> save(SessionChange change) {
		String handle = change.handle();
		List<Call> before = new ArrayList<>();
		Map<IndexEntry, Call> added = new LinkedHashMap<>();
		if (change.due() != null) {
			before.add(this.hints.dueSooner(handle, change.due()));
		}
		for (IndexEntry entry : change.entries()) {
			added.put(entry, this.hints.add(entry, handle, change.remaining()));
		}
		before.addAll(added.values());
		if (change.due() != null) {
			// Likewise, or they would outlast the save that replaces them.
			for (IndexEntry entry : change.entriesBefore()) {
				before.add(this.hints.renew(entry, handle, HintCalls.delay(change.due()),
						HintCalls.isEndless(change.due())));
			}
		}
		return this.engine.sendAfter(before, change.call(this.keys)).thenApply((reply) -> {
			long status = reply.integer(0);
			if (status == -1) {
				// The newer version may have the same entries, so they are left to it.
				throw SessionReplies.newer();
			}
			if (status == SessionReplies.DAMAGED) {
				this.replies.addDamaged(handle);
				throw SessionReplies.damaged();
			}
			// A save that is repeated needs the entries that it has added
			if (!change.indexes().isEmpty() && status != SEAL_CHANGED) {
				this.settlement.saved(change, added, status == 1, IndexEntry.decode(reply.bytes(1)));
			}
			return result(status);
		});
	}

	private static SaveResult result(long status) {
		return switch ((int) status) {
			case 1 -> SaveResult.SAVED;
			case -2 -> SaveResult.ID_CHANGED;
			case -3 -> SaveResult.LOCK_LOST;
			case SEAL_CHANGED -> SaveResult.SEAL_CHANGED;
			case SAVE_EXPIRED -> SaveResult.EXPIRED;
			default -> SaveResult.GONE;
		};
	}

	/**
	 * Deletes a session: {@code EVALSHA delete}, one round trip. Its hints are removed
	 * afterwards, which is not waited for.
	 * @param handle the session
	 * @param digest the digest of the secret that names it, or null
	 * @param content whether the caller needs its attributes
	 * @return the session, or null when there was none that lived
	 */
	public CompletionStage<@Nullable SessionRecord> delete(String handle, byte @Nullable [] digest, boolean content) {
		Call call = Call.of(LuaScript.DELETE, this.keys.session(handle))
			.arg((digest != null) ? digest : NONE)
			.arg(content ? 1 : 0);
		return this.engine.send(ending(handle, call)).thenApply((reply) -> {
			SessionRecord record = deleted(handle, reply);
			if (record != null) {
				sendInBackground(this.hints.removeAll(handle, record.entries()), "Removing hints of a deleted session");
			}
			return record;
		});
	}

	/** A damaged session is left as it is; one whose content is damaged is gone now. */
	private @Nullable SessionRecord deleted(String handle, Reply reply) {
		if (reply.isBytes(0)) {
			return this.replies.readable(handle, reply);
		}
		if (SessionReplies.isNewer(reply)) {
			throw SessionReplies.newer();
		}
		if (reply.integer(0) == SessionReplies.DAMAGED) {
			this.replies.addDamaged(handle);
		}
		return null;
	}

	/**
	 * Removes what {@link #create} may have written: {@code EVALSHA delete}, and the
	 * removal of each hint; one round trip. The session is deleted under whatever id.
	 * @param handle the session, which no client knows
	 * @param entries its index entries
	 * @return when it is removed
	 */
	public CompletionStage<@Nullable Void> undoCreation(String handle, Set<IndexEntry> entries) {
		List<Call> calls = new ArrayList<>();
		calls.add(Call.of(LuaScript.DELETE, this.keys.session(handle)).arg(NONE).arg(0));
		calls.addAll(this.hints.removeAll(handle, entries));
		this.engine.send(calls);
		return Call.all(calls);
	}

	/**
	 * Waits for commands that are on their way in the background, such as the removal of
	 * the hints of deleted sessions.
	 * @return when all that are on their way now have ended, be it with a failure
	 */
	public CompletionStage<Boolean> backgroundDone() {
		return this.engine.backgroundDone();
	}

	/**
	 * Tells whether nothing is stored for a session, not even one that has expired:
	 * {@code EXISTS}, one round trip.
	 * @param handle the session
	 * @return whether it is absent
	 */
	public CompletionStage<Boolean> isAbsent(String handle) {
		return this.engine.send(Call.of(CommandType.EXISTS, this.keys.session(handle)))
			.thenApply((reply) -> reply.integer(0) == 0);
	}

	/**
	 * Tells every node that listens: {@code PUBLISH}, not waited for.
	 * @param message the message, without ids and values
	 */
	public void publish(String message) {
		Call call = Call.of(CommandType.PUBLISH, this.keys.events()).arg(message.getBytes(StandardCharsets.UTF_8));
		sendInBackground(List.of(call), "Telling other nodes");
	}

	/**
	 * Opens a subscription to what nodes publish.
	 * @param listener is told of messages, on threads of the client
	 * @return the subscription, not yet started
	 */
	public EventSubscription subscription(EventSubscription.Listener listener) {
		return new EventSubscription(this.engine.connectionFactory(), this.keys.events(), listener);
	}

	/**
	 * Waits for a stage of this store, for the command timeout at most.
	 * @param <T> the type of the answer
	 * @param stage the answer to come
	 * @return the answer
	 * @throws SessionStoreUnavailableException if there is none
	 */
	public <T extends @Nullable Object> T await(CompletionStage<T> stage) {
		return this.engine.await(stage);
	}

	public CallSender engine() {
		return this.engine;
	}

	public RedisKeys keys() {
		return this.keys;
	}

	public HintCalls hints() {
		return this.hints;
	}

	public SessionReplies replies() {
		return this.replies;
	}

	public BulkReader bulk() {
		return this.bulk;
	}

	private void sendInBackground(List<Call> calls, String purpose) {
		if (!calls.isEmpty()) {
			this.engine.send(calls);
			this.engine.background(Call.all(calls), purpose);
		}
	}

	public SessionSeals seals() {
		return this.replies.seals();
	}

}
