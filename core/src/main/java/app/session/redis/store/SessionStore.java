package app.session.redis.store;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import app.session.redis.SessionId;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import app.session.redis.client.Call;
import app.session.redis.client.CallSender;
import app.session.redis.client.EventSubscription;
import app.session.redis.client.Failures;
import app.session.redis.client.LuaScript;
import app.session.redis.client.Reply;
import app.session.redis.codec.SessionSeals;
import app.session.redis.log.LimitedLog;
import app.session.redis.observation.LookupResult;
import app.session.redis.store.LoadedSessions.Large;
import io.lettuce.core.protocol.CommandType;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Reads, writes and deletes sessions. A session is one key, and every operation on it one
 * script: the only atomicity that a cluster gives. Every stage fails with a
 * {@link SessionStoreUnavailableException} when Redis can't be asked.
 */
public final class SessionStore {

	private static final Log logger = LogFactory.getLog(SessionStore.class);

	private static final byte[] NONE = new byte[0];

	/** What {@code index.lua} answers for an entry that was there already. */
	private static final long WAS_THERE = 2;

	/**
	 * What {@code load.lua} and {@code lock.lua} answer for a session that has expired.
	 */
	public static final long EXPIRED = -3;

	/** What {@code save.lua} answers when the session has another seal than expected. */
	private static final int SEAL_CHANGED = -4;

	/** What {@code save.lua} answers for a session that has expired. */
	private static final int SAVE_EXPIRED = -7;

	/** What scripts answer for a session that is damaged. */
	public static final long DAMAGED = -5;

	/** What {@code load.lua} answers for a session that is larger than it may be. */
	private static final long LARGE = -6;

	/**
	 * How many bytes of sessions are read together, so that the answers to other commands
	 * don't wait for longer.
	 */
	public static final int FLUSH_BYTES = 4 * 1024 * 1024;

	/** How many sessions a script asks, so that it doesn't hold others up. */
	private static final int AT_ONCE = 50;

	/** After so many the session changes faster than its indexes can follow. */
	private static final int SETTLE_ROUNDS = 10;

	private final CallSender engine;

	/** Reads what is so large that it would delay requests. */
	private final CallSender large;

	private final RedisKeys keys;

	private final HintCalls hints;

	private final SessionSeals seals;

	/** For how long the content of sessions that have ended is kept; null: not at all. */
	private volatile @Nullable Duration keepEnded;

	/** Sessions that are not authentic. */
	private final LimitedLog refused = new LimitedLog(logger);

	/** Sessions that are damaged, each counted once. */
	private final LimitedLog damaged = new LimitedLog(logger);

	/**
	 * Creates a store of sessions that are not sealed.
	 * @param engine what sends the commands
	 * @param namespace what the keys begin with
	 */
	public SessionStore(CallSender engine, String namespace) {
		this(engine, namespace, SessionSeals.none(namespace));
	}

	/**
	 * Creates a store.
	 * @param engine what sends the commands
	 * @param namespace what the keys begin with
	 * @param seals verifies the sessions that are read
	 */
	public SessionStore(CallSender engine, String namespace, SessionSeals seals) {
		this.engine = engine;
		this.large = engine.separate();
		this.seals = seals;
		this.keys = new RedisKeys(namespace);
		this.hints = new HintCalls(this.keys);
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
		return this.engine.send(loading(handle, digest, touchInterval)).thenApply((reply) -> loaded(handle, reply));
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
			calls.add(loading(id.handle(), SessionHeader.digest(id.secret()), calls.isEmpty() ? touchInterval : null));
		}
		this.engine.send(calls);
		List<CompletionStage<@Nullable SessionRecord>> loaded = new ArrayList<>(ids.size());
		for (int i = 0; i < ids.size(); i++) {
			String handle = ids.get(i).handle();
			loaded.add(calls.get(i).reply().thenApply((reply) -> loaded(handle, reply)));
		}
		return loaded;
	}

	private @Nullable SessionRecord loaded(String handle, Reply reply) {
		if (!reply.isInteger(0)) {
			return found(handle, reply);
		}
		count(handle, reply.integer(0));
		if (isNewer(reply)) {
			throw newer();
		}
		return null;
	}

	/** Counts a lookup that found no session which can be handed over. */
	public void count(String handle, long status) {
		if (status == DAMAGED) {
			addDamaged(handle);
		}
		this.engine.counts()
			.add((status == EXPIRED) ? LookupResult.EXPIRED
					: (status == -1 || status == DAMAGED) ? LookupResult.UNREADABLE : LookupResult.MISS);
	}

	/**
	 * The session that a reply holds, or null if it can't be handed over. A damaged
	 * session is treated as if it weren't there: nothing will make it readable again.
	 */
	public @Nullable SessionRecord found(String handle, Reply reply) {
		SessionRecord session = readable(handle, reply);
		if (session == null) {
			this.engine.counts().add(LookupResult.UNREADABLE);
			return null;
		}
		Reason refusal = session.touchRefusal();
		if (refusal != null) {
			this.engine.touchRefused(refusal);
		}
		return authentic(session);
	}

	/** Counts and logs a damaged session once. */
	public void addDamaged(String handle) {
		if (this.damaged.isFirst(handle)) {
			this.engine.counts().addDamaged();
			this.damaged.warn("The session " + handle + " is damaged and treated as if it weren't there."
					+ " What Redis holds under its key was not written by this library, or was changed");
		}
	}

	/**
	 * Reads sessions by their handles, touching none: {@code EVALSHA load} for each, in
	 * one round trip. Each is decoded on its own: one that can't be read hides no other.
	 * One that has more than its share of {@value #FLUSH_BYTES} bytes is left to
	 * {@link #loadLarge}, since the answers to requests come over the same connection.
	 * @param handles the sessions
	 * @return those that live, and the handles of those that don't
	 */
	public CompletionStage<LoadedSessions> loadAll(List<String> handles) {
		long share = FLUSH_BYTES / Math.max(handles.size(), 1);
		List<Call> calls = handles.stream().map((handle) -> loading(handle, null, null).arg(share)).toList();
		this.engine.send(calls);
		return loaded(handles, calls);
	}

	/**
	 * Reads sessions that {@link #loadAll} has left out, over a separate connection:
	 * {@code EVALSHA load} for each, in one round trip.
	 * @param sessions a {@linkplain #batches batch} of the sessions
	 * @return those that live, and the handles of those that don't
	 */
	public CompletionStage<LoadedSessions> loadLarge(List<Large> sessions) {
		List<String> handles = sessions.stream().map(Large::handle).toList();
		List<Call> calls = handles.stream().map((handle) -> loading(handle, null, null)).toList();
		this.large.send(calls);
		return loaded(handles, calls).whenComplete((loaded, failure) -> {
			if (failure != null && Failures.translate(failure).getReason() == Reason.TIMEOUT) {
				this.large.drop();
			}
		});
	}

	/**
	 * Splits sessions into batches of at most {@value #FLUSH_BYTES} bytes, or of one
	 * session.
	 * @param sessions the sessions
	 * @return the batches
	 */
	public static List<List<Large>> batches(List<Large> sessions) {
		List<List<Large>> batches = new ArrayList<>();
		int from = 0;
		long bytes = 0;
		for (int i = 0; i < sessions.size(); i++) {
			bytes += sessions.get(i).bytes();
			if (i > from && bytes > FLUSH_BYTES) {
				batches.add(sessions.subList(from, i));
				from = i;
				bytes = sessions.get(i).bytes();
			}
		}
		if (from < sessions.size()) {
			batches.add(sessions.subList(from, sessions.size()));
		}
		return batches;
	}

	private CompletableFuture<LoadedSessions> loaded(List<String> handles, List<Call> calls) {
		return Call.allButDamaged(calls).thenApply((ignored) -> {
			LoadedSessions loaded = new LoadedSessions(new ArrayList<>(calls.size()), new ArrayList<>(),
					new ArrayList<>());
			for (int i = 0; i < calls.size(); i++) {
				String handle = handles.get(i);
				if (calls.get(i).isDamaged()) {
					addDamaged(handle);
				}
				else {
					add(loaded, handle, calls.get(i).reply().join());
				}
			}
			return loaded;
		});
	}

	private void add(LoadedSessions loaded, String handle, Reply reply) {
		if (reply.isBytes(0)) {
			SessionRecord session = readable(handle, reply);
			if (session != null && authentic(session) != null) {
				loaded.sessions().add(session);
			}
		}
		else if (reply.integer(0) == LARGE) {
			loaded.large().add(new Large(handle, reply.integer(1)));
		}
		else if (reply.integer(0) == DAMAGED) {
			addDamaged(handle);
		}
		else if (!isNewer(reply)) {
			loaded.gone().add(handle);
		}
	}

	/**
	 * Finds out which sessions have ended, without reading them: {@code EVALSHA alive}
	 * for each 50, on a cluster for each, in one round trip.
	 * @param handles the sessions
	 * @return those that don't live; none that can't be read here
	 */
	public CompletionStage<List<String>> gone(List<String> handles) {
		List<Call> calls = onAll(LuaScript.ALIVE, handles.stream().map(this.keys::session).toList(), AT_ONCE);
		this.engine.send(calls);
		return all(calls).thenApply((ignored) -> {
			List<String> gone = new ArrayList<>();
			int number = 0;
			for (Call call : calls) {
				Reply reply = call.reply().join();
				for (int i = 0; i < reply.size(); i++) {
					String handle = handles.get(number++);
					if (reply.integer(i) == 0) {
						gone.add(handle);
					}
				}
			}
			return gone;
		});
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
		this.large.close();
	}

	/**
	 * Lets the separate connection be opened again after {@link #close()}, and Redis be
	 * probed again while the circuit breaker is open.
	 */
	public void allow() {
		this.large.allow();
		this.engine.allow();
	}

	/** The session of a reply; null when it is damaged. */
	public @Nullable SessionRecord readable(String handle, Reply reply) {
		try {
			return new SessionRecord(handle, reply, this.seals);
		}
		catch (SessionStoreUnavailableException ex) {
			addDamaged(handle);
			return null;
		}
	}

	private Call loading(String handle, byte @Nullable [] digest, @Nullable Duration touchInterval) {
		return Call.of(LuaScript.LOAD, this.keys.session(handle))
			.arg((digest != null) ? digest : NONE)
			.arg((touchInterval != null) ? touchInterval.toMillis() : -1);
	}

	/**
	 * Writes a new session: its hints, then {@code EVALSHA create}; one round trip, two
	 * on a cluster. Entries that were reserved are settled afterwards, which is not
	 * waited for: whoever looked between the two may have taken them for left over.
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
		Duration due = idleTimeout;
		if (!session.absoluteTimeout().isZero()
				&& (HintCalls.isEndless(idleTimeout) || session.absoluteTimeout().compareTo(idleTimeout) < 0)) {
			due = session.absoluteTimeout();
		}
		List<Call> before = new ArrayList<>();
		before.add(this.hints.due(handle, due));
		Map<IndexEntry, Call> added = new LinkedHashMap<>();
		for (IndexEntry entry : session.entries()) {
			added.put(entry, this.hints.add(entry, handle, idleTimeout));
		}
		before.addAll(added.values());
		Call create = Call.of(LuaScript.CREATE, this.keys.session(handle))
			.arg(session.encodedHeader())
			.arg(session.end())
			.arg((session.header().laterIdleTimeout() != null)
					? Long.toString(SessionHeader.millis(session.header().laterIdleTimeout())) : "")
			.args(session.fields());
		return sendAfter(before, create).thenApply((reply) -> {
			if (reply.integer(0) == 0) {
				return false;
			}
			Set<IndexEntry> reserved = new LinkedHashSet<>();
			added.forEach((entry, call) -> {
				if (call.reply().join().integer(0) == WAS_THERE) {
					reserved.add(entry);
				}
			});
			settleInBackground(handle, idleTimeout, reserved, reserved);
			return true;
		});
	}

	/**
	 * Changes a session: hints that the change needs, then {@code EVALSHA save}; one
	 * round trip, two on a cluster when there are hints. Never makes a session. Where it
	 * replaces index entries they are removed afterwards, which is not waited for.
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
		return sendAfter(before, saving(change)).thenApply((reply) -> {
			long status = reply.integer(0);
			if (status == -1) {
				// The newer version may have the same entries, so they are left to it.
				throw newer();
			}
			if (status == DAMAGED) {
				addDamaged(handle);
				throw damaged();
			}
			// A save that is repeated needs the entries that it has added
			if (!change.indexes().isEmpty() && status != SEAL_CHANGED) {
				correct(change, added, status == 1, IndexEntry.decode(reply.bytes(1)));
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
	 * Brings the indexes into line with what the save found there: entries that it
	 * replaced go, and so do its own when it was refused, unless the session has them. An
	 * entry that was there before this save added it may be one that another's save has
	 * replaced and is about to remove, or a reservation that somebody has taken for left
	 * over in between, and so is added once more. Of a session that is indexed for the
	 * first time, without a reservation, nothing needs to be done.
	 */
	private void correct(SessionChange change, Map<IndexEntry, Call> added, boolean saved, Set<IndexEntry> found) {
		boolean first = saved && found.isEmpty();
		Set<IndexEntry> doubtful = new LinkedHashSet<>();
		added.forEach((entry, call) -> {
			if (!found.contains(entry) && !(first && call.reply().join().integer(0) != WAS_THERE)) {
				doubtful.add(entry);
			}
		});
		if (saved) {
			found.stream().filter((entry) -> !change.entries().contains(entry)).forEach(doubtful::add);
		}
		settleInBackground(change.handle(), change.remaining(), doubtful, saved ? change.entries() : found);
	}

	private void settleInBackground(String handle, Duration idleTimeout, Set<IndexEntry> entries,
			Set<IndexEntry> present) {
		if (!entries.isEmpty()) {
			this.engine.background(settle(handle, idleTimeout, entries, present, SETTLE_ROUNDS),
					"Correcting index entries");
		}
	}

	/**
	 * Adds and removes entries until the session, asked afterwards, has those that were
	 * added and not those that were removed. Every save that changes entries does so,
	 * which leaves none missing and none too many in whatever order the nodes of a
	 * cluster hear of two of them.
	 */
	private CompletionStage<?> settle(String handle, Duration idleTimeout, Set<IndexEntry> entries,
			Set<IndexEntry> present, int rounds) {
		List<Call> calls = new ArrayList<>(entries.size() + 1);
		for (IndexEntry entry : entries) {
			calls.add(present.contains(entry) ? this.hints.add(entry, handle, idleTimeout)
					: this.hints.remove(entry, handle));
		}
		Call look = Call.of(LuaScript.LOOK, this.keys.session(handle));
		return sendAfter(calls, look).thenCompose((reply) -> {
			if (reply.isInteger(0) && reply.integer(0) < 0) {
				// Newer or damaged: what it has can't be told, so nothing is removed
				return CompletableFuture.completedFuture(null);
			}
			Set<IndexEntry> now = reply.isBytes(0) ? IndexEntry.decode(reply.bytes(0)) : Set.of();
			boolean settled = entries.stream().allMatch((entry) -> now.contains(entry) == present.contains(entry));
			return (settled || rounds == 0) ? CompletableFuture.completedFuture(null)
					: settle(handle, idleTimeout, entries, now, rounds - 1);
		});
	}

	private Call saving(SessionChange change) {
		byte[] expected = change.expectedDigest();
		byte[] digest = change.newDigest();
		Duration idleTimeout = change.idleTimeout();
		String age = change.age();
		String fence = change.fence();
		Call call = Call.of(LuaScript.SAVE, this.keys.session(change.handle()))
			.arg((expected != null) ? expected : NONE)
			.arg((digest != null) ? digest : NONE)
			.arg((idleTimeout != null) ? Long.toString(SessionHeader.millis(idleTimeout)) : "")
			.arg((age != null) ? age : "")
			.arg(IndexEntry.encodeNames(change.indexes()))
			.arg(IndexEntry.encode(change.entries()))
			.arg(change.expectedSeal())
			.arg(change.expectedChecksum())
			.arg(change.removed().size());
		if (fence != null) {
			call.also(this.keys.lock(change.handle())).arg(fence);
		}
		return call.args(change.removed()).args(change.written());
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
			return readable(handle, reply);
		}
		if (isNewer(reply)) {
			throw newer();
		}
		if (reply.integer(0) == DAMAGED) {
			addDamaged(handle);
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
		return all(calls);
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

	/**
	 * A script on many keys: in calls on some of them each, on a cluster, where no two
	 * lie in the same slot, in one call for each.
	 */
	public List<Call> onAll(LuaScript script, List<byte[]> keys, int atOnce) {
		int step = this.engine.isCluster() ? 1 : atOnce;
		List<Call> calls = new ArrayList<>((keys.size() + step - 1) / step);
		for (int from = 0; from < keys.size(); from += step) {
			List<byte[]> some = keys.subList(from, Math.min(from + step, keys.size()));
			calls.add(Call.of(script, some.get(0)).also(some.subList(1, some.size())));
		}
		return calls;
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

	/**
	 * Sends calls on hints and then one on the session. One server executes them in that
	 * order from one flush; on a cluster, where the keys lie on different nodes, the
	 * session's waits for the hints' replies. When a hint is refused the caller is told
	 * that the whole failed.
	 */
	CompletableFuture<Reply> sendAfter(List<Call> before, Call call) {
		if (before.isEmpty()) {
			return this.engine.send(call);
		}
		if (this.engine.isCluster()) {
			this.engine.send(before);
			return all(before).thenCompose((ignored) -> this.engine.send(call));
		}
		List<Call> calls = new ArrayList<>(before);
		calls.add(call);
		this.engine.send(calls);
		return all(calls).thenApply((ignored) -> call.reply().join());
	}

	private void sendInBackground(List<Call> calls, String purpose) {
		if (!calls.isEmpty()) {
			this.engine.send(calls);
			this.engine.background(all(calls), purpose);
		}
	}

	public static CompletableFuture<Void> all(Collection<Call> calls) {
		return CompletableFuture.allOf(calls.stream().map(Call::reply).toArray(CompletableFuture[]::new));
	}

	static boolean isNewer(Reply reply) {
		return reply.size() == 1 && reply.isInteger(0) && reply.integer(0) == -1;
	}

	public static SessionStoreUnavailableException newer() {
		return new SessionStoreUnavailableException(Reason.NEWER_FORMAT, null, null);
	}

	public static SessionStoreUnavailableException damaged() {
		return new SessionStoreUnavailableException(Reason.DAMAGED, null, null);
	}

	/**
	 * The session that was read, or null if it is not authentic: then it is treated as if
	 * it weren't there, counted, and logged once.
	 */
	@Nullable SessionRecord authentic(@Nullable SessionRecord session) {
		if (session == null || !session.seal().isBroken()) {
			return session;
		}
		this.engine.counts().add(LookupResult.UNREADABLE);
		this.engine.counts().addRefused();
		if (this.refused.isFirst(session.handle())) {
			this.refused.warn("The session " + session.handle() + " is refused. " + reason(session));
		}
		return null;
	}

	private String reason(SessionRecord session) {
		if (session.sealField() == null) {
			return "It is not encrypted, and only encrypted sessions are accepted"
					+ " (app.session.redis.encryption.accept-plain-until)";
		}
		return this.seals.hasKeys()
				? "None of the encryption keys verifies it: it was changed in Redis, or the key that it was"
						+ " written with is missing among app.session.redis.encryption.keys"
				: "It is encrypted, and there are no app.session.redis.encryption.keys";
	}

	public SessionSeals seals() {
		return this.seals;
	}

}
