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
 * What the collector asks of Redis: the lease to be the one that sweeps, hints that have
 * come due, and claims on expired sessions.
 */
public final class ExpiryStore {

	private static final Log logger = LogFactory.getLog(ExpiryStore.class);

	/**
	 * When a session is asked again that can't be read here: of a newer format, whose
	 * expiry is for nodes of the newer version to tell, or damaged.
	 */
	private static final Duration UNREADABLE_PAUSE = Duration.ofMinutes(1);

	private final SessionStore store;

	private final CallSender engine;

	/** Reads expired sessions without delaying requests. */
	private final CallSender separate;

	private final String owner;

	private final Duration lease;

	/** What is damaged. */
	private final LimitedLog damaged = new LimitedLog(logger);

	/**
	 * Creates an expiry store.
	 * @param store the store of the sessions
	 * @param owner what names this node, and no other
	 * @param lease how long a claim and the right to sweep last unless they are renewed
	 */
	public ExpiryStore(SessionStore store, String owner, Duration lease) {
		this.store = store;
		this.engine = store.engine();
		this.separate = store.engine().separate();
		this.owner = owner;
		this.lease = lease;
	}

	/**
	 * How long a claim and the right to sweep last unless they are renewed.
	 * @return the lease
	 */
	public Duration lease() {
		return this.lease;
	}

	/**
	 * Takes or renews the right to sweep: {@code EVALSHA lease}, one round trip.
	 * @return whether this node has it
	 */
	public CompletionStage<Boolean> acquire() {
		Call call = Call.of(LuaScript.LEASE, this.store.keys().collector()).arg(this.owner).arg(this.lease.toMillis());
		return this.engine.send(call).thenApply((reply) -> reply.integer(0) == 1);
	}

	/**
	 * Whether any node has the right to sweep: {@code EXISTS}, one round trip.
	 * @return true if so
	 */
	public CompletionStage<Boolean> isAcquired() {
		Call call = Call.of(CommandType.EXISTS, this.store.keys().collector());
		return this.engine.send(call).thenApply((reply) -> reply.integer(0) == 1);
	}

	/**
	 * Tells how far expiry has come: {@code EVALSHA state} and {@code GET}, one round
	 * trip; on a cluster {@code EVALSHA state} for each part of the hints.
	 * @return the state
	 */
	public CompletionStage<ExpiryState> state() {
		List<byte[]> parts = new ArrayList<>(RedisKeys.HINT_PARTS);
		for (int part = 0; part < RedisKeys.HINT_PARTS; part++) {
			parts.add(this.store.keys().hints(part));
		}
		List<Call> counts = Call.onAll(LuaScript.STATE, parts, RedisKeys.HINT_PARTS, this.engine.isCluster());
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
	 * Gives the right to sweep up: {@code EVALSHA release}, one round trip.
	 * @return when it is given up
	 */
	public CompletionStage<Void> release() {
		return this.engine.send(Call.of(LuaScript.RELEASE, this.store.keys().collector()).arg(this.owner))
			.thenAccept((reply) -> {
			});
	}

	/**
	 * Finds hints that have come due: {@code EVALSHA due} for each part of them, in one
	 * round trip. A part of another type has none.
	 * @param limit how many at the most, in all
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
					log("expiry:" + part, "The expiry hints in part " + part + " can't be read, so no expiry of"
							+ " the sessions in it is published. Their key has another type than the library gives it");
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
	 * Asks the sessions of hints that have come due: {@code EVALSHA claim} for each, in
	 * one round trip. Those that have expired are claimed for this node; the hints of all
	 * others must then be {@link #update(Claims) updated}.
	 * @param hints the hints
	 * @param sizes whether the sizes of the sessions are needed
	 * @return the expired sessions, and what is to be updated
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
	 * {@code EVALSHA index}, or {@code ZREM}, for {@value CallSender#FLUSH_SIZE} of them
	 * at most, in one round trip. To be called until nothing is left, each time when the
	 * previous call is complete: a session may have thousands of index entries, so that
	 * all together may take longer than the command timeout.
	 * @param claims the claims with which the updates were found
	 * @return whether any are left
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
	 * The claim on a session, or null when it wasn't claimed, or can't be read: then its
	 * hint is updated.
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
	 * Reads claimed sessions: {@code EVALSHA content} for each, in one round trip over a
	 * separate connection.
	 * @param claims the claims
	 * @return those sessions that are still claimed by this node, with their attributes
	 */
	public CompletionStage<List<SessionRecord>> content(List<Claim> claims) {
		List<Call> calls = new ArrayList<>(claims.size());
		for (Claim claim : claims) {
			calls.add(Call.of(LuaScript.CONTENT, this.store.keys().session(claim.session().handle()))
				.arg(this.owner)
				.arg(claim.session().age().toMillis()));
		}
		this.separate.send(calls);
		return Call.allButDamaged(calls).thenApply((ignored) -> {
			List<SessionRecord> sessions = new ArrayList<>(claims.size());
			for (int i = 0; i < calls.size(); i++) {
				if (!calls.get(i).isDamaged() && calls.get(i).received().isBytes(0)) {
					SessionRecord session = this.store.replies()
						.readable(claims.get(i).session().handle(), calls.get(i).received());
					if (session != null) {
						sessions.add(session);
					}
				}
			}
			return sessions;
		});
	}

	/**
	 * Closes the separate connection, because answers on it are no longer waited for. The
	 * next use opens another.
	 */
	public void drop() {
		this.separate.drop();
	}

	/** Closes the separate connection, and opens none until {@link #allow()}. */
	public void close() {
		this.separate.close();
	}

	/** Lets the separate connection be opened again after {@link #close()}. */
	public void allow() {
		this.separate.allow();
	}

	/** Asks a damaged session again later, in case somebody repairs it. */
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
	 * @return when they are renewed
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
	 * Removes a claimed session whose expiry is told: its index entries, {@code EVALSHA
	 * finish}, then its hint. In this order, so that whoever takes over when this node
	 * dies meanwhile finds all that is left: nothing brings a claimed session back.
	 * @param session the session
	 * @return whether the claim was still this node's
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

	/** An index of another type must not keep the session from being removed. */
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

	/** Keeps bytes that are no text: only the same bytes remove a member again. */
	private static String text(byte[] bytes) {
		return new String(bytes, StandardCharsets.ISO_8859_1);
	}

	/**
	 * How far expiry has come.
	 *
	 * @param sessions how many sessions there are; one that has just expired counts until
	 * the collector has passed
	 * @param overdue how long the oldest hint that has come due has been waiting; zero:
	 * none has
	 * @param collector what names the node that has the right to sweep; null: none has
	 */
	public record ExpiryState(long sessions, Duration overdue, @Nullable String collector) {
	}

	/**
	 * What became of hints that had come due. Must be used by one thread at a time.
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
	 * @param bytes the size of its fields and values; 0 when it wasn't asked for
	 */
	public record Claim(SessionRecord session, long bytes) {
	}

	/**
	 * A hint that has come due.
	 *
	 * @param part the part of the hints in which it was found
	 * @param handle the session
	 * @param score its score, as Redis writes it
	 */
	public record DueHint(int part, String handle, String score) {

		/** Whether it leads to no session that has its hint there. */
		boolean isStray() {
			return !SessionId.isHandle(this.handle) || RedisKeys.hintPart(this.handle) != this.part;
		}

	}

}
