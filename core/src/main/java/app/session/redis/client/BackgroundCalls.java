package app.session.redis.client;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * The commands in progress that no caller waits for.
 */
final class BackgroundCalls {

	private static final Log logger = LogFactory.getLog(CallSender.class);

	private final AtomicLong count = new AtomicLong();

	private final Map<Long, CompletableFuture<?>> pending = new ConcurrentHashMap<>();

	/**
	 * Adds a command, and logs its failure.
	 * @param stage the stage of the reply
	 * @param purpose what the command is for, for the log
	 */
	void add(CompletionStage<?> stage, String purpose) {
		CompletableFuture<?> future = stage.toCompletableFuture();
		Long number = this.count.incrementAndGet();
		this.pending.put(number, future);
		var unused = future.whenComplete((result, failure) -> {
			this.pending.remove(number);
			if (failure != null) {
				logger.debug(purpose + " failed; the collector will repair this", failure);
			}
		});
	}

	/**
	 * Returns a future that completes when all commands that are now in progress have
	 * ended, and fails if one of them has failed.
	 */
	CompletableFuture<Void> done() {
		return CompletableFuture.allOf(this.pending.values().toArray(CompletableFuture[]::new));
	}

	/**
	 * Blocks until all commands that are now in progress have ended.
	 * @param timeout the maximum time to wait
	 */
	void await(Duration timeout) {
		try {
			done().get(timeout.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (TimeoutException | ExecutionException ex) {
			logger.debug("Commands in the background failed", ex);
		}
	}

}
