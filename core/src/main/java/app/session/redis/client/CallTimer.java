package app.session.redis.client;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import io.netty.util.concurrent.FastThreadLocalThread;
import org.jspecify.annotations.Nullable;

/**
 * Runs deadlines and retries on one daemon thread, which ends when it has been idle for a
 * second. Its tasks must not block. The thread is a {@link FastThreadLocalThread}, so
 * that code that continues on it hands blocking work over, as on a thread of the client.
 */
final class CallTimer {

	private static final long IDLE_SECONDS = 1;

	private final Set<Task> pending = ConcurrentHashMap.newKeySet();

	private @Nullable ScheduledThreadPoolExecutor executor;

	/**
	 * Runs a task later.
	 * @param task the task
	 * @param delayNanos the delay in nanoseconds
	 * @return an action that cancels the task
	 */
	Runnable schedule(Runnable task, long delayNanos) {
		Task scheduled = new Task(task);
		this.pending.add(scheduled);
		synchronized (this) {
			if (this.executor == null) {
				this.executor = executor();
			}
			var future = this.executor.schedule(scheduled, delayNanos, TimeUnit.NANOSECONDS);
			return () -> {
				if (scheduled.claim()) {
					future.cancel(false);
				}
			};
		}
	}

	private static ScheduledThreadPoolExecutor executor() {
		ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, (task) -> {
			Thread thread = new FastThreadLocalThread(task, "redis-session-timer");
			thread.setDaemon(true);
			return thread;
		});
		executor.setRemoveOnCancelPolicy(true);
		executor.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
		executor.allowCoreThreadTimeOut(true);
		return executor;
	}

	/**
	 * Runs all pending tasks immediately, so that every call has an outcome, and ends the
	 * thread. A task that is scheduled afterwards starts another thread.
	 */
	void close() {
		synchronized (this) {
			if (this.executor != null) {
				this.executor.shutdownNow();
				this.executor = null;
			}
		}
		this.pending.forEach(Task::run);
	}

	/** A task that runs at most once. */
	private final class Task implements Runnable {

		private final Runnable action;

		private final AtomicBoolean claimed = new AtomicBoolean();

		Task(Runnable action) {
			this.action = action;
		}

		boolean claim() {
			CallTimer.this.pending.remove(this);
			return this.claimed.compareAndSet(false, true);
		}

		@Override
		public void run() {
			if (claim()) {
				this.action.run();
			}
		}

	}

}
