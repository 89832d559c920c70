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
import app.session.redis.store.SessionContent;
import app.session.redis.store.SessionReplies;
import app.session.redis.store.SessionStore;
import org.jspecify.annotations.Nullable;

/**
 * The operations on the locks of sessions in Redis. A lock and the list of requests that
 * wait for it are in the same slot as the session, so that one script can access all
 * three.
 */
public final class LockStore {

	/**
	 * How long a waiting request has a lock that was handed over to it. It takes the full
	 * lease when it is notified; if its node has died, the lock is soon free.
	 */
	private static final Duration HANDOVER = Duration.ofSeconds(2);

	/**
	 * How long the list of waiting requests outlives the wait time; requests retry more
	 * often, which renews it.
	 */
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
	 * @param node the unique name of this node
	 * @param lease how long a lock lasts unless it is renewed
	 * @param wait how long a request waits
	 * @param maxWaiters the maximum number of requests that wait for a lock; zero if
	 * unlimited
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
	 * Tries to take a lock, and reads the session under it: {@code EVALSHA lock}, one
	 * round trip. A request that has to wait is notified when it has the lock, and may
	 * retry meanwhile.
	 * @param owner the request
	 * @param digest the digest of the secret that the client sent, or null if the session
	 * is looked up by its handle
	 * @param touchInterval the minimum time since the last access for this read to be
	 * recorded as an access; null if it is not an access
	 * @param copy the content of which this node has a copy, or null
	 * @param again whether the request has tried before
	 * @param patience how long the call is repeated while a cluster moves the slot of the
	 * session, if longer than the command timeout: until the slot has moved, no node that
	 * lacks one of the keys executes the script
	 * @return the result
	 */
	public CompletionStage<LockAttempt> lock(LockOwner owner, byte @Nullable [] digest,
			@Nullable Duration touchInterval, @Nullable SessionContent copy, boolean again, Duration patience) {
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
		if (copy != null) {
			call.arg(copy.encodedHeader());
		}
		return this.engine.send(call).thenApply((reply) -> attempt(owner.handle(), copy, reply));
	}

	private LockAttempt attempt(String handle, @Nullable SessionContent copy, Reply reply) {
		if (SessionReplies.isSession(copy, reply)) {
			return new LockAttempt(Outcome.HELD, Duration.ZERO, this.store.replies().found(handle, copy, reply));
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
	 * Returns the holder's lease. A lock without a time to live was not written by this
	 * library.
	 */
	private static Duration holdersLease(long millis) {
		return (millis >= 0) ? Duration.ofMillis(millis) : Duration.ofDays(1);
	}

	/**
	 * Stops waiting for a lock: {@code EVALSHA abandon}, one round trip.
	 * @param owner the waiting request
	 * @param force whether it takes the lock from its holder
	 * @return the result; the session is not read
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
	 * Releases a lock, or stops waiting for it: {@code EVALSHA unlock}, which notifies
	 * the next waiting request.
	 * @param owner the request that holds the lock or waits for it
	 * @return a stage that completes when the lock is released
	 */
	public CompletionStage<Void> unlock(LockOwner owner) {
		Call call = Call.of(LuaScript.UNLOCK, this.keys.lock(owner.handle()))
			.also(this.keys.waiters(owner.handle()))
			.arg(owner.token())
			.arg(this.keys.wakePrefix())
			.arg(this.handover);
		CompletableFuture<Void> unlocked = this.engine.send(call).thenAccept((reply) -> {
		});
		this.engine.background(unlocked, "Releasing the lock of a session");
		return unlocked;
	}

	/**
	 * Renews leases: {@code EVALSHA extend} for each, in one round trip.
	 * @param owners the owners of the locks
	 * @return the owners that have lost their locks, without those whose renewal failed
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
	 * Creates a subscription to this node's notifications: the tokens of requests to
	 * which a lock was handed over.
	 * @param listener receives the tokens, on threads of the client
	 * @return the subscription, not yet started
	 */
	public EventSubscription subscription(EventSubscription.Listener listener) {
		return new EventSubscription(this.engine.connectionFactory(), this.keys.wake(this.node), listener);
	}

}
