package app.session.redis.client;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * Runs one task at a time, in order of arrival: the asynchronous counterpart of a lock
 * that is held across round trips. If application code that a task calls runs further
 * tasks on the thread that started it, they don't wait for a turn. With a caller that
 * doesn't block, such a task can still be in progress when the outer task continues.
 */
public final class Turns {

	/** Each task ends within a few command timeouts, so no task waits forever. */
	private static final Duration UNLIMITED = Duration.ofDays(1);

	/** Created when a task has to wait, which is rare. */
	private @Nullable Queue<CompletableFuture<@Nullable Void>> waiting;

	private boolean taken;

	/** The thread that is starting the present task. */
	private volatile @Nullable Thread starter;

	/**
	 * Runs a task after all earlier tasks have ended.
	 * @param <T> the type of its result
	 * @param caller receives the turn
	 * @param task the task
	 * @return the result of the task
	 */
	public <T extends @Nullable Object> CompletionStage<T> run(Caller caller,
			Supplier<? extends CompletionStage<T>> task) {
		if (this.starter == Thread.currentThread()) {
			return task.get();
		}
		CompletableFuture<@Nullable Void> turn = take();
		if (turn == null) {
			return start(task);
		}
		return Stages.recover(Stages.start(() -> caller.receive(turn, UNLIMITED)), (failure) -> {
			leave(turn);
			return CompletableFuture.failedFuture(failure);
		}).thenCompose((mine) -> start(task));
	}

	/** Returns the turn to wait for, or null if the task can start immediately. */
	private synchronized @Nullable CompletableFuture<@Nullable Void> take() {
		if (!this.taken) {
			this.taken = true;
			return null;
		}
		if (this.waiting == null) {
			this.waiting = new ArrayDeque<>(2);
		}
		CompletableFuture<@Nullable Void> turn = new CompletableFuture<>();
		this.waiting.add(turn);
		return turn;
	}

	/** Gives up a turn after waiting for it failed. */
	private void leave(CompletableFuture<@Nullable Void> turn) {
		boolean waited;
		synchronized (this) {
			waited = this.waiting != null && this.waiting.removeIf((other) -> other == turn);
		}
		if (!waited) {
			end();
		}
	}

	private <T extends @Nullable Object> CompletionStage<T> start(Supplier<? extends CompletionStage<T>> task) {
		CompletionStage<T> stage = null;
		this.starter = Thread.currentThread();
		try {
			stage = task.get();
		}
		finally {
			this.starter = null;
			if (stage == null) {
				// Whatever was thrown, the next task must get its turn
				end();
			}
		}
		if (stage.toCompletableFuture().isDone()) {
			end();
			return stage;
		}
		return stage.whenComplete((result, failure) -> end());
	}

	private void end() {
		CompletableFuture<@Nullable Void> next;
		synchronized (this) {
			next = (this.waiting != null) ? this.waiting.poll() : null;
			this.taken = next != null;
		}
		if (next != null) {
			next.complete(null);
		}
	}

}
