package app.session.redis.store;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

import app.session.redis.store.SessionStoreUnavailableException.Reason;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Undoes or completes writes whose outcome isn't known: the caller got no reply, but
 * Redis may have applied them, or may still do so. Each compensation is attempted at once
 * and then after growing pauses until Redis confirms it, and a second time after that,
 * because the write can be under way over another connection.
 */
public final class Compensations {

	private static final Log logger = LogFactory.getLog(Compensations.class);

	/** How many are pending at most; further writes are left to the session's timeout. */
	static final int MAX_PENDING = 10_000;

	private static final Duration MIN_LIFETIME = Duration.ofMinutes(1);

	private static final Duration MAX_LIFETIME = Duration.ofDays(1);

	private static final long FIRST_PAUSE_MILLIS = 100;

	private static final long MAX_PAUSE_MILLIS = 2000;

	/** After how long a confirmed compensation is attempted again. */
	private static final long REPEAT_MILLIS = 5000;

	private static final long IDLE_SECONDS = 10;

	private final RedisEngine engine;

	private final Set<Compensation<?>> pending = ConcurrentHashMap.newKeySet();

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
	 * Tells whether Redis may have applied a write that has failed.
	 * @param failure the failure
	 * @return false if Redis was not asked
	 */
	public static boolean isOutcomeUnknown(SessionStoreUnavailableException failure) {
		return failure.getReason() != Reason.NOT_ASKED && failure.getReason() != Reason.OVERLOADED;
	}

	/**
	 * Adds a compensation and attempts it in the background.
	 * @param <T> the type of the reply
	 * @param purpose what it does, for the log
	 * @param lifetime after how long it is given up, because the session has ended by
	 * then; zero or less: never. At least a minute and at most a day apply.
	 * @param action sends the commands
	 * @param confirmed is given the first reply, on a thread of this object
	 * @return the compensation
	 */
	public <T extends @Nullable Object> Compensation<T> add(String purpose, Duration lifetime,
			Supplier<CompletionStage<T>> action, Consumer<T> confirmed) {
		Compensation<T> compensation = new Compensation<>(this, purpose, action, confirmed,
				System.nanoTime() + bounded(lifetime).toNanos());
		if (this.pending.size() < MAX_PENDING) {
			this.pending.add(compensation);
			execute(compensation::run, 0);
		}
		else {
			logger.debug(purpose + " is left out, since too much is pending");
		}
		return compensation;
	}

	private static Duration bounded(Duration lifetime) {
		if (lifetime.isZero() || lifetime.isNegative() || lifetime.compareTo(MAX_LIFETIME) > 0) {
			return MAX_LIFETIME;
		}
		return (lifetime.compareTo(MIN_LIFETIME) < 0) ? MIN_LIFETIME : lifetime;
	}

	/**
	 * Returns how many compensations Redis has not confirmed yet.
	 * @return the number
	 */
	public long unconfirmed() {
		return this.pending.stream().filter((compensation) -> !compensation.isConfirmed()).count();
	}

	/** Allows compensations to run again after {@link #close()}. */
	public synchronized void open() {
		this.closed = false;
	}

	/**
	 * Attempts what is not confirmed once more, waits for it, for the command timeout at
	 * most, and runs nothing from then on.
	 */
	public void close() {
		CompletableFuture<?>[] last = this.pending.stream()
			.filter((compensation) -> !compensation.isConfirmed())
			.map(Compensation::attempt)
			.toArray(CompletableFuture[]::new);
		try {
			this.engine.await(CompletableFuture.allOf(last));
		}
		catch (SessionStoreUnavailableException ex) {
			logger.warn("Redis has not confirmed how " + last.length + " writes without a reply ended."
					+ " Their sessions are left to their timeout");
		}
		synchronized (this) {
			this.closed = true;
			if (this.executor != null) {
				this.executor.shutdownNow();
				this.executor = null;
			}
		}
		this.pending.clear();
	}

	private void execute(Runnable task, long delayMillis) {
		try {
			var unused = executor().schedule(task, delayMillis, TimeUnit.MILLISECONDS);
		}
		catch (RejectedExecutionException ex) {
			logger.debug("A compensation is left out, since this node stops", ex);
		}
	}

	private synchronized ScheduledThreadPoolExecutor executor() {
		if (this.closed) {
			throw new RejectedExecutionException("Closed");
		}
		if (this.executor == null) {
			ScheduledThreadPoolExecutor created = new ScheduledThreadPoolExecutor(1, (task) -> {
				Thread thread = new Thread(task, "redis-session-compensation");
				thread.setDaemon(true);
				return thread;
			});
			created.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
			created.allowCoreThreadTimeOut(true);
			this.executor = created;
		}
		return this.executor;
	}

	/**
	 * One write to be undone or completed.
	 *
	 * @param <T> the type of the reply
	 */
	public static final class Compensation<T extends @Nullable Object> {

		private final Compensations owner;

		private final String purpose;

		private final Supplier<CompletionStage<T>> action;

		private final Consumer<T> onConfirmed;

		private final long deadline;

		// what follows is guarded by this

		/** The attempt under way; null when there is none. */
		private @Nullable CompletableFuture<@Nullable Void> current;

		private long pause = FIRST_PAUSE_MILLIS;

		private boolean confirmed;

		/** Whether one confirmation is enough. */
		private boolean once;

		/** Whether nothing is attempted any more. */
		private boolean done;

		private Compensation(Compensations owner, String purpose, Supplier<CompletionStage<T>> action,
				Consumer<T> onConfirmed, long deadline) {
			this.owner = owner;
			this.purpose = purpose;
			this.action = action;
			this.onConfirmed = onConfirmed;
			this.deadline = deadline;
		}

		/**
		 * Attempts it now, unless Redis has confirmed it, and never again once it has:
		 * for a caller that is about to repeat the write.
		 * @return when Redis has confirmed it; fails with a
		 * {@link SessionStoreUnavailableException} if Redis hasn't
		 */
		public CompletionStage<@Nullable Void> settle() {
			synchronized (this) {
				this.once = true;
				this.done |= this.confirmed;
			}
			return attempt();
		}

		/** Makes sure that it isn't attempted any more, because it is not needed. */
		public void cancel() {
			synchronized (this) {
				this.done = true;
			}
			this.owner.pending.remove(this);
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
					this.owner.pending.remove(this);
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
			catch (RuntimeException ex) {
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
				this.owner.execute(() -> this.onConfirmed.accept(reply), 0);
			}
			next(finished, REPEAT_MILLIS);
		}

		private void failed(CompletableFuture<@Nullable Void> attempt, Throwable failure) {
			logger.debug(this.purpose + " failed", failure);
			long delay;
			boolean finished;
			synchronized (this) {
				this.done |= this.confirmed;
				this.current = null;
				finished = this.done;
				delay = this.pause;
				this.pause = Math.min(this.pause * 2, MAX_PAUSE_MILLIS);
			}
			next(finished, delay);
			attempt.completeExceptionally(Failures.translate(failure));
		}

		private void next(boolean finished, long delayMillis) {
			if (finished || System.nanoTime() - this.deadline > 0) {
				this.owner.pending.remove(this);
			}
			else {
				this.owner.execute(this::run, delayMillis);
			}
		}

		private void run() {
			var unused = attempt();
		}

	}

}
