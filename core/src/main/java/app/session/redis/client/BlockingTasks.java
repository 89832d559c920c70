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
 * Runs what may block, on daemon threads: rare tasks, such as connecting, each on a
 * thread of its own, and frequent ones on a few threads that are reused and end when they
 * have been idle for a while. None is to be left behind: a client that is closed never
 * answers who waits for it to connect.
 */
final class BlockingTasks {

	private final Set<Thread> running = ConcurrentHashMap.newKeySet();

	private final Lane borrowing = new Lane("redis-session-pool", 8, false);

	/**
	 * Apart from those that borrow, who may wait for these. All are run: a connection
	 * that isn't given back is missing from the pool for good.
	 */
	private final Lane returning = new Lane("redis-session-return", 2, true);

	/**
	 * Runs a rare task on a thread of its own.
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
	 * Borrows a connection on a thread that is reused, as soon as there is one.
	 * @param task the task
	 * @throws RejectedExecutionException if too many tasks wait
	 */
	void borrow(Runnable task) {
		this.borrowing.execute(task);
	}

	/**
	 * Gives a connection back on a thread that is reused, as soon as there is one.
	 * @param task the task
	 * @throws RejectedExecutionException if too many tasks wait
	 */
	void giveBack(Runnable task) {
		this.returning.execute(task);
	}

	/**
	 * Waits until all that were started are done, and interrupts those that are not.
	 * Connections that wait to be given back are given back here. A task that is started
	 * afterwards runs all the same.
	 * @param patience how long they are waited for
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

	/** A few threads that end when they have been idle for a while. */
	private static final class Lane {

		/** How many tasks wait for a thread. */
		private static final int QUEUE_SIZE = 10_000;

		private static final long IDLE_SECONDS = 1;

		private final String name;

		private final int threads;

		/** Whether tasks that still wait at the end are run. */
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

		/** Returns the deadline for those that are waited for afterwards. */
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
