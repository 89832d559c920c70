package app.session.redis.client;

import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/**
 * A caller that never blocks a thread; use cases continue on an executor.
 */
public final class NonBlockingCaller implements Caller {

	private final Executor executor;

	private final Duration commandTimeout;

	/**
	 * Creates a caller.
	 * @param executor where use cases continue
	 * @param commandTimeout after how long a reply that has not come fails
	 */
	public NonBlockingCaller(Executor executor, Duration commandTimeout) {
		this.executor = executor;
		this.commandTimeout = commandTimeout;
	}

	@Override
	public <T extends @Nullable Object> CompletionStage<T> receive(CompletionStage<T> reply, Duration patience) {
		return reply.toCompletableFuture()
			.copy()
			.orTimeout(this.commandTimeout.plus(patience).toNanos(), TimeUnit.NANOSECONDS)
			.handleAsync((value, failure) -> {
				if (failure != null) {
					throw new CompletionException(Failures.translate(failure));
				}
				return value;
			}, this.executor);
	}

	@Override
	public CompletionStage<Boolean> await(CompletionStage<?> signal, Duration atMost) {
		return signal.handle((value, failure) -> true)
			.toCompletableFuture()
			.completeOnTimeout(false, atMost.toNanos(), TimeUnit.NANOSECONDS)
			.thenApplyAsync((came) -> came, this.executor);
	}

	@Override
	public boolean mayBlock() {
		return false;
	}

}
