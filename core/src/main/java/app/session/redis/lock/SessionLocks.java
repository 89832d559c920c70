package app.session.redis.lock;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import app.session.redis.client.BackgroundThreads;
import app.session.redis.client.Caller;
import app.session.redis.client.EventSubscription;
import app.session.redis.client.Stages;
import app.session.redis.lock.LockAttempt.Outcome;
import app.session.redis.observation.SessionCounter;
import app.session.redis.observation.SessionCounts;
import app.session.redis.settings.LockSettings;
import app.session.redis.settings.OnLockTimeout;
import app.session.redis.store.SessionRecord;
import app.session.redis.store.SessionStore;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Takes the locks of sessions for requests, renews their leases while the requests run,
 * and wakes those that wait: who gives a lock up hands it to the one that has waited
 * longest, whose node is told.
 *
 * <p>
 * A lock costs {@code EVALSHA lock}, one round trip that reads the session too, and
 * {@code EVALSHA unlock}, which nobody waits for. One that was waited for costs a second
 * {@code EVALSHA lock}, which takes the full lease. All that this node holds is renewed
 * in one flush of {@code EVALSHA extend}, three times in a lease.
 */
public final class SessionLocks implements EventSubscription.Listener {

	private static final Log logger = LogFactory.getLog(SessionLocks.class);

	/**
	 * Who waits asks again after that at the latest: the holder may have died, and so may
	 * the one to whom the lock was handed over, or the message may have been lost.
	 */
	private static final Duration DOUBT = Duration.ofSeconds(2);

	/** How soon a lock that could not be given up is tried again. */
	private static final Duration RELEASE_PAUSE = Duration.ofSeconds(1);

	private final Caller caller;

	private final LockStore store;

	private final LockSettings settings;

	private final SessionCounts counts;

	private final String node;

	private final AtomicLong number = new AtomicLong();

	/** Requests of this node that may be handed a lock, by their tokens. */
	private final Map<String, Waiter> waiting = new ConcurrentHashMap<>();

	/** By their tokens: what is renewed. */
	private final Map<String, HeldLock> held = new ConcurrentHashMap<>();

	private final EventSubscription subscription;

	private volatile @Nullable ScheduledExecutorService executor;

	/**
	 * Creates it.
	 * @param caller receives the replies for requests
	 * @param store the store of the sessions
	 * @param node what names this node, and no other
	 * @param settings how sessions are locked
	 * @param counts counts what comes of it
	 */
	public SessionLocks(Caller caller, SessionStore store, String node, LockSettings settings, SessionCounts counts) {
		this.caller = caller;
		this.store = new LockStore(store, node, settings.lease(), settings.waitTime(), settings.maxWaiters());
		this.node = node;
		this.settings = settings;
		this.counts = counts;
		this.subscription = this.store.subscription(this);
	}

	/**
	 * Begins to renew leases, and to listen: {@code SUBSCRIBE} on a connection of its
	 * own.
	 */
	public synchronized void start() {
		if (this.executor != null) {
			return;
		}
		// One that renews must not wait for one that connects
		ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(2,
				BackgroundThreads.named("redis-session-locks"));
		executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
		long pause = Math.max(this.settings.lease().toMillis() / 3, 1);
		var unused = executor.scheduleWithFixedDelay(this::renew, pause, pause, TimeUnit.MILLISECONDS);
		this.executor = executor;
		this.subscription.open(executor);
	}

	/**
	 * Gives all locks up that requests still have, whose saves are refused from then on.
	 */
	public void stop() {
		ScheduledExecutorService stopping = this.executor;
		this.executor = null;
		if (stopping != null) {
			stopping.shutdownNow();
		}
		for (HeldLock lock : List.copyOf(this.held.values())) {
			lock.lose();
			unlock(lock.owner(), this.settings.lease(), false);
		}
		this.subscription.close();
	}

	/**
	 * Takes the lock of a session, and reads the session. Waits for as long as a request
	 * may wait, and the command timeout.
	 * @param handle the session
	 * @param digest the digest of the secret that the client sent, or null when the
	 * session is known by its handle
	 * @param touchInterval how long after the last access this one is noted; null: it is
	 * not an access
	 * @return the lock, or what stands for it where the request goes on without; null
	 * when there is no such session. Fails with a
	 * {@link SessionStoreUnavailableException} if there is no answer, or the request has
	 * to be refused
	 */
	public CompletionStage<@Nullable Acquisition> acquire(String handle, byte @Nullable [] digest,
			@Nullable Duration touchInterval) {
		LockOwner owner = LockOwner.of(this.node, this.number.incrementAndGet(), handle);
		Waiter waiter = new Waiter();
		this.waiting.put(owner.token(), waiter);
		return Stages.start(() -> ask(new Question(owner, digest, touchInterval), waiter))
			.handle((attempt, failure) -> ended(owner, attempt, failure));
	}

	/** Decides what the request gets when it asks and waits no longer. */
	private @Nullable Acquisition ended(LockOwner owner, @Nullable LockAttempt attempt, @Nullable Throwable failure) {
		HeldLock lock = null;
		try {
			if (attempt == null) {
				throw failed(owner, failure);
			}
			if (attempt.isHeld()) {
				lock = new HeldLock(this, owner, true);
				this.held.put(owner.token(), lock);
			}
		}
		finally {
			this.waiting.remove(owner.token());
		}
		if (lock != null) {
			if (attempt.outcome() == Outcome.TAKEN) {
				this.counts.increment(SessionCounter.LOCK_TIMEOUTS);
			}
			return new Acquisition(lock, attempt.session());
		}
		return switch (attempt.outcome()) {
			case NO_SESSION -> null;
			case TOO_MANY_WAITERS -> throw refused();
			default -> new Acquisition(timedOut(owner), null);
		};
	}

	private RuntimeException failed(LockOwner owner, @Nullable Throwable failure) {
		Throwable thrown = (failure != null) ? Stages.unwrap(failure)
				: new IllegalStateException("An attempt without an outcome");
		if (!(thrown instanceof SessionStoreUnavailableException unavailable
				&& (unavailable.getReason() == Reason.NOT_ASKED || unavailable.getReason() == Reason.OVERLOADED))) {
			// It may have the lock all the same, or get it, even after this: the question
			// can still be on its way, over another connection of a pool
			unlock(owner, RELEASE_PAUSE, true);
		}
		throw Stages.unchecked(thrown);
	}

	private CompletionStage<LockAttempt> ask(Question question, Waiter waiter) {
		long start = System.nanoTime();
		long deadline = start + this.settings.waitTime().toNanos();
		return ask(question, false, deadline).thenCompose((first) -> {
			if (first.outcome() != Outcome.WAITING) {
				return CompletableFuture.completedFuture(first);
			}
			return Stages.start(() -> askAgain(question, waiter, first, deadline))
				.whenComplete((attempt, failure) -> this.counts.addLockWait(System.nanoTime() - start));
		});
	}

	/** Asks again after each wake-up and each doubt, until the wait time is over. */
	private CompletionStage<LockAttempt> askAgain(Question question, Waiter waiter, LockAttempt first, long deadline) {
		waiter.holdersLease = first.holdersLease();
		return Stages.repeat(() -> await(waiter, deadline).thenCompose((woken) -> {
			if (!woken && System.nanoTime() - deadline >= 0) {
				boolean force = this.settings.onTimeout() == OnLockTimeout.BREAK;
				return this.caller.receive(this.store.abandon(question.owner(), force));
			}
			return ask(question, true, deadline).thenApply((attempt) -> {
				waiter.holdersLease = attempt.holdersLease();
				return (attempt.outcome() != Outcome.WAITING) ? attempt : null;
			});
		}));
	}

	private CompletionStage<LockAttempt> ask(Question question, boolean again, long deadline) {
		Duration patience = Duration.ofNanos(Math.max(deadline - System.nanoTime(), 0));
		return this.caller.receive(
				this.store.lock(question.owner(), question.digest(), question.touchInterval(), again, patience),
				patience);
	}

	/**
	 * Whether the request was told to ask again, before it has doubts or no more time.
	 */
	private CompletionStage<Boolean> await(Waiter waiter, long deadline) {
		long doubt = Math.min(waiter.holdersLease.plusMillis(1).toNanos(), DOUBT.toNanos());
		long limit = Math.max(Math.min(doubt, deadline - System.nanoTime()), 0);
		return this.caller.await(waiter.signal(), Duration.ofNanos(limit)).thenApply((woken) -> {
			waiter.reset();
			return woken;
		});
	}

	private SessionStoreUnavailableException refused() {
		this.counts.increment(SessionCounter.LOCK_REFUSALS);
		return new SessionStoreUnavailableException(Reason.TOO_MANY_WAITERS, null, null);
	}

	private HeldLock timedOut(LockOwner owner) {
		this.counts.increment(SessionCounter.LOCK_TIMEOUTS);
		if (this.settings.onTimeout() == OnLockTimeout.READ_ONLY) {
			return new HeldLock(this, owner, false);
		}
		throw new SessionStoreUnavailableException(Reason.LOCK_TIMEOUT, null, null);
	}

	SessionCounts counts() {
		return this.counts;
	}

	void lost(HeldLock lock) {
		this.held.remove(lock.owner().token());
		this.counts.increment(SessionCounter.LOCK_LOST);
		logger.debug("The lock of session " + lock.handle() + " was lost");
	}

	void released(HeldLock lock) {
		this.held.remove(lock.owner().token());
		unlock(lock.owner(), RELEASE_PAUSE, false);
	}

	/**
	 * Gives a lock up, which is not waited for but tried again after ever longer pauses,
	 * until the lease must have ended.
	 * @param owner who may have it
	 * @param pause the pause
	 * @param repeat whether to do it again though it was done
	 */
	private void unlock(LockOwner owner, Duration pause, boolean repeat) {
		var unused = this.store.unlock(owner).whenComplete((done, failure) -> {
			if ((repeat || failure != null) && pause.compareTo(this.settings.lease()) < 0) {
				onExecutor((executor) -> executor.schedule(() -> unlock(owner, pause.multipliedBy(2), repeat),
						pause.toMillis(), TimeUnit.MILLISECONDS));
			}
		});
	}

	private void renew() {
		List<LockOwner> owners = this.held.values().stream().map(HeldLock::owner).toList();
		if (owners.isEmpty()) {
			return;
		}
		try {
			var unused = this.store.extend(owners).whenComplete((losers, failure) -> {
				if (failure != null) {
					logger.debug("Renewing the leases of locks failed", failure);
				}
				else {
					losers.forEach(this::lose);
				}
			});
		}
		// An exception would end the schedule
		catch (RuntimeException ex) {
			logger.debug("Renewing the leases of locks failed", ex);
		}
	}

	private void lose(LockOwner loser) {
		HeldLock lock = this.held.get(loser.token());
		if (lock != null) {
			lock.lose();
		}
	}

	/**
	 * A request of this node has a lock. When it has gone meanwhile, the next one shall
	 * have it.
	 */
	@Override
	public void onMessage(String token) {
		Waiter waiter = this.waiting.get(token);
		if (waiter != null) {
			waiter.wake();
			return;
		}
		LockOwner owner = LockOwner.parse(token);
		if (owner != null && !this.held.containsKey(token)) {
			// The client's threads must not block
			onExecutor((executor) -> executor.submit(() -> unlock(owner, RELEASE_PAUSE, false)));
		}
	}

	/** What was told before, or during a gap, was not heard: all ask again. */
	@Override
	public void onSubscribed() {
		this.waiting.values().forEach(Waiter::wake);
	}

	private void onExecutor(Function<ScheduledExecutorService, Future<?>> task) {
		ScheduledExecutorService executor = this.executor;
		if (executor == null) {
			return;
		}
		try {
			var unused = task.apply(executor);
		}
		catch (RejectedExecutionException ex) {
			logger.debug("A lock is left to its lease, since this node stops", ex);
		}
	}

	/**
	 * A request that may be told several times to ask for its lock again. A signal that
	 * comes while it asks ends its next wait at once.
	 */
	private static final class Waiter {

		private volatile CompletableFuture<@Nullable Void> signal = new CompletableFuture<>();

		/** How long the holder had the lock when the request asked last. */
		private volatile Duration holdersLease = Duration.ZERO;

		CompletionStage<@Nullable Void> signal() {
			return this.signal;
		}

		void wake() {
			this.signal.complete(null);
		}

		/**
		 * Forgets signals up to now. The request must ask after this: what they stand for
		 * is in Redis by then.
		 */
		void reset() {
			this.signal = new CompletableFuture<>();
		}

	}

	/**
	 * What a request asks for.
	 *
	 * @param owner the request
	 * @param digest the digest of the secret that the client sent, or null
	 * @param touchInterval how long after the last access this one is noted, or null
	 */
	@SuppressWarnings("ArrayRecordComponent") // never compared
	private record Question(LockOwner owner, byte @Nullable [] digest, @Nullable Duration touchInterval) {
	}

	/**
	 * A lock that was acquired.
	 *
	 * @param lock the lock, or what stands for it where the request goes on without
	 * @param session the session as it is under the lock; null when it was not read
	 */
	public record Acquisition(HeldLock lock, @Nullable SessionRecord session) {
	}

}
