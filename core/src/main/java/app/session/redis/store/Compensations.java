package app.session.redis.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import app.session.redis.client.BackgroundThreads;
import app.session.redis.client.CallSender;
import app.session.redis.client.Failures;
import app.session.redis.log.LimitedLog;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Undoes or completes writes whose outcome is unknown: the caller got no reply, but Redis
 * may have applied them, or may still do so. Each compensation is attempted at once and
 * then after increasing pauses until Redis confirms it, and once more after that, because
 * the write can still be in transit over another connection.
 */
public final class Compensations {

	private static final Log logger = LogFactory.getLog(Compensations.class);

	/**
	 * The maximum number of pending compensations; further writes are left to the
	 * session's timeout.
	 */
	static final int MAX_PENDING = 10_000;

	private static final Duration MIN_LIFETIME = Duration.ofMinutes(1);

	private static final Duration MAX_LIFETIME = Duration.ofDays(1);

	private static final long FIRST_PAUSE_MILLIS = 100;

	private static final long MAX_PAUSE_MILLIS = 2000;

	/** The pause before a confirmed compensation is attempted again. */
	private static final long REPEAT_MILLIS = 5000;

	/** One thread makes attempts while the other may run listeners. */
	private static final int THREADS = 2;

	private static final long IDLE_SECONDS = 10;

	/** The number of compensations that are attempted together on close. */
	private static final int CHUNK = 250;

	/** How long close waits for listeners of confirmed compensations. */
	private static final long LAST_MILLIS = 500;

	private final LimitedLog overflow = new LimitedLog(logger, 1);

	private final CallSender engine;

	private final Set<Compensation<?>> pending = ConcurrentHashMap.newKeySet();

	private final Map<String, Compensation<?>> byKey = new ConcurrentHashMap<>();

	private @Nullable ScheduledThreadPoolExecutor executor;

	private boolean closed;

	/**
	 * Creates an instance without pending compensations.
	 * @param store the store of the sessions
	 */
	public Compensations(SessionStore store) {
		this.engine = store.engine();
	}

	/**
	 * Returns whether Redis may have applied a write that has failed.
	 * @param failure the failure
	 * @return false if the write was not sent
	 */
	public static boolean isOutcomeUnknown(SessionStoreUnavailableException failure) {
		return failure.getReason() != Reason.NOT_ASKED && failure.getReason() != Reason.OVERLOADED;
	}

	/**
	 * Returns whether a write that is a single script was refused by Redis, or not sent.
	 * In that case it was not applied.
	 * @param failure the failure
	 * @return false if Redis may have applied the write
	 */
	public static boolean isRefusal(SessionStoreUnavailableException failure) {
		return switch (failure.getReason()) {
			case TIMEOUT, DISCONNECTED, FAILED -> false;
			default -> true;
		};
	}

	/**
	 * Adds a compensation and attempts it in the background, unless too many are pending.
	 * @param <T> the type of the reply
	 * @param purpose what the compensation does, for the log
	 * @param lifetime the time after which it is given up, because the session has ended
	 * by then; zero or less for the maximum. The minimum is a minute, the maximum a day.
	 * @param action sends the commands
	 * @param confirmed receives the first reply, on a thread of this object
	 * @return the compensation
	 */
	public <T extends @Nullable Object> Compensation<T> add(String purpose, Duration lifetime,
			Supplier<CompletionStage<T>> action, Consumer<T> confirmed) {
		Compensation<T> compensation = new Compensation<>(this, purpose, null, action, confirmed,
				System.nanoTime() + bounded(lifetime).toNanos());
		start(compensation);
		return compensation;
	}

	/**
	 * Adds a compensation like {@link #add}, and replaces the one with the same key.
	 * @param <T> the type of the reply
	 * @param purpose what the compensation does, for the log
	 * @param key the key with which it can be {@linkplain #cancel cancelled}
	 * @param action sends the commands
	 * @param confirmed receives the first reply, on a thread of this object
	 */
	public <T extends @Nullable Object> void replace(String purpose, String key, Supplier<CompletionStage<T>> action,
			Consumer<T> confirmed) {
		start(new Compensation<>(this, purpose, key, action, confirmed, System.nanoTime() + MAX_LIFETIME.toNanos()));
	}

	/**
	 * Cancels a compensation that is no longer needed.
	 * @param key its key
	 */
	public void cancel(String key) {
		Compensation<?> compensation = this.byKey.isEmpty() ? null : this.byKey.get(key);
		if (compensation != null) {
			compensation.cancel();
		}
	}

	private void start(Compensation<?> compensation) {
		if (this.pending.size() >= MAX_PENDING) {
			this.overflow.warn(MAX_PENDING + " writes that received no reply are being undone or completed."
					+ " Further writes are not: their sessions remain until their timeouts");
			return;
		}
		this.pending.add(compensation);
		if (compensation.key != null) {
			Compensation<?> before = this.byKey.put(compensation.key, compensation);
			if (before != null) {
				before.cancel();
			}
		}
		execute(compensation, compensation::run, 0);
	}

	private void forget(Compensation<?> compensation) {
		this.pending.remove(compensation);
		if (compensation.key != null) {
			this.byKey.remove(compensation.key, compensation);
		}
	}

	private static Duration bounded(Duration lifetime) {
		if (lifetime.isZero() || lifetime.isNegative() || lifetime.compareTo(MAX_LIFETIME) > 0) {
			return MAX_LIFETIME;
		}
		return (lifetime.compareTo(MIN_LIFETIME) < 0) ? MIN_LIFETIME : lifetime;
	}

	/** Allows compensations to run again after {@link #close()}. */
	public synchronized void open() {
		this.closed = false;
	}

	/**
	 * Attempts all unconfirmed compensations once more, for little more than the command
	 * timeout, and runs nothing afterwards.
	 */
	public void close() {
		List<Compensation<?>> last = this.pending.stream()
			.filter((compensation) -> !compensation.isConfirmed())
			.collect(Collectors.<Compensation<?>>toList());
		int left = attemptAll(last);
		if (left > 0) {
			logger.warn("Redis has not confirmed the outcome of " + left + " writes without a reply."
					+ " Their sessions remain until their timeouts");
		}
		ScheduledThreadPoolExecutor stopping;
		synchronized (this) {
			this.closed = true;
			stopping = this.executor;
			this.executor = null;
		}
		if (stopping != null) {
			stop(stopping);
		}
		this.pending.clear();
		this.byKey.clear();
	}

	/** Attempts all compensations, and returns the number that are not confirmed. */
	private int attemptAll(List<Compensation<?>> compensations) {
		long deadline = System.nanoTime() + this.engine.commandTimeout().toNanos();
		int from = 0;
		while (from < compensations.size() && System.nanoTime() - deadline < 0) {
			List<CompletableFuture<?>> attempts = new ArrayList<>();
			// With a pool each attempt may wait for a connection
			for (int i = from; i < Math.min(from + CHUNK, compensations.size())
					&& System.nanoTime() - deadline < 0; i++) {
				attempts.add(compensations.get(i).attempt());
			}
			try {
				this.engine.await(CompletableFuture.allOf(attempts.toArray(CompletableFuture[]::new)));
			}
			catch (SessionStoreUnavailableException ex) {
				break;
			}
			from += attempts.size();
		}
		return compensations.size() - from;
	}

	/** Waits for listeners of confirmed compensations, and drops scheduled attempts. */
	private static void stop(ScheduledThreadPoolExecutor executor) {
		executor.shutdown();
		try {
			if (!executor.awaitTermination(LAST_MILLIS, TimeUnit.MILLISECONDS)) {
				executor.shutdownNow();
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			executor.shutdownNow();
		}
	}

	private void execute(Compensation<?> compensation, Runnable task, long delayMillis) {
		try {
			var unused = executor().schedule(task, delayMillis, TimeUnit.MILLISECONDS);
		}
		catch (RejectedExecutionException ex) {
			forget(compensation);
			logger.debug("A compensation is skipped because this node is stopping", ex);
		}
	}

	private synchronized ScheduledThreadPoolExecutor executor() {
		if (this.closed) {
			throw new RejectedExecutionException("Closed");
		}
		if (this.executor == null) {
			ScheduledThreadPoolExecutor created = new ScheduledThreadPoolExecutor(THREADS,
					BackgroundThreads.named("redis-session-compensation"));
			created.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
			created.allowCoreThreadTimeOut(true);
			this.executor = created;
		}
		return this.executor;
	}

	/**
	 * A write to be undone or completed.
	 *
	 * @param <T> the type of the reply
	 */
	public static final class Compensation<T extends @Nullable Object> {

		private final Compensations owner;

		private final String purpose;

		private final @Nullable String key;

		private final Supplier<CompletionStage<T>> action;

		private final Consumer<T> onConfirmed;

		private final long deadline;

		// the following fields are guarded by this

		/** The attempt in progress, or null. */
		private @Nullable CompletableFuture<@Nullable Void> current;

		private long pause = FIRST_PAUSE_MILLIS;

		private boolean confirmed;

		/** Whether one confirmation is enough. */
		private boolean once;

		/** Whether nothing is attempted any more. */
		private boolean done;

		private Compensation(Compensations owner, String purpose, @Nullable String key,
				Supplier<CompletionStage<T>> action, Consumer<T> onConfirmed, long deadline) {
			this.owner = owner;
			this.purpose = purpose;
			this.key = key;
			this.action = action;
			this.onConfirmed = onConfirmed;
			this.deadline = deadline;
		}

		/**
		 * Attempts the compensation now, unless Redis has already confirmed it, and never
		 * again once it is confirmed. For a caller that is about to repeat the write.
		 * @return a stage that completes when Redis has confirmed the compensation, and
		 * fails with a {@link SessionStoreUnavailableException} if it doesn't
		 */
		public CompletionStage<@Nullable Void> settle() {
			synchronized (this) {
				this.once = true;
				this.done |= this.confirmed;
			}
			return attempt();
		}

		private void cancel() {
			synchronized (this) {
				this.done = true;
			}
			this.owner.forget(this);
		}

		private synchronized boolean isConfirmed() {
			return this.confirmed;
		}

		private CompletableFuture<@Nullable Void> attempt() {
			CompletableFuture<@Nullable Void> attempt = new CompletableFuture<>();
			synchronized (this) {
				if (this.current != null) {
					return this.current;
				}
				if (this.done) {
					this.owner.forget(this);
					attempt.complete(null);
					return attempt;
				}
				this.current = attempt;
			}
			try {
				var unused = this.action.get().whenComplete((reply, failure) -> {
					if (failure == null) {
						succeeded(reply);
						attempt.complete(null);
					}
					else {
						failed(attempt, failure);
					}
				});
			}
			// Errors too: an attempt must not stay in progress forever
			catch (RuntimeException | Error ex) {
				failed(attempt, ex);
			}
			return attempt;
		}

		private void succeeded(T reply) {
			boolean first;
			boolean finished;
			synchronized (this) {
				first = !this.confirmed && !this.done;
				this.done |= this.confirmed || this.once;
				this.confirmed = true;
				this.current = null;
				finished = this.done;
			}
			if (first) {
				// The application's listeners may run, and this is a thread of the client
				this.owner.execute(this, () -> reportConfirmation(reply), 0);
			}
			next(finished, REPEAT_MILLIS);
		}

		private void reportConfirmation(T reply) {
			try {
				this.onConfirmed.accept(reply);
			}
			catch (RuntimeException ex) {
				logger.error(this.purpose + " succeeded, but publishing that failed", ex);
			}
		}

		private void failed(CompletableFuture<@Nullable Void> attempt, Throwable failure) {
			logger.debug(this.purpose + " failed", failure);
			long delay;
			boolean finished;
			synchronized (this) {
				this.done |= this.confirmed || isFinal(failure);
				this.current = null;
				finished = this.done;
				delay = this.pause;
				this.pause = Math.min(this.pause * 2, MAX_PAUSE_MILLIS);
			}
			next(finished, delay);
			attempt.completeExceptionally(Failures.translate(failure));
		}

		/** Returns whether further attempts can only fail in the same way. */
		private static boolean isFinal(Throwable failure) {
			Reason reason = Failures.translate(failure).getReason();
			return reason == Reason.NEWER_FORMAT || reason == Reason.DAMAGED || reason == Reason.NOT_PERMITTED;
		}

		private void next(boolean finished, long delayMillis) {
			if (finished || System.nanoTime() - this.deadline > 0) {
				this.owner.forget(this);
			}
			else {
				this.owner.execute(this, this::run, delayMillis);
			}
		}

		private void run() {
			var unused = attempt();
		}

	}

}
