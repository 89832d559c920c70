package app.session.redis.lock;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
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
import app.session.redis.store.SessionContent;
import app.session.redis.store.SessionRecord;
import app.session.redis.store.SessionStore;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Takes the locks of sessions for requests, renews their leases while the requests run,
 * and wakes waiting requests: a released lock is handed over to the request that has
 * waited longest, and its node is notified.
 *
 * <p>
 * A lock costs {@code EVALSHA lock}, one round trip that also reads the session, and
 * {@code EVALSHA unlock} in the background. If the request had to wait, a second
 * {@code EVALSHA lock} takes the full lease. All locks that this node holds are renewed
 * in one flush of {@code EVALSHA extend}, three times per lease.
 */
public final class SessionLocks implements EventSubscription.Listener {

	private static final Log logger = LogFactory.getLog(SessionLocks.class);

	/**
	 * The maximum pause before a waiting request tries again: the holder may have died,
	 * or the request to which the lock was handed over, or the message may have been
	 * lost.
	 */
	private static final Duration MAX_RETRY_PAUSE = Duration.ofSeconds(2);

	/** The pause before the release of a lock is retried. */
	private static final Duration RELEASE_PAUSE = Duration.ofSeconds(1);

	private final Caller caller;

	private final LockStore store;

	private final LockSettings settings;

	private final SessionCounts counts;

	private final String node;

	private final AtomicLong number = new AtomicLong();

	/** Requests of this node that may be handed a lock, by their tokens. */
	private final Map<String, Waiter> waiting = new ConcurrentHashMap<>();

	/** The locks whose leases are renewed, by their tokens. */
	private final Map<String, HeldLock> held = new ConcurrentHashMap<>();

	private final EventSubscription subscription;

	private volatile @Nullable ScheduledExecutorService executor;

	/**
	 * Creates an instance.
	 * @param caller receives the replies for requests
	 * @param store the store of the sessions
	 * @param node the unique name of this node
	 * @param settings how sessions are locked
	 * @param counts counts waits, timeouts and lost locks
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
	 * Starts the renewal of leases and the subscription: {@code SUBSCRIBE} on a separate
	 * connection.
	 */
	public synchronized void start() {
		if (this.executor != null) {
			return;
		}
		// Renewing must not wait for connecting
		ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(2,
				BackgroundThreads.named("redis-session-locks"));
		executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
		long pause = Math.max(this.settings.lease().toMillis() / 3, 1);
		var unused = executor.scheduleWithFixedDelay(this::renew, pause, pause, TimeUnit.MILLISECONDS);
		this.executor = executor;
		this.subscription.open(executor);
	}

	/**
	 * Releases all locks that requests still hold; their saves are refused from then on.
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
	 * Takes the lock of a session, and reads the session. Waits for at most the wait time
	 * of requests plus the command timeout.
	 * @param handle the session
	 * @param digest the digest of the secret that the client sent, or null if the session
	 * is looked up by its handle
	 * @param touchInterval the minimum time since the last access for this read to be
	 * recorded as an access; null if it is not an access
	 * @param copy the content of which this node has a copy, or null
	 * @param abandoned completes if the request no longer waits, so that it leaves the
	 * queue; null if this isn't reported
	 * @return the lock, or a read-only substitute if the request continues without it;
	 * null if there is no such session. Fails with a
	 * {@link SessionStoreUnavailableException} if there is no reply, or the request has
	 * to be refused, and with a {@link CancellationException} if it was abandoned
	 */
	public CompletionStage<@Nullable Acquisition> acquire(String handle, byte @Nullable [] digest,
			@Nullable Duration touchInterval, @Nullable SessionContent copy, @Nullable CompletionStage<?> abandoned) {
		LockOwner owner = LockOwner.of(this.node, this.number.incrementAndGet(), handle);
		Waiter waiter = new Waiter();
		this.waiting.put(owner.token(), waiter);
		if (abandoned != null) {
			abandoned.whenComplete((gone, failure) -> waiter.wake());
		}
		LockRequest request = new LockRequest(owner, digest, touchInterval, copy, abandoned);
		return Stages.start(() -> attempt(request, waiter))
			.handle((attempt, failure) -> ended(request, attempt, failure));
	}

	/** Converts the final attempt to the result of the request. */
	private @Nullable Acquisition ended(LockRequest request, @Nullable LockAttempt attempt,
			@Nullable Throwable failure) {
		LockOwner owner = request.owner();
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
			default -> {
				if (request.isAbandoned()) {
					throw new CancellationException("The request no longer waits for the lock of its session");
				}
				yield new Acquisition(timedOut(owner), null);
			}
		};
	}

	private RuntimeException failed(LockOwner owner, @Nullable Throwable failure) {
		Throwable thrown = (failure != null) ? Stages.unwrap(failure)
				: new IllegalStateException("An attempt without an outcome");
		if (!(thrown instanceof SessionStoreUnavailableException unavailable
				&& (unavailable.getReason() == Reason.NOT_ASKED || unavailable.getReason() == Reason.OVERLOADED))) {
			// The request may still have the lock, or get it later: the command can be
			// in transit, over another connection of a pool
			unlock(owner, RELEASE_PAUSE, true);
		}
		throw Stages.unchecked(thrown);
	}

	private CompletionStage<LockAttempt> attempt(LockRequest request, Waiter waiter) {
		long start = System.nanoTime();
		long deadline = start + this.settings.waitTime().toNanos();
		return attempt(request, false, deadline).thenCompose((first) -> {
			if (first.outcome() != Outcome.WAITING) {
				return CompletableFuture.completedFuture(first);
			}
			return Stages.start(() -> retry(request, waiter, first, deadline))
				.whenComplete((attempt, failure) -> this.counts.addLockWait(System.nanoTime() - start));
		});
	}

	/**
	 * Tries again after each notification and each pause, until the wait time is over.
	 */
	private CompletionStage<LockAttempt> retry(LockRequest request, Waiter waiter, LockAttempt first, long deadline) {
		waiter.holdersLease = first.holdersLease();
		return Stages.repeat(() -> await(waiter, deadline).thenCompose((woken) -> {
			boolean abandoned = request.isAbandoned();
			if (abandoned || (!woken && System.nanoTime() - deadline >= 0)) {
				boolean force = !abandoned && this.settings.onTimeout() == OnLockTimeout.BREAK;
				return this.caller.receive(this.store.abandon(request.owner(), force));
			}
			return attempt(request, true, deadline).thenApply((attempt) -> {
				waiter.holdersLease = attempt.holdersLease();
				return (attempt.outcome() != Outcome.WAITING) ? attempt : null;
			});
		}));
	}

	private CompletionStage<LockAttempt> attempt(LockRequest request, boolean again, long deadline) {
		Duration patience = Duration.ofNanos(Math.max(deadline - System.nanoTime(), 0));
		return this.caller.receive(this.store.lock(request.owner(), request.digest(), request.touchInterval(),
				request.copy(), again, patience), patience);
	}

	/**
	 * Waits for a notification, until the next retry or the deadline; returns whether the
	 * request was notified.
	 */
	private CompletionStage<Boolean> await(Waiter waiter, long deadline) {
		long pause = Math.min(waiter.holdersLease.plusMillis(1).toNanos(), MAX_RETRY_PAUSE.toNanos());
		long limit = Math.max(Math.min(pause, deadline - System.nanoTime()), 0);
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
	 * Releases a lock in the background, and retries after increasing pauses until the
	 * lease must have expired.
	 * @param owner the request that may hold the lock
	 * @param pause the pause before the first retry
	 * @param repeat whether to repeat the release even if it succeeded
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
	 * Wakes the request to which a lock was handed over. If it no longer waits, the lock
	 * is released to the next one.
	 */
	@Override
	public void onMessage(byte[] message) {
		String token = new String(message, StandardCharsets.UTF_8);
		Waiter waiter = this.waiting.get(token);
		if (waiter != null) {
			waiter.wake();
			return;
		}
		LockOwner owner = LockOwner.parse(token);
		if (owner != null && !this.held.containsKey(token)) {
			// Threads of the client must not block
			onExecutor((executor) -> executor.submit(() -> unlock(owner, RELEASE_PAUSE, false)));
		}
	}

	/**
	 * Wakes all waiting requests, because messages before the subscription or during a
	 * gap were lost.
	 */
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
			logger.debug("A lock is not released because this node is stopping; its lease will expire", ex);
		}
	}

	/**
	 * A waiting request, which may be notified several times. A signal that arrives while
	 * it tries to take the lock ends its next wait at once.
	 */
	private static final class Waiter {

		private volatile CompletableFuture<@Nullable Void> signal = new CompletableFuture<>();

		/** The remaining lease of the holder when the request last tried. */
		private volatile Duration holdersLease = Duration.ZERO;

		CompletionStage<@Nullable Void> signal() {
			return this.signal;
		}

		void wake() {
			this.signal.complete(null);
		}

		/**
		 * Discards earlier signals. The request must try again after this, when the
		 * change that they announced is in Redis.
		 */
		void reset() {
			this.signal = new CompletableFuture<>();
		}

	}

	/**
	 * The parameters of an attempt.
	 *
	 * @param owner the request
	 * @param digest the digest of the secret that the client sent, or null
	 * @param touchInterval the minimum time since the last access for this read to be
	 * recorded as an access, or null
	 * @param copy the content of which this node has a copy, or null
	 * @param abandoned completes if the request no longer waits, or null
	 */
	@SuppressWarnings("ArrayRecordComponent") // never compared
	private record LockRequest(LockOwner owner, byte @Nullable [] digest, @Nullable Duration touchInterval,
			@Nullable SessionContent copy, @Nullable CompletionStage<?> abandoned) {

		boolean isAbandoned() {
			return this.abandoned != null && this.abandoned.toCompletableFuture().isDone();
		}

	}

	/**
	 * The result of acquiring a lock.
	 *
	 * @param lock the lock, or a read-only substitute if the request continues without it
	 * @param session the session as read under the lock; null if it was not read
	 */
	public record Acquisition(HeldLock lock, @Nullable SessionRecord session) {
	}

}
