package app.session.redis.reactive;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

import app.session.redis.client.Caller;
import app.session.redis.client.Failures;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.internal.ThreadExecutorMap;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Schedulers;

/**
 * Continues each use case where it was started if that is an event loop of Reactor Netty,
 * so that a request stays on one thread, and otherwise on Reactor's parallel scheduler.
 * Never on a thread of the Redis client: handlers that compute would delay the replies to
 * all other requests there
 * (<a href="https://github.com/redis/lettuce/issues/1292">lettuce#1292</a>).
 */
public final class ReactiveCaller implements Caller {

	private static final Executor PARALLEL = (task) -> Schedulers.parallel().schedule(task);

	@Override
	public <T extends @Nullable Object> CompletionStage<T> receive(CompletionStage<T> reply, Duration patience) {
		CompletableFuture<T> future = reply.toCompletableFuture();
		if (future.isDone() && !future.isCompletedExceptionally()) {
			return future;
		}
		// The sender ends every call within the command timeout
		return future.handleAsync((value, failure) -> {
			if (failure != null) {
				throw new CompletionException(Failures.translate(failure));
			}
			return value;
		}, executor());
	}

	@Override
	public CompletionStage<Boolean> await(CompletionStage<?> signal, Duration atMost) {
		return signal.handle((value, failure) -> true)
			.toCompletableFuture()
			.completeOnTimeout(false, atMost.toNanos(), TimeUnit.NANOSECONDS)
			.thenApplyAsync((arrived) -> arrived, executor());
	}

	@Override
	public boolean mayBlock() {
		return false;
	}

	private static Executor executor() {
		// Only the threads of Reactor Netty are marked as non-blocking, not those of
		// Lettuce
		EventExecutor loop = Schedulers.isInNonBlockingThread() ? ThreadExecutorMap.currentExecutor() : null;
		return (loop != null) ? loop : PARALLEL;
	}

}
