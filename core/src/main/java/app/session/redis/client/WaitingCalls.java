package app.session.redis.client;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;

import io.lettuce.core.api.StatefulConnection;
import org.jspecify.annotations.Nullable;

/**
 * Calls that were sent while there was no connection. When there is one, they are
 * dispatched flush by flush in the order in which they were sent. Calls that are sent
 * meanwhile join the queue, so that none overtakes another. The calls fail if the
 * connection attempt fails, or after the command timeout.
 */
final class WaitingCalls {

	private final SharedConnection shared;

	private final CallTimer timer;

	private final long timeoutNanos;

	private final BiConsumer<StatefulConnection<byte[], byte[]>, List<Call>> dispatcher;

	private final BiConsumer<Call, Throwable> failing;

	/** Written only while holding the monitor. */
	private volatile boolean present;

	private final Set<Flush> flushes = new LinkedHashSet<>();

	/**
	 * Creates an empty queue.
	 * @param shared opens the connection
	 * @param timer runs deadlines
	 * @param timeoutNanos the maximum time that calls wait, in nanoseconds
	 * @param dispatcher sends a flush over a connection, and throws nothing
	 * @param failing fails a call
	 */
	WaitingCalls(SharedConnection shared, CallTimer timer, long timeoutNanos,
			BiConsumer<StatefulConnection<byte[], byte[]>, List<Call>> dispatcher,
			BiConsumer<Call, Throwable> failing) {
		this.shared = shared;
		this.timer = timer;
		this.timeoutNanos = timeoutNanos;
		this.dispatcher = dispatcher;
		this.failing = failing;
	}

	/** Returns whether no call waits, so that a new one can be dispatched at once. */
	boolean isEmpty() {
		return !this.present;
	}

	void add(List<Call> calls) {
		Flush flush = new Flush(calls);
		synchronized (this) {
			this.flushes.add(flush);
			flush.deadline = this.timer.schedule(() -> expire(flush), this.timeoutNanos);
			if (this.present) {
				return;
			}
			this.present = true;
		}
		try {
			var unused = this.shared.connected().whenComplete(this::proceed);
		}
		catch (RuntimeException | Error ex) {
			proceed(null, ex);
		}
	}

	private void proceed(@Nullable StatefulConnection<byte[], byte[]> connection, @Nullable Throwable failure) {
		for (Flush flush = next(); flush != null; flush = next()) {
			if (connection != null) {
				this.dispatcher.accept(connection, flush.calls);
			}
			else {
				flush.fail((failure != null) ? failure : new IllegalStateException("There is no connection"));
			}
		}
	}

	private synchronized @Nullable Flush next() {
		Iterator<Flush> iterator = this.flushes.iterator();
		if (!iterator.hasNext()) {
			this.present = false;
			return null;
		}
		Flush flush = iterator.next();
		iterator.remove();
		flush.deadline.run();
		return flush;
	}

	private void expire(Flush flush) {
		boolean waiting;
		synchronized (this) {
			waiting = this.flushes.remove(flush);
		}
		if (waiting) {
			flush.fail(new TimeoutException("No connection in time"));
		}
	}

	/** Calls that are sent together. */
	private final class Flush {

		private final List<Call> calls;

		/** Cancels the deadline. */
		private Runnable deadline = () -> {
		};

		Flush(List<Call> calls) {
			this.calls = calls;
		}

		void fail(Throwable failure) {
			this.calls.forEach((call) -> WaitingCalls.this.failing.accept(call, failure));
		}

	}

}
