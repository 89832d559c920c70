package app.session.redis.client;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests how stages are composed.
 */
class StagesTests {

	private static final int MANY = 100_000;

	@Test
	void manyStepsThatAreCompleteDoNotOverflowTheStack() {
		AtomicInteger steps = new AtomicInteger();
		assertThat(Stages.<Integer>repeat(() -> CompletableFuture.completedFuture(next(steps))))
			.isCompletedWithValue(MANY);
	}

	@Test
	void manyStepsThatAreCompletedLaterDoNotOverflowTheStack() throws Exception {
		ExecutorService executor = Executors.newSingleThreadExecutor();
		try {
			AtomicInteger steps = new AtomicInteger();
			assertThat(Stages.<Integer>repeat(() -> CompletableFuture.supplyAsync(() -> next(steps), executor))
				.toCompletableFuture()
				.get(30, TimeUnit.SECONDS)).isEqualTo(MANY);
		}
		finally {
			executor.shutdownNow();
		}
	}

	private static Integer next(AtomicInteger steps) {
		int step = steps.incrementAndGet();
		return (step < MANY) ? null : step;
	}

	@Test
	void aStepIsTakenWhenTheOneBeforeItIsThrough() {
		List<CompletableFuture<String>> steps = new ArrayList<>();
		CompletableFuture<String> repeated = Stages.<String>repeat(() -> {
			CompletableFuture<String> step = new CompletableFuture<>();
			steps.add(step);
			return step;
		}).toCompletableFuture();
		assertThat(steps).hasSize(1);
		steps.get(0).complete(null);
		assertThat(steps).hasSize(2);
		assertThat(repeated).isNotDone();
		steps.get(1).complete("result");
		assertThat(steps).hasSize(2);
		assertThat(repeated).isCompletedWithValue("result");
	}

	@Test
	void aLaterStepThatFailsEndsTheRepetition() {
		IllegalStateException failure = new IllegalStateException("expected");
		AtomicInteger steps = new AtomicInteger();
		CompletionStage<String> complete = Stages.repeat(() -> (steps.incrementAndGet() < 3)
				? CompletableFuture.completedFuture(null) : CompletableFuture.failedFuture(failure));
		assertThat(failure(complete)).isSameAs(failure);
		assertThat(steps).hasValue(3);
		CompletableFuture<String> first = new CompletableFuture<>();
		CompletableFuture<String> second = new CompletableFuture<>();
		CompletionStage<String> later = Stages.repeat(() -> (steps.incrementAndGet() == 4) ? first : second);
		first.complete(null);
		second.completeExceptionally(failure);
		assertThat(failure(later)).isSameAs(failure);
		assertThat(steps).hasValue(5);
	}

	@Test
	void aLaterStepThatThrowsFailsTheStage() {
		IllegalStateException failure = new IllegalStateException("expected");
		AtomicInteger steps = new AtomicInteger();
		CompletableFuture<String> first = new CompletableFuture<>();
		CompletionStage<String> repeated = Stages.repeat(() -> {
			if (steps.incrementAndGet() > 1) {
				throw failure;
			}
			return first;
		});
		first.complete(null);
		assertThat(failure(repeated)).isSameAs(failure);
	}

	private static Throwable failure(CompletionStage<?> stage) {
		try {
			throw new AssertionError("It did not fail: " + stage.toCompletableFuture().get(5, TimeUnit.SECONDS));
		}
		catch (ExecutionException ex) {
			return Stages.unwrap(ex);
		}
		catch (Exception ex) {
			throw new AssertionError(ex);
		}
	}

	@Test
	void recoveryGetsTheFailureAsItWasThrown() {
		IllegalStateException failure = new IllegalStateException("expected");
		AtomicInteger recovered = new AtomicInteger();
		CompletionStage<String> failed = CompletableFuture.completedFuture("input").thenApply((input) -> {
			throw failure;
		});
		assertThat(Stages.recover(failed, (thrown) -> {
			assertThat(thrown).isSameAs(failure);
			recovered.incrementAndGet();
			return CompletableFuture.completedFuture("recovered");
		})).isCompletedWithValue("recovered");
		assertThat(recovered).hasValue(1);
	}

	@Test
	void whatDoesNotFailIsNotRecovered() {
		assertThat(Stages.recover(CompletableFuture.completedFuture("result"), (thrown) -> {
			throw new AssertionError(thrown);
		})).isCompletedWithValue("result");
	}

	@Test
	void aBeginningThatThrowsFailsTheStage() {
		IllegalStateException failure = new IllegalStateException("expected");
		CompletionStage<String> stage = Stages.start(() -> {
			throw failure;
		});
		assertThat(failure(stage)).isSameAs(failure);
		assertThat(Stages.start(() -> CompletableFuture.completedFuture("result"))).isCompletedWithValue("result");
	}

	@Test
	void failuresAreUnwrapped() {
		IllegalStateException failure = new IllegalStateException("expected", new RuntimeException("its cause"));
		assertThat(Stages.unwrap(new CompletionException(new ExecutionException(failure)))).isSameAs(failure);
		assertThat(Stages.unwrap(failure)).isSameAs(failure);
		CompletionException bare = new CompletionException("without a cause", null);
		assertThat(Stages.unwrap(bare)).isSameAs(bare);
	}

	@Test
	void failuresAreThrownAsTheyWereThrownFirst() {
		IllegalStateException failure = new IllegalStateException("expected");
		assertThatIllegalStateException().isThrownBy(() -> Stages.unchecked(new CompletionException(failure)))
			.isSameAs(failure);
		IOException checked = new IOException("checked");
		assertThatExceptionOfType(IOException.class)
			.isThrownBy(() -> Stages.unchecked(new CompletionException(checked)))
			.isSameAs(checked);
		StackOverflowError error = new StackOverflowError();
		assertThatExceptionOfType(StackOverflowError.class)
			.isThrownBy(() -> Stages.unchecked(new CompletionException(error)))
			.isSameAs(error);
		assertThatIllegalStateException()
			.isThrownBy(() -> BlockingCaller.result(CompletableFuture.failedFuture(failure)))
			.isSameAs(failure);
	}

	@Test
	void whatFollowsACompleteStageRunsInPlaceWithoutAnotherFuture() {
		CompletionStage<String> next = CompletableFuture.completedFuture("next");
		assertThat(Stages.then(Stages.done(), (done) -> next)).isSameAs(next);
	}

	@Test
	void whatFollowsAnIncompleteStageRunsWhenItIsComplete() {
		CompletableFuture<String> stage = new CompletableFuture<>();
		CompletableFuture<String> next = Stages
			.then(stage, (result) -> CompletableFuture.completedFuture(result + " and next"))
			.toCompletableFuture();
		assertThat(next).isNotDone();
		stage.complete("first");
		assertThat(next).isCompletedWithValue("first and next");
	}

	@Test
	void whatFollowsIsSkippedAfterAFailureAndFailsIfItThrows() {
		CompletionStage<String> failed = CompletableFuture.failedFuture(new IllegalStateException("first"));
		assertThat(Stages.then(failed, (result) -> Stages.completed(true)).toCompletableFuture())
			.failsWithin(Duration.ZERO)
			.withThrowableOfType(ExecutionException.class)
			.withMessageContaining("first");
		assertThat(Stages.then(Stages.completed(true), (answer) -> {
			throw new IllegalStateException("next");
		}).toCompletableFuture()).failsWithin(Duration.ZERO)
			.withThrowableOfType(ExecutionException.class)
			.withMessageContaining("next");
	}

}
