package app.session.redis.autoconfigure.web;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpSession;
import org.jspecify.annotations.Nullable;

import org.springframework.web.context.request.async.DeferredResult;

/**
 * The hooks through which tests act while the application processes a request.
 */
class Hooks {

	/** Asynchronous processing that waits for the test to end it. */
	final BlockingQueue<Pending> pending = new LinkedBlockingQueue<>();

	/** The task that runs once during the next request that supports it. */
	final AtomicReference<@Nullable Runnable> midst = new AtomicReference<>();

	/** The task that runs once while the next error page is rendered. */
	final AtomicReference<@Nullable Runnable> errorPage = new AtomicReference<>();

	void run() {
		Runnable task = this.midst.getAndSet(null);
		if (task != null) {
			task.run();
		}
	}

	/** Makes the next request wait while it is processed. */
	Gate gate() {
		Gate gate = new Gate();
		this.midst.set(gate);
		return gate;
	}

	Pending takePending() throws InterruptedException {
		Pending taken = this.pending.poll(10, TimeUnit.SECONDS);
		if (taken == null) {
			throw new IllegalStateException("No asynchronous processing has begun");
		}
		return taken;
	}

	/**
	 * Asynchronous processing.
	 *
	 * @param session the session of its request
	 * @param result the result to set, if that ends it
	 * @param context the context to complete, if that does
	 */
	record Pending(HttpSession session, @Nullable DeferredResult<String> result, @Nullable AsyncContext context) {
	}

	/**
	 * A place where a request waits for the test.
	 */
	static final class Gate implements Runnable {

		private final CountDownLatch reached = new CountDownLatch(1);

		private final CountDownLatch opened = new CountDownLatch(1);

		@Override
		public void run() {
			this.reached.countDown();
			await(this.opened);
		}

		void awaitReached() {
			await(this.reached);
		}

		void open() {
			this.opened.countDown();
		}

		private static void await(CountDownLatch latch) {
			try {
				if (!latch.await(15, TimeUnit.SECONDS)) {
					throw new IllegalStateException("Nobody came");
				}
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				throw new IllegalStateException(ex);
			}
		}

	}

}
