package app.session.redis.client;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import org.jspecify.annotations.Nullable;

/**
 * Waits for each reply on the calling thread, so that a use case has ended when its
 * method returns. For request threads and other threads that may block.
 */
public final class BlockingCaller implements Caller {

	private final Duration commandTimeout;

	/**
	 * Creates a caller.
	 * @param commandTimeout the timeout for replies
	 */
	public BlockingCaller(Duration commandTimeout) {
		this.commandTimeout = commandTimeout;
	}

	@Override
	public <T extends @Nullable Object> CompletionStage<T> receive(CompletionStage<T> reply, Duration patience) {
		CompletableFuture<T> future = reply.toCompletableFuture();
		if (!future.isDone()) {
			try {
				future.get(this.commandTimeout.plus(patience).toNanos(), TimeUnit.NANOSECONDS);
			}
			catch (InterruptedException ex) {
				return interrupted(ex);
			}
			catch (TimeoutException ex) {
				return CompletableFuture.failedFuture(Failures.translate(ex));
			}
			catch (ExecutionException ex) {
				// The failure is in the future
			}
		}
		return future.isCompletedExceptionally() ? future.exceptionallyCompose(BlockingCaller::failed) : future;
	}

	private static <T extends @Nullable Object> CompletionStage<T> failed(Throwable failure) {
		return CompletableFuture.failedFuture(Failures.translate(failure));
	}

	private static <T extends @Nullable Object> CompletionStage<T> interrupted(InterruptedException ex) {
		Thread.currentThread().interrupt();
		return CompletableFuture
			.failedFuture(new SessionStoreUnavailableException(Reason.FAILED, "interrupted while waiting", ex));
	}

	@Override
	public CompletionStage<Boolean> await(CompletionStage<?> signal, Duration atMost) {
		try {
			signal.toCompletableFuture().get(atMost.toNanos(), TimeUnit.NANOSECONDS);
			return CompletableFuture.completedFuture(true);
		}
		catch (InterruptedException ex) {
			return interrupted(ex);
		}
		catch (TimeoutException ex) {
			return CompletableFuture.completedFuture(false);
		}
		catch (ExecutionException ex) {
			return CompletableFuture.completedFuture(true);
		}
	}

	@Override
	public boolean mayBlock() {
		return true;
	}

	/**
	 * Returns the result of a use case. Waits for it unless this caller has already
	 * waited.
	 * @param <T> the type of the result
	 * @param stage the use case
	 * @return the result
	 */
	public static <T extends @Nullable Object> T result(CompletionStage<T> stage) {
		try {
			return stage.toCompletableFuture().join();
		}
		catch (CompletionException ex) {
			throw Stages.unchecked(ex);
		}
	}

}
