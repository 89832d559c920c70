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
 * one key, and every operation on it is one script: the only atomicity that a cluster
 * offers. Every stage fails with a {@link SessionStoreUnavailableException} if Redis is
 * unavailable.
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

	private final LargeSessions large = new LargeSessions();

	/** Publishes changes for nodes that trust copies; null if they are not published. */
	private volatile @Nullable ChangePublication changes;

	/** How long the content of ended sessions is kept; null if not at all. */
	private volatile @Nullable Duration keepEnded;

	/**
	 * Creates a store of sessions that are not sealed.
	 * @param engine sends the commands
	 * @param namespace the prefix of the keys
	 */
	public SessionStore(CallSender engine, String namespace) {
		this(engine, namespace, SessionSeals.none(namespace), OptionNames.METHODS);
	}

	/**
	 * Creates a store.
	 * @param engine sends the commands
	 * @param namespace the prefix of the keys
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
	 * Reads a session: {@code EVALSHA load}, and {@code HGETALL} if it was large the last
	 * time and there is no copy; one round trip.
	 * @param handle the session
	 * @param digest the digest of the secret that the client sent, or null if the session
	 * is looked up by its handle
	 * @param touchInterval the minimum time since the last access for this read to be
	 * recorded as an access; null if it is not an access
	 * @param copy the content of which this node has a copy, or null. If it is still the
	 * session's, Redis doesn't return it again
	 * @return the session, or null if there is no live, authentic and undamaged session
	 * with that secret
	 */
	public CompletionStage<@Nullable SessionRecord> load(String handle, byte @Nullable [] digest,
			@Nullable Duration touchInterval, @Nullable SessionContent copy) {
		ChangePublication changes = this.changes;
		byte @Nullable [] maxAge = (changes != null && touchInterval != null) ? changes.maxAge() : null;
		if (copy == null && digest != null && this.large.contains(handle, digest)) {
			DirectLoad load = new DirectLoad(this.keys, handle, digest, touchInterval, maxAge);
			this.engine.send(load.calls());
			return load.loaded(this.replies).thenApply((found) -> updateSize(digest, found));
		}
		Call call = loading(this.keys, handle, digest, touchInterval);
		if (copy != null || maxAge != null) {
			call.arg((copy != null) ? copy.encodedHeader() : NONE);
		}
		if (maxAge != null) {
			call.arg(NONE).arg(maxAge);
		}
		return this.engine.send(call).thenApply((reply) -> {
			SessionRecord found = this.replies.loaded(handle, copy, reply);
			return (digest != null && copy == null) ? updateSize(digest, found) : found;
		});
	}

	/**
	 * Returns the session of a copy that is used without asking Redis.
	 * @param copy the content of the copy
	 * @param age the time since the last access on this node
	 * @return the session, or null if it is no longer accepted
	 */
	public @Nullable SessionRecord trusted(SessionContent copy, Duration age) {
		return this.replies.authentic(SessionRecord.trusted(copy.verified(this.replies.seals()), age.toMillis()));
	}

	private @Nullable SessionRecord updateSize(byte[] digest, @Nullable SessionRecord found) {
		if (found != null) {
			this.large.update(digest, found.content());
		}
		return found;
	}

	/**
	 * Reads the sessions of several ids: {@code EVALSHA load} for each, in one round
	 * trip.
	 * @param ids the ids
	 * @param touchInterval the minimum time since the last access of the first session
	 * for this read to be recorded as its access; null if it is not an access. It is
	 * never an access of the others
	 * @return for each id the result of {@link #load}
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
			loaded.add(calls.get(i).reply().thenApply((reply) -> this.replies.loaded(handle, null, reply)));
		}
		return loaded;
	}

	/**
	 * Publishes changes and deletions of sessions from now on, each in its script, for
	 * nodes that trust copies.
	 * @param publication how long copies are trusted, and what is notified whether Redis
	 * has published
	 */
	public void publishChanges(ChangePublication publication) {
		this.changes = publication;
	}

	/**
	 * Creates a subscription to the changes and deletions that nodes publish.
	 * @param listener receives the messages, on threads of the client: the handle and,
	 * after a change, the new revision, which {@link SessionContent#hasRevision} compares
	 * @return the subscription, not yet started
	 */
	public EventSubscription changes(EventSubscription.InterruptionListener listener) {
		return new EventSubscription(this.engine.connectionFactory(),
				this.keys.changes().getBytes(StandardCharsets.UTF_8), listener);
	}

	/**
	 * Sets how long the content of sessions that end from now on is kept, under a key
	 * that only {@code EndedSessions} reads. Default: not at all.
	 * @param keepEnded how long to keep it
	 */
	public void setKeepEnded(Duration keepEnded) {
		this.keepEnded = keepEnded;
	}

	/** Makes a script that ends a session keep its content, if so configured. */
	public Call ending(String handle, Call call) {
		Duration keep = this.keepEnded;
		return (keep != null) ? call.alsoUnlessMoving(this.keys.ended(handle)).arg(keep.toMillis()) : call;
	}

	/** Closes the separate connection, and opens none until {@link #allow()}. */
	public void close() {
		this.bulk.close();
	}

	/**
	 * Allows the separate connection to be opened again after {@link #close()}, and Redis
	 * to be probed again while the circuit breaker is open.
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
	 * on a cluster. Reserved entries are added again in the background, because another
	 * node may have removed them in between as dangling reservations.
	 * @param session the session
	 * @return a stage that completes when the session is written
	 */
	public CompletionStage<Void> create(NewSession session) {
		return createIfAbsent(session).thenAccept((created) -> {
			if (!created) {
				throw new IllegalStateException(
						"A new session has the handle of an existing session: the source of random numbers "
								+ "returns repeated values");
			}
		});
	}

	/**
	 * Writes a new session like {@link #create}, unless a session with its handle exists,
	 * which is left as it is.
	 * @param session the session
	 * @return whether the session was written
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
	 * Changes a session: the hints that the change needs, then {@code EVALSHA save}; one
	 * round trip, two on a cluster if there are hints. Never creates a session. Index
	 * entries that the change replaces are removed in the background.
	 * @param change the change
	 * @return the result; if the session is damaged or of a newer format, it is left as
	 * it is and the stage fails
	 */
	public CompletionStage<SaveReply> save(SessionChange change) {
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
			// Brought forward too, or they would outlast the save that replaces them.
			for (IndexEntry entry : change.entriesBefore()) {
				before.add(this.hints.renew(entry, handle, HintCalls.delay(change.due()),
						HintCalls.isEndless(change.due())));
			}
		}
		ChangePublication changes = this.changes;
		return this.engine.sendAfter(before, change.call(this.keys, changes != null)).thenApply((reply) -> {
			long status = reply.integer(0);
			if (changes != null && status == 1 && !change.isAccessOnly()) {
				changes.published(reply.size() <= 3);
			}
			if (status == -1) {
				// The newer version may use the same entries, so they are left as they
				// are.
				throw SessionReplies.newer();
			}
			if (status == SessionReplies.DAMAGED) {
				this.replies.addDamaged(handle);
				throw SessionReplies.damaged();
			}
			// If the save is repeated, it needs the entries that it has added
			if (!change.indexes().isEmpty() && status != SEAL_CHANGED) {
				this.settlement.saved(change, added, status == 1, IndexEntry.decode(reply.bytes(1)));
			}
			if (status != 1 || !change.isCompared()) {
				return new SaveReply(result(status), null, false);
			}
			byte[] header = reply.bytes(2);
			return new SaveReply(SaveResult.SAVED, change.changed(header), header.length == 0);
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
	 * Deletes a session: {@code EVALSHA delete}, one round trip. Its hints are removed in
	 * the background.
	 * @param handle the session
	 * @param digest the digest of the secret that the session must have, or null
	 * @param content whether the caller needs its attributes
	 * @return the session, or null if there was no live session
	 */
	public CompletionStage<@Nullable SessionRecord> delete(String handle, byte @Nullable [] digest, boolean content) {
		Call call = Call.of(LuaScript.DELETE, this.keys.session(handle)).arg((digest != null) ? digest : NONE);
		ChangePublication changes = this.changes;
		String returned = content ? "1" : "0";
		call.arg((changes != null) ? returned + this.keys.changes() : returned);
		return this.engine.send(ending(handle, call)).thenApply((reply) -> {
			SessionRecord record = deleted(handle, reply);
			if (changes != null && reply.isBytes(0)) {
				// Fields and values, the age, and a status if Redis refused
				changes.published(reply.size() % 2 == 1);
			}
			if (record != null) {
				sendInBackground(this.hints.removeAll(handle, record.entries()), "Removing hints of a deleted session");
			}
			return record;
		});
	}

	/**
	 * Returns the deleted session. A damaged session is left as it is; if only its
	 * content is damaged, it has been deleted.
	 */
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
	 * Removes everything that {@link #create} may have written: {@code EVALSHA delete},
	 * and the removal of each hint; one round trip. The session is deleted whatever its
	 * id.
	 * @param handle the session, which no client knows
	 * @param entries its index entries
	 * @return a stage that completes when the session is removed
	 */
	public CompletionStage<@Nullable Void> undoCreation(String handle, Set<IndexEntry> entries) {
		List<Call> calls = new ArrayList<>();
		calls.add(Call.of(LuaScript.DELETE, this.keys.session(handle)).arg(NONE).arg(0));
		calls.addAll(this.hints.removeAll(handle, entries));
		this.engine.send(calls);
		return Call.all(calls);
	}

	/**
	 * Waits for background commands, such as the removal of the hints of deleted
	 * sessions.
	 * @return a stage that completes when all commands that are now in progress have
	 * ended: with true if all have succeeded, else with false
	 */
	public CompletionStage<Boolean> backgroundDone() {
		return this.engine.backgroundDone();
	}

	/**
	 * Returns whether nothing is stored for a session, not even an expired session:
	 * {@code EXISTS}, one round trip.
	 * @param handle the session
	 * @return whether the session is absent
	 */
	public CompletionStage<Boolean> isAbsent(String handle) {
		return this.engine.send(Call.of(CommandType.EXISTS, this.keys.session(handle)))
			.thenApply((reply) -> reply.integer(0) == 0);
	}

	/**
	 * Publishes a message to all nodes that listen: {@code PUBLISH}, in the background.
	 * @param message the message, without ids and values
	 */
	public void publish(String message) {
		Call call = Call.of(CommandType.PUBLISH, this.keys.events()).arg(message.getBytes(StandardCharsets.UTF_8));
		sendInBackground(List.of(call), "Notifying other nodes");
	}

	/**
	 * Creates a subscription to the messages that nodes publish.
	 * @param listener receives the messages, on threads of the client
	 * @return the subscription, not yet started
	 */
	public EventSubscription subscription(EventSubscription.Listener listener) {
		return new EventSubscription(this.engine.connectionFactory(), this.keys.events(), listener);
	}

	/**
	 * Waits for a stage of this store, for at most the command timeout.
	 * @param <T> the type of the reply
	 * @param stage the stage of the reply
	 * @return the reply
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
