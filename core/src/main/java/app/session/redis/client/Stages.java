package app.session.redis.client;

import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * Composes stages in ways that {@link CompletionStage} doesn't offer.
 */
public final class Stages {

	private static final CompletableFuture<@Nullable Void> DONE = CompletableFuture.completedFuture(null);

	private static final CompletableFuture<Boolean> YES = CompletableFuture.completedFuture(true);

	private static final CompletableFuture<Boolean> NO = CompletableFuture.completedFuture(false);

	private Stages() {
	}

	/**
	 * Returns a stage that is complete without a value.
	 * @return the stage
	 */
	public static CompletionStage<@Nullable Void> done() {
		return DONE;
	}

	/**
	 * Returns a stage that is complete with a boolean.
	 * @param answer the boolean
	 * @return the stage
	 */
	public static CompletionStage<Boolean> completed(boolean answer) {
		return answer ? YES : NO;
	}

	/**
	 * Returns whether a stage is complete without a failure, so that nothing has to be
	 * composed with it. Checked on the path of every request before a handler of failures
	 * is created.
	 * @param stage the stage
	 * @return whether it has succeeded
	 */
	public static boolean hasSucceeded(CompletionStage<?> stage) {
		CompletableFuture<?> future = stage.toCompletableFuture();
		return future.isDone() && !future.isCompletedExceptionally();
	}

	/**
	 * Continues after a stage, like {@link CompletionStage#thenCompose}, but without
	 * another future if the stage is complete, as it is for a caller that has waited.
	 * @param <T> the type of the stage's result
	 * @param <R> the type of the result
	 * @param stage the stage
	 * @param next the next step
	 * @return the stage of the next step
	 */
	public static <T extends @Nullable Object, R extends @Nullable Object> CompletionStage<R> then(
			CompletionStage<T> stage, Function<? super T, ? extends CompletionStage<R>> next) {
		if (!hasSucceeded(stage)) {
			return stage.thenCompose(next);
		}
		try {
			return next.apply(stage.toCompletableFuture().getNow(null));
		}
		catch (Throwable ex) {
			return CompletableFuture.failedFuture(ex);
		}
	}

	/**
	 * Repeats a step until it has a result. Steps that are complete when they return
	 * don't deepen the stack.
	 * @param <T> the type of the result
	 * @param step the step, which has no result yet if its stage completes with null
	 * @return the first result
	 */
	public static <T> CompletionStage<T> repeat(Supplier<? extends CompletionStage<@Nullable T>> step) {
		while (true) {
			CompletableFuture<@Nullable T> stage = step.get().toCompletableFuture();
			if (!stage.isDone() || stage.isCompletedExceptionally()) {
				return stage.thenCompose(
						(result) -> (result != null) ? CompletableFuture.completedFuture(result) : repeat(step));
			}
			T result = stage.getNow(null);
			if (result != null) {
				return CompletableFuture.completedFuture(result);
			}
		}
	}

	/**
	 * Runs a step for each item, one after the other, until one fails.
	 * @param <T> the type of the items
	 * @param items the items
	 * @param step the step
	 * @return a stage that completes when all steps have ended
	 */
	public static <T> CompletionStage<@Nullable Void> forEach(Iterable<T> items,
			Function<? super T, ? extends CompletionStage<?>> step) {
		return forEach(items.iterator(), step);
	}

	private static <T> CompletionStage<@Nullable Void> forEach(Iterator<T> items,
			Function<? super T, ? extends CompletionStage<?>> step) {
		while (items.hasNext()) {
			CompletionStage<?> stage = step.apply(items.next());
			if (!hasSucceeded(stage)) {
				return stage.thenCompose((result) -> forEach(items, step));
			}
		}
		return done();
	}

	/**
	 * Recovers from a failure.
	 * @param <T> the type of the result
	 * @param stage the stage
	 * @param handler receives the original failure
	 * @return the stage, or the handler's stage if it fails
	 */
	public static <T extends @Nullable Object> CompletionStage<T> recover(CompletionStage<T> stage,
			Function<Throwable, ? extends CompletionStage<T>> handler) {
		return hasSucceeded(stage) ? stage : stage.exceptionallyCompose((failure) -> handler.apply(unwrap(failure)));
	}

	/**
	 * Starts a use case whose start may throw.
	 * @param <T> the type of the result
	 * @param start starts it
	 * @return its stage, which has failed if the start has thrown
	 */
	public static <T extends @Nullable Object> CompletionStage<T> start(Supplier<? extends CompletionStage<T>> start) {
		try {
			return start.get();
		}
		catch (Throwable ex) {
			return CompletableFuture.failedFuture(ex);
		}
	}

	/**
	 * Returns the original failure, without the exceptions that stages wrap around it.
	 * @param failure the failure of a stage
	 * @return the original failure
	 */
	public static Throwable unwrap(Throwable failure) {
		Throwable cause = failure;
		while ((cause instanceof CompletionException || cause instanceof ExecutionException)
				&& cause.getCause() != null) {
			cause = cause.getCause();
		}
		return cause;
	}

	/**
	 * Throws the original failure of a stage. It may be a checked exception, which code
	 * in other languages doesn't declare.
	 * @param failure the failure
	 * @return nothing; the type allows callers to write {@code throw}
	 */
	public static RuntimeException unchecked(Throwable failure) {
		throw Stages.<RuntimeException>undeclared(unwrap(failure));
	}

	@SuppressWarnings("unchecked") // erased, so that anything can be thrown
	private static <E extends Throwable> E undeclared(Throwable failure) throws E {
		throw (E) failure;
	}

}
