package app.session.redis.expiry;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

import app.session.redis.store.ExpiryStore;
import app.session.redis.store.ExpiryStore.DueHint;
import app.session.redis.store.SessionRecord;
import app.session.redis.store.SessionStore;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Finds sessions that have expired, claims each, has its expiry told, and removes it. All
 * nodes may run one: a lease decides whose turn it is, and the claims keep two that both
 * think it theirs from telling twice.
 *
 * <p>
 * Asks for {@code EVALSHA lease} once an interval; the node that has it also for
 * {@code EVALSHA due} on each part of the hints, in one flush. For a batch of hints that
 * have come due: a flush of {@code EVALSHA claim}, then per expired session
 * {@code EVALSHA finish} and the removal of its hints.
 */
public final class Collector {

	private static final Log logger = LogFactory.getLog(Collector.class);

	private final SessionStore store;

	private final ExpiryStore expiry;

	private final Consumer<SessionRecord> listener;

	private final IntConsumer batches;

	private final Duration interval;

	private final int batchSize;

	private final Clock clock;

	/** Claimed and not yet removed: what the heartbeat renews. */
	private final Set<String> claimed = ConcurrentHashMap.newKeySet();

	private @Nullable ScheduledExecutorService executor;

	private volatile boolean running;

	private volatile boolean leading;

	private volatile @Nullable Instant lastSweep;

	private boolean failing;

	/**
	 * Creates a collector.
	 * @param store the store of the sessions
	 * @param expiry what it asks of Redis
	 * @param interval how often it looks for expired sessions
	 * @param batchSize how many it claims in one step
	 * @param listener is told of each expired session, on the collector's thread
	 * @param batches is told how many sessions were asked in one step, likewise
	 * @param clock tells when it has swept
	 */
	public Collector(SessionStore store, ExpiryStore expiry, Duration interval, int batchSize,
			Consumer<SessionRecord> listener, IntConsumer batches, Clock clock) {
		this.store = store;
		this.expiry = expiry;
		this.interval = interval;
		this.batchSize = batchSize;
		this.listener = listener;
		this.batches = batches;
		this.clock = clock;
	}

	/** Starts its threads: one that sweeps, one that renews what the first holds. */
	public synchronized void start() {
		if (this.executor != null) {
			return;
		}
		ScheduledThreadPoolExecutor executor = executor();
		long heartbeat = Math.max(this.expiry.lease().toMillis() / 3, 1);
		var unusedSweep = executor.scheduleWithFixedDelay(this::run, 0, this.interval.toMillis(),
				TimeUnit.MILLISECONDS);
		var unusedRenewal = executor.scheduleWithFixedDelay(this::renew, heartbeat, heartbeat, TimeUnit.MILLISECONDS);
		this.executor = executor;
	}

	/**
	 * Sweeps nothing on this node, but warns when no other does either: {@code EXISTS}
	 * once in three leases.
	 */
	public synchronized void watch() {
		if (this.executor != null) {
			return;
		}
		ScheduledThreadPoolExecutor executor = executor();
		long pause = this.expiry.lease().toMillis() * 3;
		var unused = executor.scheduleWithFixedDelay(this::lookForOthers, pause, pause, TimeUnit.MILLISECONDS);
		this.executor = executor;
	}

	private void lookForOthers() {
		try {
			boolean swept = this.store.await(this.expiry.isAcquired());
			if (!swept && !this.failing) {
				logger.warn("No node collects expired sessions, so that no expiry is told. Set"
						+ " app.session.redis.collector.enabled=true on one of them");
			}
			this.failing = !swept;
		}
		// An exception would end the schedule
		catch (RuntimeException ex) {
			logger.debug("Looking for the node that collects expired sessions failed", ex);
		}
	}

	private ScheduledThreadPoolExecutor executor() {
		this.running = true;
		ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(2, new Threads());
		executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
		return executor;
	}

	/**
	 * Stops: what is being told is finished, for the lease at most, and the lease given
	 * up. The rest of the batch is left to another node, or to this one's next start.
	 */
	public void stop() {
		ScheduledExecutorService stopping;
		synchronized (this) {
			stopping = this.executor;
			this.executor = null;
		}
		if (stopping == null) {
			return;
		}
		this.running = false;
		stopping.shutdown();
		try {
			if (!stopping.awaitTermination(this.expiry.lease().toMillis(), TimeUnit.MILLISECONDS)) {
				logger.warn("A listener of session expiry is still at work; another node will tell the rest");
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		if (this.leading) {
			this.leading = false;
			try {
				this.store.await(this.expiry.release());
			}
			catch (RuntimeException ex) {
				logger.debug("The collector's lease was not given up; it ends by itself", ex);
			}
		}
	}

	/**
	 * Whether this node is the one that sweeps.
	 * @return true if so
	 */
	public boolean isLeading() {
		return this.leading;
	}

	/**
	 * When this node has last swept to the end.
	 * @return the time by this node's clock, or null when it never has
	 */
	public @Nullable Instant lastSweep() {
		return this.lastSweep;
	}

	private void run() {
		try {
			this.leading = this.store.await(this.expiry.acquire());
			if (this.leading) {
				sweep();
				this.lastSweep = this.clock.instant();
			}
			this.failing = false;
		}
		// An exception would end the schedule
		catch (RuntimeException ex) {
			if (!this.failing) {
				logger.warn("Looking for expired sessions failed; it is tried again every " + this.interval.toMillis()
						+ " ms. " + ex.getMessage());
				logger.debug("The failure", ex);
			}
			this.failing = true;
		}
	}

	private void sweep() {
		List<DueHint> due = this.store.await(this.expiry.due(this.batchSize));
		List<DueHint> before = List.of();
		// Hints that stay as they are, whatever the reason, are left to the next sweep
		while (!due.isEmpty() && !due.equals(before) && this.running) {
			before = due;
			List<SessionRecord> expired = this.store.await(this.expiry.claim(due));
			this.batches.accept(due.size());
			expired.forEach((session) -> this.claimed.add(session.handle()));
			try {
				tell(expired);
			}
			finally {
				this.claimed.clear();
			}
			due = this.store.await(this.expiry.due(this.batchSize));
		}
	}

	private void tell(List<SessionRecord> expired) {
		CompletableFuture<?>[] finished = new CompletableFuture<?>[expired.size()];
		for (int i = 0; i < finished.length; i++) {
			if (!this.running) {
				// The heartbeat has ended: another node takes the rest over, and they
				// must not be told here too.
				finished[i] = CompletableFuture.completedFuture(null);
				continue;
			}
			SessionRecord session = expired.get(i);
			try {
				this.listener.accept(session);
			}
			// Errors too: of a listener's missing class the others know nothing, and it
			// would end the schedule
			catch (RuntimeException | Error ex) {
				logger.error("Telling the expiry of session " + session.handle() + " failed", ex);
			}
			finished[i] = this.expiry.finish(session).toCompletableFuture();
		}
		this.store.await(CompletableFuture.allOf(finished));
	}

	/**
	 * Listeners may be slow: while they are at work, the lease and the claims must not
	 * end.
	 */
	private void renew() {
		if (this.claimed.isEmpty()) {
			return;
		}
		try {
			this.leading = this.store.await(this.expiry.acquire());
			this.store.await(this.expiry.renew(List.copyOf(this.claimed)));
		}
		catch (RuntimeException ex) {
			logger.debug("Renewing the claims on expired sessions failed", ex);
		}
	}

	private static final class Threads implements ThreadFactory {

		private final AtomicInteger count = new AtomicInteger();

		@Override
		public Thread newThread(Runnable task) {
			Thread thread = new Thread(task, "redis-session-collector-" + this.count.incrementAndGet());
			thread.setDaemon(true);
			return thread;
		}

	}

}
