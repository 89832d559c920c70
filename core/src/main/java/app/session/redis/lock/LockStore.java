package app.session.redis.lock;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import app.session.redis.client.Call;
import app.session.redis.client.CallSender;
import app.session.redis.client.EventSubscription;
import app.session.redis.client.LuaScript;
import app.session.redis.client.Reply;
import app.session.redis.lock.LockAttempt.Outcome;
import app.session.redis.store.RedisKeys;
import app.session.redis.store.SessionReplies;
import app.session.redis.store.SessionStore;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of Redis for the locks of sessions. A lock and the list of those who wait
 * for it lie where the session lies, so that one script can look at all three.
 */
public final class LockStore {

	/**
	 * How long the next one has the lock that was handed over to it. It takes the full
	 * lease when it hears of it; if its node has died, the lock is soon free.
	 */
	private static final Duration HANDOVER = Duration.ofSeconds(2);

	/** Who waits asks again more often, which keeps the list. */
	private static final Duration WAITERS_SPARE = Duration.ofSeconds(10);

	private static final byte[] NONE = new byte[0];

	private final SessionStore store;

	private final CallSender engine;

	private final RedisKeys keys;

	private final String node;

	private final Duration lease;

	private final long handover;

	private final long waitersLife;

	private final int maxWaiters;

	/**
	 * Creates a lock store.
	 * @param store the store of the sessions
	 * @param node what names this node, and no other
	 * @param lease how long a lock lasts unless it is renewed
	 * @param wait how long a request waits
	 * @param maxWaiters how many requests may wait for a lock; zero: any number
	 */
	public LockStore(SessionStore store, String node, Duration lease, Duration wait, int maxWaiters) {
		this.store = store;
		this.engine = store.engine();
		this.keys = store.keys();
		this.node = node;
		this.lease = lease;
		this.handover = Math.min(HANDOVER.toMillis(), lease.toMillis());
		this.waitersLife = wait.plus(WAITERS_SPARE).toMillis();
		this.maxWaiters = maxWaiters;
	}

	/**
	 * Asks for a lock, and reads the session under it: {@code EVALSHA lock}, one round
	 * trip. Who has to wait is told when it has the lock, and may ask again meanwhile.
	 * @param owner who wants it
	 * @param digest the digest of the secret that the client sent, or null when the
	 * session is known by its handle
	 * @param touchInterval how long after the last access this one is noted; null: it is
	 * not an access
	 * @param again whether it has asked before
	 * @param patience for how long the question is repeated while a cluster moves the
	 * slot of the session, if longer than the command timeout: until it has moved, no
	 * node that lacks one of the keys executes the script
	 * @return what came of it
	 */
	public CompletionStage<LockAttempt> lock(LockOwner owner, byte @Nullable [] digest,
			@Nullable Duration touchInterval, boolean again, Duration patience) {
		Call call = Call.of(LuaScript.LOCK, this.keys.lock(owner.handle()))
			.also(this.keys.waiters(owner.handle()), this.keys.session(owner.handle()))
			.patience(patience)
			.arg(owner.token())
			.arg((digest != null) ? digest : NONE)
			.arg((touchInterval != null) ? touchInterval.toMillis() : -1)
			.arg(this.lease.toMillis())
			.arg(this.maxWaiters)
			.arg(this.waitersLife)
			.arg(again ? 1 : 0);
		return this.engine.send(call).thenApply((reply) -> attempt(owner.handle(), reply));
	}

	private LockAttempt attempt(String handle, Reply reply) {
		if (!reply.isInteger(0)) {
			return new LockAttempt(Outcome.HELD, Duration.ZERO, this.store.replies().found(handle, reply));
		}
		return switch ((int) reply.integer(0)) {
			case 1 -> new LockAttempt(Outcome.HELD);
			case 0, (int) SessionReplies.EXPIRED, (int) SessionReplies.DAMAGED -> {
				this.store.replies().count(handle, reply.integer(0));
				yield new LockAttempt(Outcome.NO_SESSION);
			}
			case -1 -> {
				this.store.replies().count(handle, -1);
				throw SessionReplies.newer();
			}
			case -2 -> new LockAttempt(Outcome.TOO_MANY_WAITERS);
			default -> new LockAttempt(Outcome.WAITING, holdersLease(reply.integer(1)), null);
		};
	}

	/**
	 * A lock without an end was written by a person, or by nothing that is known here.
	 */
	private static Duration holdersLease(long millis) {
		return (millis >= 0) ? Duration.ofMillis(millis) : Duration.ofDays(1);
	}

	/**
	 * Waits no longer: {@code EVALSHA abandon}, one round trip.
	 * @param owner who waited
	 * @param force whether it takes the lock from its holder
	 * @return what came of it; the session is not read
	 */
	public CompletionStage<LockAttempt> abandon(LockOwner owner, boolean force) {
		Call call = Call.of(LuaScript.ABANDON, this.keys.lock(owner.handle()))
			.also(this.keys.waiters(owner.handle()))
			.arg(owner.token())
			.arg(this.lease.toMillis())
			.arg(force ? 1 : 0);
		return this.engine.send(call).thenApply((reply) -> switch ((int) reply.integer(0)) {
			case 1 -> new LockAttempt(Outcome.HELD);
			case 2 -> new LockAttempt(Outcome.TAKEN);
			default -> new LockAttempt(Outcome.WAITING);
		});
	}

	/**
	 * Gives a lock up, or the place among those who wait for it: {@code EVALSHA unlock},
	 * which tells the next one.
	 * @param owner who has it or waits for it
	 * @return when it is given up
	 */
	public CompletionStage<Void> unlock(LockOwner owner) {
		Call call = Call.of(LuaScript.UNLOCK, this.keys.lock(owner.handle()))
			.also(this.keys.waiters(owner.handle()))
			.arg(owner.token())
			.arg(this.keys.wakePrefix())
			.arg(this.handover);
		CompletableFuture<Void> unlocked = this.engine.send(call).thenAccept((reply) -> {
		});
		this.engine.background(unlocked, "Giving the lock of a session up");
		return unlocked;
	}

	/**
	 * Renews leases: {@code EVALSHA extend} for each, in one round trip.
	 * @param owners who has locks
	 * @return those of them who have lost theirs; one that can't be asked for now has not
	 */
	public CompletionStage<List<LockOwner>> extend(List<LockOwner> owners) {
		List<Call> calls = new ArrayList<>(owners.size());
		for (LockOwner owner : owners) {
			calls.add(Call.of(LuaScript.EXTEND, this.keys.lock(owner.handle()))
				.arg(owner.token())
				.arg(this.lease.toMillis()));
		}
		this.engine.send(calls);
		List<CompletableFuture<Boolean>> lost = calls.stream()
			.map((call) -> call.reply().handle((reply, failure) -> failure == null && reply.integer(0) == 0))
			.toList();
		return CompletableFuture.allOf(lost.toArray(CompletableFuture[]::new)).thenApply((ignored) -> {
			List<LockOwner> losers = new ArrayList<>();
			for (int i = 0; i < owners.size(); i++) {
				if (lost.get(i).getNow(false)) {
					losers.add(owners.get(i));
				}
			}
			return losers;
		});
	}

	/**
	 * Opens a subscription to what this node is told: the tokens of requests that were
	 * handed a lock.
	 * @param listener is told of them, on threads of the client
	 * @return the subscription, not yet started
	 */
	public EventSubscription subscription(EventSubscription.Listener listener) {
		return new EventSubscription(this.engine.connectionFactory(), this.keys.wake(this.node), listener);
	}

}
