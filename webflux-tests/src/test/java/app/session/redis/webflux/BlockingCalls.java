package app.session.redis.webflux;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import reactor.blockhound.BlockHound;
import reactor.blockhound.BlockingOperationError;

/**
 * The calls that block a thread that must not be blocked: an event loop, or a thread of
 * Reactor's parallel scheduler.
 */
final class BlockingCalls {

	private static final Queue<BlockingOperationError> calls = new ConcurrentLinkedQueue<>();

	static {
		BlockHound.builder()
			.loadIntegrations()
			.blockingMethodCallback((method) -> calls.add(new BlockingOperationError(method)))
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
			// Lettuce's lock of a connection's queue
			.allowBlockingCallsInside("io.lettuce.core.protocol.SharedLock", "incrementWriters")
			.allowBlockingCallsInside("io.lettuce.core.protocol.SharedLock", "decrementWriters")
			.allowBlockingCallsInside("io.lettuce.core.protocol.SharedLock", "lockWritersExclusive")
			.allowBlockingCallsInside("io.lettuce.core.protocol.SharedLock", "unlockWritersExclusive")
			// Jetty's lock of a request
			.allowBlockingCallsInside("org.eclipse.jetty.util.thread.AutoLock", "lock")
			// The destination of log messages is the application's decision
			.allowBlockingCallsInside("ch.qos.logback.classic.Logger", "callAppenders")
			// Classes and messages that are used for the first time are read from their
			// jar
			.allowBlockingCallsInside("java.lang.ClassLoader", "loadClass")
			.allowBlockingCallsInside("java.lang.Class", "forName")
			.allowBlockingCallsInside("java.util.ResourceBundle", "getBundle")
			.install();
	}

	private BlockingCalls() {
	}

	/** Detects blocking calls from now on. */
	static void watch() {
		calls.clear();
	}

	static void assertNone() {
		BlockingOperationError first = calls.poll();
		if (first != null) {
			calls.clear();
			throw new AssertionError("An event loop was blocked", first);
		}
	}

}
