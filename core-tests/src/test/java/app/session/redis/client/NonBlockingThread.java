package app.session.redis.client;

import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import reactor.blockhound.BlockHound;
import reactor.blockhound.BlockingMethod;
import reactor.blockhound.BlockingOperationError;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A single thread on which use cases start and continue and which nothing may block:
 * BlockHound fails each call that would, and the test at its end. Waiting for a monitor
 * is not noticed; the architecture tests rule out that one is held while a reply is
 * awaited.
 */
public final class NonBlockingThread implements AutoCloseable {

	private static final Queue<Throwable> VIOLATIONS = new ConcurrentLinkedQueue<>();

	static {
		BlockHound.builder()
			.nonBlockingThreadPredicate((others) -> (thread) -> thread instanceof Watched)
			.blockingMethodCallback(NonBlockingThread::blocked)
			// Reads from the random device, which has bytes at all times
			.allowBlockingCallsInside("java.security.SecureRandom", "nextBytes")
			// The thread of an executor waits for tasks, and ends
			.allowBlockingCallsInside("java.util.concurrent.ThreadPoolExecutor", "getTask")
			.allowBlockingCallsInside("java.util.concurrent.ThreadPoolExecutor", "processWorkerExit")
			// The following methods hold locks of the JDK for a few instructions each
			.allowBlockingCallsInside("java.util.concurrent.ThreadPoolExecutor", "addWorker")
			.allowBlockingCallsInside("java.util.concurrent.LinkedBlockingQueue", "offer")
			.allowBlockingCallsInside("java.util.concurrent.ScheduledThreadPoolExecutor$DelayedWorkQueue", "offer")
			.allowBlockingCallsInside("java.util.concurrent.ScheduledThreadPoolExecutor$DelayedWorkQueue", "remove")
			// Lettuce's lock of a connection's queue: an exception in it would leave the
			// lock
			// taken, and all writers of the connection waiting
			.allowBlockingCallsInside("io.lettuce.core.protocol.SharedLock", "incrementWriters")
			.allowBlockingCallsInside("io.lettuce.core.protocol.SharedLock", "decrementWriters")
			.allowBlockingCallsInside("io.lettuce.core.protocol.SharedLock", "lockWritersExclusive")
			.allowBlockingCallsInside("io.lettuce.core.protocol.SharedLock", "unlockWritersExclusive")
			// The destination of log messages is the application's decision
			.allowBlockingCallsInside("ch.qos.logback.classic.Logger", "callAppenders")
			.install();
	}

	private final ExecutorService executor = Executors.newSingleThreadExecutor(Watched::new);

	private static void blocked(BlockingMethod method) {
		BlockingOperationError error = new BlockingOperationError(method);
		VIOLATIONS.add(error);
		throw error;
	}

	/**
	 * Returns whether the current thread must not be blocked.
	 */
	public static boolean isCurrent() {
		return Thread.currentThread() instanceof Watched;
	}

	public ExecutorService executor() {
		return this.executor;
	}

	/**
	 * Starts a use case on the thread, or in place if this is the thread.
	 * @param <T> the type of what it returns
	 * @param useCase the use case
	 * @return what it returns
	 */
	public <T extends @Nullable Object> T start(Supplier<T> useCase) {
		if (isCurrent()) {
			return useCase.get();
		}
		try {
			return CompletableFuture.supplyAsync(useCase, this.executor).join();
		}
		catch (CompletionException ex) {
			throw Stages.unchecked(ex);
		}
	}

	/**
	 * Starts a use case on the thread, which has to return before there can be a reply
	 * and to go on on the thread.
	 * @param <T> the type of its result
	 * @param useCase the use case
	 * @return its result to come, which fails if the use case ends on another thread
	 */
	public <T extends @Nullable Object> CompletableFuture<T> startIncomplete(Supplier<CompletionStage<T>> useCase) {
		return start(() -> {
			CompletableFuture<T> stage = useCase.get().toCompletableFuture();
			assertThat(stage).as("on return").isNotDone();
			return stage.whenComplete(
					(result, failure) -> assertThat(isCurrent()).as("ended on " + Thread.currentThread()).isTrue());
		});
	}

	/** Fails if anything has blocked since the previous check. */
	public void assertNothingBlocked() {
		// The last step completes its result before it ends
		CompletableFuture.runAsync(() -> {
		}, this.executor).orTimeout(10, TimeUnit.SECONDS).join();
		Throwable violation = VIOLATIONS.poll();
		if (violation != null) {
			VIOLATIONS.clear();
			throw new AssertionError("The thread was blocked", violation);
		}
	}

	@Override
	public void close() {
		this.executor.shutdownNow();
	}

	/** The code that BlockHound monitors, and nothing else. */
	private static final class Watched extends Thread {

		Watched(Runnable task) {
			super(task, "non-blocking");
			setDaemon(true);
		}

	}

}
