package app.session.redis.client;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Creates background threads. They are daemons, so that they don't keep the JVM running,
 * and their names begin with {@code redis-session}.
 */
public final class BackgroundThreads {

	private BackgroundThreads() {
	}

	/**
	 * Returns a factory whose threads all have the same name.
	 * @param name the name
	 * @return the factory
	 */
	public static ThreadFactory named(String name) {
		return (task) -> create(name, task);
	}

	/**
	 * Returns a factory that numbers its threads from 1.
	 * @param prefix the part of each name before the number
	 * @return the factory
	 */
	public static ThreadFactory numbered(String prefix) {
		AtomicInteger count = new AtomicInteger();
		return (task) -> create(prefix + count.incrementAndGet(), task);
	}

	/**
	 * Creates a thread without starting it.
	 * @param name its name
	 * @param task the task that it runs
	 * @return the thread
	 */
	public static Thread create(String name, Runnable task) {
		Thread thread = new Thread(task, name);
		thread.setDaemon(true);
		return thread;
	}

}
