package app.session.redis.event;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import app.session.redis.client.BackgroundThreads;
import app.session.redis.log.LimitedLog;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Processes the messages of other nodes one after the other on a separate thread. The
 * queue is bounded: further messages are dropped, counted and logged, and once the queue
 * is empty a recheck detects which sessions have ended in the meantime. A recheck also
 * follows each interruption of the subscription.
 */
final class EventQueue {

	/** The maximum number of waiting messages. */
	static final int CAPACITY = 10_000;

	private static final Log logger = LogFactory.getLog(EventQueue.class);

	private static final long LOG_PAUSE_NANOS = Duration.ofMinutes(1).toNanos();

	private static final long RETRY_MILLIS = 1000;

	private final LimitedLog failures = new LimitedLog(logger);

	private final Runnable recheck;

	private final @Nullable Duration recheckInterval;

	private final Runnable onDrop;

	private final AtomicInteger waiting = new AtomicInteger();

	private final AtomicBoolean recheckWaiting = new AtomicBoolean();

	/** The number of messages that were dropped since the last log message about it. */
	private final AtomicLong unlogged = new AtomicLong();

	private final AtomicLong lastLogged = new AtomicLong(System.nanoTime() - LOG_PAUSE_NANOS);

	private volatile @Nullable ScheduledExecutorService executor;

	/**
	 * Creates a queue.
	 * @param recheck detects the ends of sessions whose messages were missed; repeated
	 * until it succeeds
	 * @param recheckInterval the interval of regular rechecks; null for none
	 * @param onDrop runs for each dropped message
	 */
	EventQueue(Runnable recheck, @Nullable Duration recheckInterval, Runnable onDrop) {
		this.recheck = recheck;
		this.recheckInterval = recheckInterval;
		this.onDrop = onDrop;
	}

	/**
	 * Starts the thread.
	 * @return the executor of the thread, or null if it is already started
	 */
	@Nullable ScheduledExecutorService start() {
		if (this.executor != null) {
			return null;
		}
		ScheduledThreadPoolExecutor started = new ScheduledThreadPoolExecutor(1,
				BackgroundThreads.named("redis-session-events"));
		started.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
		Duration interval = this.recheckInterval;
		if (interval != null) {
			var unused = started.scheduleWithFixedDelay(this::recheck, interval.toMillis(), interval.toMillis(),
					TimeUnit.MILLISECONDS);
		}
		// Tasks from before the stop were discarded
		this.waiting.set(0);
		this.recheckWaiting.set(false);
		this.executor = started;
		return started;
	}

	/** Stops the thread and discards waiting tasks. */
	void stop() {
		ScheduledExecutorService stopping = this.executor;
		this.executor = null;
		if (stopping != null) {
			stopping.shutdownNow();
		}
	}

	/** Adds a task that processes a message, or drops it if the queue is full. */
	void add(Runnable task) {
		if (this.waiting.incrementAndGet() > CAPACITY) {
			this.waiting.decrementAndGet();
			drop();
			return;
		}
		execute(() -> {
			this.waiting.decrementAndGet();
			try {
				task.run();
			}
			catch (RuntimeException ex) {
				this.failures.warn("Processing a message of another node failed. " + ex.getMessage());
				logger.debug("The failure", ex);
			}
		}, 0);
	}

	private void drop() {
		this.onDrop.run();
		this.unlogged.incrementAndGet();
		long now = System.nanoTime();
		long last = this.lastLogged.get();
		if (now - last >= LOG_PAUSE_NANOS && this.lastLogged.compareAndSet(last, now)) {
			logger.warn(this.unlogged.getAndSet(0) + " messages of other nodes about sessions were dropped because "
					+ CAPACITY + " were already waiting. Listeners of session events on this node take too "
					+ "long: move their work to other threads");
		}
		recheck();
	}

	/** Runs a recheck after the waiting tasks. */
	void recheck() {
		if (this.recheckWaiting.compareAndSet(false, true)) {
			execute(this::runRecheck, 0);
		}
	}

	private void runRecheck() {
		this.recheckWaiting.set(false);
		try {
			this.recheck.run();
		}
		catch (RuntimeException ex) {
			logger.debug("Checking which sessions have ended failed; it will be retried", ex);
			if (this.recheckWaiting.compareAndSet(false, true)) {
				execute(this::runRecheck, RETRY_MILLIS);
			}
		}
	}

	private void execute(Runnable task, long delayMillis) {
		ScheduledExecutorService executor = this.executor;
		if (executor == null) {
			return;
		}
		try {
			var unused = executor.schedule(task, delayMillis, TimeUnit.MILLISECONDS);
		}
		catch (RejectedExecutionException ex) {
			logger.debug("A message is not processed because this node is stopping", ex);
		}
	}

}
