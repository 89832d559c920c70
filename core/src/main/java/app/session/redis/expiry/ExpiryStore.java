package app.session.redis.expiry;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;

import app.session.redis.SessionId;
import app.session.redis.client.Call;
import app.session.redis.client.CallSender;
import app.session.redis.client.LuaScript;
import app.session.redis.client.Reply;
import app.session.redis.log.LimitedLog;
import app.session.redis.store.HintCalls;
import app.session.redis.store.IndexEntry;
import app.session.redis.store.RedisKeys;
import app.session.redis.store.SessionRecord;
import app.session.redis.store.SessionReplies;
import app.session.redis.store.SessionStore;
import io.lettuce.core.protocol.CommandType;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * The collector's operations on Redis: the lease of the node that sweeps, hints that have
 * come due, and claims on expired sessions.
 */
public final class ExpiryStore {

	private static final Log logger = LogFactory.getLog(ExpiryStore.class);

	/**
	 * The pause before an unreadable session is checked again. It is of a newer format,
	 * and nodes of the newer version publish its expiry, or it is damaged.
	 */
	private static final Duration UNREADABLE_PAUSE = Duration.ofMinutes(1);

	/** The length of the deadline before the claimant's name in a claim. */
	private static final int CLAIM_DEADLINE_LENGTH = 6;

	private final SessionStore store;

	private final CallSender engine;

	/** Reads expired sessions without delaying requests. */
	private final CallSender separate;

	private final String owner;

	private final Duration lease;

	/** Logs damaged sessions and hints. */
	private final LimitedLog damaged = new LimitedLog(logger);

	/**
	 * Creates an expiry store.
	 * @param store the store of the sessions
	 * @param owner the unique name of this node
	 * @param lease how long a claim and the collector's lease last unless they are
	 * renewed
	 */
	public ExpiryStore(SessionStore store, String owner, Duration lease) {
		this.store = store;
		this.engine = store.engine();
		this.separate = store.engine().separate();
		this.owner = owner;
		this.lease = lease;
	}

	/**
	 * Returns how long a claim and the collector's lease last unless they are renewed.
	 * @return the lease
	 */
	public Duration lease() {
		return this.lease;
	}

	/**
	 * Acquires or renews the collector's lease: {@code EVALSHA lease}, one round trip.
	 * @return whether this node has the lease
	 */
	public CompletionStage<Boolean> acquire() {
		Call call = Call.of(LuaScript.LEASE, this.store.keys().collector()).arg(this.owner).arg(this.lease.toMillis());
		return this.engine.send(call).thenApply((reply) -> reply.integer(0) == 1);
	}

	/**
	 * Returns whether any node has the collector's lease: {@code EXISTS}, one round trip.
	 * @return whether a node has the lease
	 */
	public CompletionStage<Boolean> isAcquired() {
		Call call = Call.of(CommandType.EXISTS, this.store.keys().collector());
		return this.engine.send(call).thenApply((reply) -> reply.integer(0) == 1);
	}

	/**
	 * Returns the state of expiry: {@code EVALSHA state} and {@code GET}, one round trip;
	 * on a cluster {@code EVALSHA state} for each part of the hints.
	 * @return the state
	 */
	public CompletionStage<ExpiryState> state() {
		List<byte[]> parts = new ArrayList<>(RedisKeys.HINT_PARTS);
		for (int part = 0; part < RedisKeys.HINT_PARTS; part++) {
			parts.add(this.store.keys().hints(part));
		}
		List<Call> counts = Call.onAll(LuaScript.STATE, parts, this.engine.isCluster());
		Call owner = Call.of(CommandType.GET, this.store.keys().collector());
		List<Call> calls = new ArrayList<>(counts);
		calls.add(owner);
		this.engine.send(calls);
		return Call.all(calls).thenApply((ignored) -> {
			long sessions = 0;
			long overdue = 0;
			for (Call call : counts) {
				Reply reply = call.received();
				sessions += reply.integer(0);
				overdue = Math.max(overdue, reply.integer(1));
			}
			Reply lease = owner.received();
			return new ExpiryState(sessions, Duration.ofMillis(overdue),
					lease.isBytes(0) ? text(lease.bytes(0)) : null);
		});
	}

	/**
	 * Releases the collector's lease: {@code EVALSHA release}, one round trip.
	 * @return a stage that completes when the lease is released
	 */
	public CompletionStage<Void> release() {
		return this.engine.send(Call.of(LuaScript.RELEASE, this.store.keys().collector()).arg(this.owner))
			.thenAccept((reply) -> {
			});
	}

	/**
	 * Finds hints that have come due: {@code EVALSHA due} for each part of the hints, in
	 * one round trip. A part whose key has another type is skipped.
	 * @param limit the maximum number of hints in total
	 * @return the hints
	 */
	public CompletionStage<List<DueHint>> due(int limit) {
		List<Call> calls = new ArrayList<>(RedisKeys.HINT_PARTS);
		int each = Math.max(1, limit / RedisKeys.HINT_PARTS);
		for (int part = 0; part < RedisKeys.HINT_PARTS; part++) {
			calls.add(Call.of(LuaScript.DUE, this.store.keys().hints(part)).arg(each));
		}
		this.separate.send(calls);
		return Call.allButDamaged(calls).thenApply((ignored) -> {
			List<DueHint> hints = new ArrayList<>();
			for (int part = 0; part < calls.size(); part++) {
				if (calls.get(part).isDamaged()) {
					log("expiry:" + part,
							"The expiry hints in part " + part + " can't be read, so the expiry "
									+ "of its sessions is not published. The key does not have the type that this "
									+ "library uses");
					continue;
				}
				Reply reply = calls.get(part).received();
				for (int i = 0; i + 1 < reply.size(); i += 2) {
					hints.add(new DueHint(part, text(reply.bytes(i)), text(reply.bytes(i + 1))));
				}
			}
			return hints;
		});
	}

	/**
	 * Checks the sessions of hints that have come due: {@code EVALSHA claim} for each, in
	 * one round trip. Expired sessions are claimed for this node; the hints of all others
	 * must then be {@link #update(Claims) updated}.
	 * @param hints the hints
	 * @param sizes whether the sizes of the sessions are needed
	 * @return the expired sessions and the pending updates
	 */
	public CompletionStage<Claims> claim(List<DueHint> hints, boolean sizes) {
		List<Call> updates = new ArrayList<>();
		List<DueHint> asked = new ArrayList<>(hints.size());
		for (DueHint hint : hints) {
			if (hint.isStray()) {
				updates.add(this.store.hints().removeStray(hint.part(), hint.handle()));
			}
			else {
				asked.add(hint);
			}
		}
		List<Call> calls = new ArrayList<>(asked.size());
		for (DueHint hint : asked) {
			calls.add(Call.of(LuaScript.CLAIM, this.store.keys().session(hint.handle()))
				.arg(this.owner)
				.arg(this.lease.toMillis())
				.arg(sizes ? 1 : 0));
		}
		this.separate.send(calls);
		return Call.allButDamaged(calls).thenApply((ignored) -> {
			List<Claim> expired = new ArrayList<>();
			for (int i = 0; i < calls.size(); i++) {
				Claim claim = claimed(asked.get(i), calls.get(i), updates);
				if (claim != null) {
					expired.add(claim);
				}
			}
			return new Claims(expired, updates);
		});
	}

	/**
	 * Updates hints that have come due and index entries of sessions that have not
	 * expired, and postpones the hints of damaged sessions: {@code EVALSHA hint} and
	 * {@code EVALSHA index}, or {@code ZREM}, for at most {@value CallSender#FLUSH_SIZE}
	 * of them, in one round trip. Must be called until nothing is left, each time after
	 * the previous call has completed: a session can have thousands of index entries, so
	 * that all updates together can take longer than the command timeout.
	 * @param claims the claims that have the updates
	 * @return whether any updates are left
	 */
	public CompletionStage<Boolean> update(Claims claims) {
		List<Call> left = claims.updates;
		List<Call> calls = left.subList(0, Math.min(CallSender.FLUSH_SIZE, left.size()));
		claims.updates = left.subList(calls.size(), left.size());
		boolean more = !claims.updates.isEmpty();
		this.separate.send(calls);
		return Call.allButDamaged(calls).thenApply((ignored) -> more);
	}

	/**
	 * Returns the claim on a session. If the session wasn't claimed or can't be read,
	 * adds an update of its hint and returns null.
	 */
	private @Nullable Claim claimed(DueHint hint, Call call, List<Call> updates) {
		if (call.isDamaged()) {
			setAside(hint, updates);
			return null;
		}
		Reply reply = call.received();
		if (reply.isInteger(0)) {
			update(hint, reply, updates);
			return null;
		}
		SessionRecord session = this.store.replies().readable(hint.handle(), reply);
		if (session == null) {
			setAside(hint, updates);
			return null;
		}
		return new Claim(session, reply.integer(reply.size() - 1));
	}

	/**
	 * Reads claimed sessions: {@code HGETALL} for each, in one round trip over a separate
	 * connection. A script would copy the content field by field.
	 * @param claims the claims
	 * @return the sessions that are still claimed by this node, with their attributes
	 */
	public CompletionStage<List<SessionRecord>> content(List<Claim> claims) {
		List<Call> calls = claims.stream()
			.map((claim) -> Call.fields(this.store.keys().session(claim.session().handle())))
			.toList();
		this.separate.send(calls);
		return Call.allButDamaged(calls).thenApply((ignored) -> {
			List<SessionRecord> sessions = new ArrayList<>(claims.size());
			for (int i = 0; i < calls.size(); i++) {
				SessionRecord session = content(claims.get(i).session(), calls.get(i));
				if (session != null) {
					sessions.add(session);
				}
			}
			return sessions;
		});
	}

	private @Nullable SessionRecord content(SessionRecord claimed, Call call) {
		if (call.isDamaged()) {
			return null;
		}
		Reply fields = call.received();
		byte[] claim = fields.field('c');
		boolean own = claim != null && claim.length > CLAIM_DEADLINE_LENGTH
				&& text(claim).substring(CLAIM_DEADLINE_LENGTH).equals(this.owner);
		return own ? this.store.replies().readable(claimed.handle(), fields, claimed.age()) : null;
	}

	/**
	 * Closes the separate connection if its pending replies are no longer needed. The
	 * next use opens another.
	 */
	public void drop() {
		this.separate.drop();
	}

	/** Closes the separate connection, and opens none until {@link #allow()}. */
	public void close() {
		this.separate.close();
	}

	/** Allows the separate connection to be opened again after {@link #close()}. */
	public void allow() {
		this.separate.allow();
	}

	/** Schedules a later check of a damaged session, in case it is repaired. */
	private void setAside(DueHint hint, List<Call> updates) {
		this.store.replies().addDamaged(hint.handle());
		log(hint.handle(), "The session " + hint.handle() + " is damaged, so its expiry can't be published");
		updates.add(later(hint));
	}

	private void log(String name, String message) {
		if (this.damaged.isFirst(name)) {
			this.damaged.warn(message);
		}
	}

	private void update(DueHint hint, Reply reply, List<Call> updates) {
		HintCalls hints = this.store.hints();
		String handle = hint.handle();
		switch ((int) reply.integer(0)) {
			case 0 -> updates.add(hints.removeDue(handle));
			case 2 -> {
				long left = reply.integer(1);
				boolean endless = reply.integer(2) <= 0;
				updates.add(hints.move(handle, left, hint.score()));
				byte[] entries = reply.bytes(3);
				if (IndexEntry.areComplete(entries, 0)) {
					for (IndexEntry entry : IndexEntry.decode(entries)) {
						updates.add(hints.renew(entry, handle, left, endless));
					}
				}
			}
			case 3 -> updates.add(hints.move(handle, reply.integer(1) + 1, hint.score()));
			case (int) SessionReplies.DAMAGED -> setAside(hint, updates);
			default -> updates.add(later(hint));
		}
	}

	private Call later(DueHint hint) {
		return this.store.hints().move(hint.handle(), UNREADABLE_PAUSE.toMillis(), hint.score());
	}

	/**
	 * Renews claims: {@code EVALSHA renew} for each, in one round trip.
	 * @param handles the claimed sessions
	 * @return a stage that completes when the claims are renewed
	 */
	public CompletionStage<Void> renew(List<String> handles) {
		List<Call> calls = new ArrayList<>(handles.size());
		for (String handle : handles) {
			calls.add(Call.of(LuaScript.RENEW, this.store.keys().session(handle))
				.arg(this.owner)
				.arg(this.lease.toMillis()));
		}
		this.engine.send(calls);
		return Call.allButDamaged(calls);
	}

	/**
	 * Removes a claimed session whose expiry has been published: its index entries,
	 * {@code EVALSHA finish}, then its hint. If this node dies meanwhile, this order
	 * ensures that the node that takes over finds everything that is left. A claimed
	 * session never becomes live again.
	 * @param session the session
	 * @return whether this node still held the claim
	 */
	public CompletionStage<Boolean> finish(SessionRecord session) {
		HintCalls hints = this.store.hints();
		String handle = session.handle();
		List<Call> entries = hints.removeEntries(handle, session.entries());
		Call finish = this.store.ending(handle,
				Call.of(LuaScript.FINISH, this.store.keys().session(handle))
					.arg(this.owner)
					.arg(session.age().toMillis()));
		return afterEntries(entries, finish).thenCompose((reply) -> {
			boolean mine = reply.integer(0) == 1;
			List<Call> calls = mine ? List.of(hints.removeDue(handle)) : List.of();
			this.engine.send(calls);
			return Call.allButDamaged(calls).thenApply((ignored) -> mine);
		});
	}

	/**
	 * Sends {@code finish} after the removal of index entries. An index key of another
	 * type must not prevent the removal of the session.
	 */
	private CompletionStage<Reply> afterEntries(List<Call> entries, Call finish) {
		if (this.engine.isCluster()) {
			this.engine.send(entries);
			return Call.allButDamaged(entries).thenCompose((ignored) -> this.engine.send(finish));
		}
		List<Call> calls = new ArrayList<>(entries);
		calls.add(finish);
		this.engine.send(calls);
		return Call.allButDamaged(entries).thenCompose((ignored) -> finish.reply());
	}

	/**
	 * Decodes a member without loss, even if it isn't text: its removal requires the same
	 * bytes.
	 */
	private static String text(byte[] bytes) {
		return new String(bytes, StandardCharsets.ISO_8859_1);
	}

	/**
	 * The state of expiry.
	 *
	 * @param sessions the number of sessions; an expired session counts until the
	 * collector removes it
	 * @param overdue how long the oldest hint that has come due has been waiting; zero if
	 * no hint is due
	 * @param collector the name of the node that has the collector's lease; null if none
	 * has
	 */
	public record ExpiryState(long sessions, Duration overdue, @Nullable String collector) {
	}

	/**
	 * The result of claiming sessions. Must be used by one thread at a time.
	 */
	public static final class Claims {

		private final List<Claim> expired;

		private List<Call> updates;

		private Claims(List<Claim> expired, List<Call> updates) {
			this.expired = expired;
			this.updates = updates;
		}

		/**
		 * Returns the expired sessions that this node has claimed.
		 * @return the sessions, without their attributes
		 */
		public List<Claim> expired() {
			return this.expired;
		}

	}

	/**
	 * An expired session that this node has claimed.
	 *
	 * @param session the session, without its attributes
	 * @param bytes the size of its fields and values; 0 if it wasn't requested
	 */
	public record Claim(SessionRecord session, long bytes) {
	}

	/**
	 * A hint that has come due.
	 *
	 * @param part the part of the hints in which it was found
	 * @param handle the session
	 * @param score its score, as Redis formats it
	 */
	public record DueHint(int part, String handle, String score) {

		/** Returns whether it can't be the hint of a session in this part. */
		boolean isStray() {
			return !SessionId.isHandle(this.handle) || RedisKeys.hintPart(this.handle) != this.part;
		}

	}

}
