package app.session.redis.client;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/**
 * Runs blocking tasks on daemon threads: rare tasks, such as connecting, each on its own
 * thread, and frequent tasks on a few reused threads that end when they have been idle
 * for a second. No thread must be left behind, because a closed client never completes a
 * pending connection attempt.
 */
final class BlockingTasks {

	private final Set<Thread> running = ConcurrentHashMap.newKeySet();

	private final Lane borrowing = new Lane("redis-session-pool", 8, false);

	/**
	 * Separate from the threads that borrow, which may wait for a returned connection.
	 * All tasks are run, because the pool loses a connection that isn't returned for
	 * good.
	 */
	private final Lane returning = new Lane("redis-session-return", 2, true);

	/**
	 * Runs a rare task on its own thread.
	 * @param name the name of the thread
	 * @param task the task
	 */
	void start(String name, Runnable task) {
		Thread thread = BackgroundThreads.create(name, () -> {
			try {
				task.run();
			}
			finally {
				this.running.remove(Thread.currentThread());
			}
		});
		this.running.add(thread);
		try {
			thread.start();
		}
		catch (Error ex) {
			// The system may have no more threads
			this.running.remove(thread);
			throw ex;
		}
	}

	/**
	 * Borrows a connection on a reused thread, as soon as one is free.
	 * @param task the task
	 * @throws RejectedExecutionException if too many tasks wait
	 */
	void borrow(Runnable task) {
		this.borrowing.execute(task);
	}

	/**
	 * Returns a connection on a reused thread, as soon as one is free.
	 * @param task the task
	 * @throws RejectedExecutionException if too many tasks wait
	 */
	void release(Runnable task) {
		this.returning.execute(task);
	}

	/**
	 * Waits until all started tasks have ended, and interrupts the others. Connections
	 * that are still to be returned are returned on the calling thread. A task that is
	 * started afterwards still runs.
	 * @param patience the maximum time to wait
	 */
	void end(Duration patience) {
		long deadline = System.nanoTime() + patience.toNanos();
		deadline = this.borrowing.end(deadline);
		deadline = this.returning.end(deadline);
		for (Thread thread : this.running) {
			try {
				long left = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
				if (left > 0) {
					thread.join(left);
				}
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				deadline = System.nanoTime();
			}
			thread.interrupt();
		}
	}

	/** A few threads that end when they have been idle for a second. */
	private static final class Lane {

		/** The maximum number of tasks that wait for a thread. */
		private static final int QUEUE_SIZE = 10_000;

		private static final long IDLE_SECONDS = 1;

		private final String name;

		private final int threads;

		/** Whether tasks that are still queued at the end are run. */
		private final boolean completes;

		private @Nullable ThreadPoolExecutor executor;

		Lane(String name, int threads, boolean completes) {
			this.name = name;
			this.threads = threads;
			this.completes = completes;
		}

		synchronized void execute(Runnable task) {
			if (this.executor == null) {
				this.executor = new ThreadPoolExecutor(this.threads, this.threads, IDLE_SECONDS, TimeUnit.SECONDS,
						new LinkedBlockingQueue<>(QUEUE_SIZE), BackgroundThreads.named(this.name));
				this.executor.allowCoreThreadTimeOut(true);
			}
			this.executor.execute(task);
		}

		/** Ends the threads, and returns the deadline for the tasks waited for next. */
		long end(long deadline) {
			ThreadPoolExecutor ending;
			synchronized (this) {
				ending = this.executor;
				this.executor = null;
			}
			if (ending == null) {
				return deadline;
			}
			ending.shutdown();
			try {
				boolean unused = ending.awaitTermination(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
				return deadline;
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				return System.nanoTime();
			}
			finally {
				List<Runnable> left = ending.shutdownNow();
				if (this.completes) {
					left.forEach(Runnable::run);
				}
			}
		}

	}

}
