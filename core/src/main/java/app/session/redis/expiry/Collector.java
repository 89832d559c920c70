package app.session.redis.expiry;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

import app.session.redis.Option;
import app.session.redis.OptionNames;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.client.BackgroundThreads;
import app.session.redis.expiry.ExpiryStore.Claim;
import app.session.redis.expiry.ExpiryStore.Claims;
import app.session.redis.expiry.ExpiryStore.DueHint;
import app.session.redis.log.LimitedLog;
import app.session.redis.settings.CollectorSettings;
import app.session.redis.store.SessionRecord;
import app.session.redis.store.SessionStore;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Finds expired sessions, claims each, publishes its expiry, and removes it. All nodes
 * may run a collector: a lease determines which one sweeps, and if two nodes both believe
 * that they have the lease, the claims prevent them from publishing an expiry twice.
 *
 * <p>
 * Sends {@code EVALSHA lease} once per interval. The node that has the lease also sends
 * {@code EVALSHA due} for each part of the hints, in one flush. A batch of hints that
 * have come due costs a flush of {@code EVALSHA claim}; for sessions that are still
 * alive, flushes that update their hints and index entries; if listeners need attributes,
 * flushes of {@code EVALSHA content} of limited size; then per expired session
 * {@code EVALSHA finish} and the removal of its hints. Replies that can be large use a
 * separate connection, so that requests don't wait for them.
 *
 * <p>
 * If the content of several sessions doesn't arrive within the command timeout, or Redis
 * closes the connection because of it, fewer sessions are read together. If the content
 * of a single session doesn't arrive, its expiry is published without attributes.
 */
public final class Collector {

	private static final Log logger = LogFactory.getLog(Collector.class);

	private final LimitedLog failures = new LimitedLog(logger);

	/** The maximum total size in bytes of sessions that are read together. */
	private static final long BATCH_BYTES = 1024 * 1024;

	/** The number of sessions that are removed before waiting for their removal. */
	private static final int FINISHED_AT_ONCE = 250;

	/**
	 * The maximum number of commands in progress that remove sessions, unless a single
	 * session needs more: requests use the same connection, whose queue is limited to
	 * 10,000.
	 */
	private static final int COMMANDS_AT_ONCE = 2000;

	private final SessionStore store;

	private final ExpiryStore expiry;

	private final Consumer<SessionRecord> listener;

	private final boolean content;

	private final IntConsumer batches;

	private final CollectorSettings settings;

	private final Clock clock;

	private final OptionNames optionNames;

	/** Claimed and not yet removed sessions, whose claims the heartbeat renews. */
	private final Set<String> claimed = ConcurrentHashMap.newKeySet();

	private @Nullable ScheduledExecutorService executor;

	private volatile boolean running;

	private volatile boolean leading;

	private volatile @Nullable Instant lastSweep;

	private boolean failing;

	/** The current limit of bytes that are read together; used only by the sweep. */
	private long limit = BATCH_BYTES;

	/**
	 * Creates a collector.
	 * @param store the store of the sessions
	 * @param expiry the lease, the hints and the claims
	 * @param settings the options of the collector
	 * @param listener publishes the expiry of a session, on the collector's thread
	 * @param content whether the listener needs the attributes of the sessions
	 * @param batches receives the number of sessions checked in one step, on the same
	 * thread
	 * @param clock the clock for the time of the last sweep
	 * @param optionNames the names of options in messages
	 */
	public Collector(SessionStore store, ExpiryStore expiry, CollectorSettings settings,
			Consumer<SessionRecord> listener, boolean content, IntConsumer batches, Clock clock,
			OptionNames optionNames) {
		this.store = store;
		this.expiry = expiry;
		this.settings = settings;
		this.listener = listener;
		this.content = content;
		this.batches = batches;
		this.clock = clock;
		this.optionNames = optionNames;
	}

	/** Starts two threads: one that sweeps, and one that renews its lease and claims. */
	public synchronized void start() {
		if (this.executor != null) {
			return;
		}
		this.expiry.allow();
		ScheduledThreadPoolExecutor executor = executor();
		long heartbeat = Math.max(this.expiry.lease().toMillis() / 3, 1);
		var unusedSweep = executor.scheduleWithFixedDelay(this::run, 0, this.settings.interval().toMillis(),
				TimeUnit.MILLISECONDS);
		var unusedRenewal = executor.scheduleWithFixedDelay(this::renew, heartbeat, heartbeat, TimeUnit.MILLISECONDS);
		this.executor = executor;
	}

	/**
	 * Doesn't sweep on this node, but logs a warning if no other node does either:
	 * {@code EXISTS} once every three leases.
	 */
	public synchronized void watch() {
		if (this.executor != null) {
			return;
		}
		ScheduledThreadPoolExecutor executor = executor();
		long pause = this.expiry.lease().toMillis() * 3;
		var unused = executor.scheduleWithFixedDelay(this::checkForCollector, pause, pause, TimeUnit.MILLISECONDS);
		this.executor = executor;
	}

	private void checkForCollector() {
		try {
			boolean swept = this.store.await(this.expiry.isAcquired());
			if (!swept && !this.failing) {
				logger.warn("No node collects expired sessions, so expiries are not published as events. "
						+ "Enable the collector on one of the nodes ("
						+ this.optionNames.setting(Option.COLLECTOR_ENABLED, true) + ")");
			}
			this.failing = !swept;
		}
		// An exception would end the schedule
		catch (RuntimeException ex) {
			logger.debug("Checking whether a node collects expired sessions failed", ex);
		}
	}

	private ScheduledThreadPoolExecutor executor() {
		this.running = true;
		ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(2,
				BackgroundThreads.numbered("redis-session-collector-"));
		executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
		return executor;
	}

	/**
	 * Stops the collector: waits for the expiry that is being published, for at most the
	 * lease, and gives up the lease. The rest of the batch is left to another node, or to
	 * the next start of this one.
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
				logger.warn("A listener of session expiry is still running; another node will publish the "
						+ "remaining expiries");
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		this.expiry.close();
		if (this.leading) {
			this.leading = false;
			try {
				this.store.await(this.expiry.release());
			}
			catch (RuntimeException ex) {
				logger.debug("The collector's lease was not released; it will expire", ex);
			}
		}
	}

	/**
	 * Returns whether this node sweeps.
	 * @return whether this node has the lease
	 */
	public boolean isLeading() {
		return this.leading;
	}

	/**
	 * Returns when this node last completed a sweep.
	 * @return the time by this node's clock, or null if it never has
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
				logger.warn("Searching for expired sessions failed; it is retried every "
						+ this.settings.interval().toMillis() + " ms. " + ex.getMessage());
				logger.debug("The failure", ex);
			}
			this.failing = true;
		}
	}

	private void sweep() {
		List<DueHint> due = this.store.await(this.expiry.due(this.settings.batchSize()));
		List<DueHint> before = List.of();
		// Hints that don't change, for whatever reason, are left to the next sweep
		while (!due.isEmpty() && !due.equals(before) && this.running) {
			before = due;
			Claims claims = this.store.await(this.expiry.claim(due, this.content));
			this.batches.accept(due.size());
			claims.expired().forEach((claim) -> this.claimed.add(claim.session().handle()));
			try {
				update(claims);
				publish(claims.expired());
			}
			finally {
				this.claimed.clear();
			}
			due = this.store.await(this.expiry.due(this.settings.batchSize()));
		}
	}

	/**
	 * Updates the hints of sessions that were not claimed, so that they aren't found due
	 * again.
	 */
	private void update(Claims claims) {
		boolean more = true;
		while (more && this.running) {
			more = this.store.await(this.expiry.update(claims));
		}
	}

	/**
	 * Publishes the expiry of claimed sessions. When this node stops, the heartbeat has
	 * ended and another node takes over the rest, so they must not be published here as
	 * well.
	 */
	private void publish(List<Claim> claims) {
		Set<String> retried = new HashSet<>();
		int from = 0;
		while (from < claims.size() && this.running) {
			List<Claim> batch = batch(claims.subList(from, claims.size()));
			List<SessionRecord> sessions = read(batch, retried);
			if (sessions != null) {
				publishRead(sessions);
				batch.forEach((claim) -> this.claimed.remove(claim.session().handle()));
				from += batch.size();
			}
		}
	}

	/** Returns as many claims as may be read together, but at least one. */
	private List<Claim> batch(List<Claim> claims) {
		long bytes = 0;
		int count = 0;
		while (count < claims.size() && (count == 0 || bytes + claims.get(count).bytes() <= this.limit)) {
			bytes += claims.get(count++).bytes();
		}
		return claims.subList(0, count);
	}

	/**
	 * Reads the sessions with the content that listeners need; returns null if they are
	 * to be read again in smaller batches.
	 */
	private @Nullable List<SessionRecord> read(List<Claim> batch, Set<String> retried) {
		List<SessionRecord> claimed = batch.stream().map(Claim::session).toList();
		if (!this.content) {
			return claimed;
		}
		try {
			List<SessionRecord> sessions = this.store.await(this.expiry.content(batch));
			this.limit = Math.min(this.limit * 2, BATCH_BYTES);
			return sessions;
		}
		catch (SessionStoreUnavailableException ex) {
			this.expiry.drop();
			// Fails if Redis doesn't answer at all; then the size is not the reason
			this.store.await(this.expiry.renew(List.copyOf(this.claimed)));
			Claim first = batch.get(0);
			if (batch.size() > 1 || retried.add(first.session().handle())) {
				logger.debug("Reading expired sessions failed; it will be retried with fewer", ex);
				this.limit = Math.min(this.limit, Math.max(batch.stream().mapToLong(Claim::bytes).sum() / 2, 1));
				return null;
			}
			this.failures.warn("The content of the expired session " + first.session().handle() + ", " + first.bytes()
					+ " bytes, could not be read. Its expiry is published without attributes. " + ex.getMessage());
			return claimed;
		}
	}

	private void publishRead(List<SessionRecord> sessions) {
		List<CompletableFuture<?>> finished = new ArrayList<>();
		int commands = 0;
		for (SessionRecord session : sessions) {
			if (!this.running) {
				break;
			}
			int needed = session.entries().size() + 1;
			if (finished.size() == FINISHED_AT_ONCE || commands + needed > COMMANDS_AT_ONCE) {
				await(finished);
				commands = 0;
			}
			commands += needed;
			try {
				this.listener.accept(session);
			}
			// Errors too: a listener's missing class doesn't affect other sessions, but
			// would end the schedule
			catch (RuntimeException | Error ex) {
				this.failures.error("Publishing the expiry of session " + session.handle() + " failed", ex);
			}
			finished.add(this.expiry.finish(session).toCompletableFuture());
		}
		await(finished);
	}

	private void await(List<CompletableFuture<?>> finished) {
		this.store.await(CompletableFuture.allOf(finished.toArray(CompletableFuture[]::new)));
		finished.clear();
	}

	/**
	 * Renews the lease and the claims, which must not expire while slow listeners run.
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

}
