package app.session.redis.client;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import app.session.redis.SessionStoreUnavailableException;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * One task at a time.
 */
class TurnsTests {

	private final Caller caller = new BlockingCaller(Duration.ofSeconds(10));

	private final Turns turns = new Turns();

	@RepeatedTest(5)
	void tasksOfManyThreadsExcludeEachOther() throws Exception {
		AtomicInteger inside = new AtomicInteger();
		AtomicInteger most = new AtomicInteger();
		List<Thread> threads = new ArrayList<>();
		CountDownLatch done = new CountDownLatch(8);
		for (int i = 0; i < 8; i++) {
			Thread thread = new Thread(() -> {
				for (int round = 0; round < 500; round++) {
					BlockingCaller.result(this.turns.run(this.caller, () -> {
						most.accumulateAndGet(inside.incrementAndGet(), Math::max);
						inside.decrementAndGet();
						return Stages.done();
					}));
				}
				done.countDown();
			});
			threads.add(thread);
		}
		threads.forEach(Thread::start);
		assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
		assertThat(most).hasValue(1);
	}

	@Test
	void taskBeginsWhenTheOneBeforeItHasEnded() {
		Caller caller = new NonBlockingCaller(Runnable::run, Duration.ofSeconds(10));
		CompletableFuture<String> first = new CompletableFuture<>();
		List<String> begun = new ArrayList<>();
		CompletionStage<String> one = this.turns.run(caller, () -> {
			begun.add("first");
			return first;
		});
		CompletionStage<String> two = runOnAnotherThread(caller, begun);
		assertThat(begun).containsExactly("first");
		first.complete("1");
		assertThat(one.toCompletableFuture()).isCompletedWithValue("1");
		assertThat(two.toCompletableFuture()).succeedsWithin(Duration.ofSeconds(5)).isEqualTo("2");
		assertThat(begun).containsExactly("first", "second");
	}

	private CompletionStage<String> runOnAnotherThread(Caller caller, List<String> begun) {
		return CompletableFuture.supplyAsync(() -> this.turns.run(caller, () -> {
			begun.add("second");
			return CompletableFuture.completedFuture("2");
		}), (task) -> new Thread(task).start()).join();
	}

	@Test
	void taskThatTheTaskItselfRunsDoesNotWait() {
		assertThat(BlockingCaller.result(this.turns.run(this.caller,
				() -> this.turns.run(this.caller, () -> CompletableFuture.completedFuture("inner")))))
			.isEqualTo("inner");
		assertFree();
	}

	@Test
	void taskThatFailsOrThrowsAnythingEndsItsTurn() {
		CompletionStage<Object> failed = this.turns.run(this.caller,
				() -> CompletableFuture.failedFuture(new IllegalStateException()));
		assertThat(failed.toCompletableFuture()).isCompletedExceptionally();
		assertFree();
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> this.turns.run(this.caller, () -> {
			throw Stages.unchecked(new IOException("not declared"));
		}));
		assertFree();
	}

	@Test
	void interruptedTaskGivesItsTurnUp() throws Exception {
		CompletableFuture<String> first = new CompletableFuture<>();
		CompletionStage<String> running = this.turns.run(this.caller, () -> first);
		CompletableFuture<Throwable> failure = new CompletableFuture<>();
		Thread waiting = new Thread(() -> this.turns.run(this.caller, Stages::done)
			.whenComplete((result, thrown) -> failure.complete(Stages.unwrap(thrown))));
		waiting.start();
		await().until(() -> waiting.getState() == Thread.State.TIMED_WAITING);
		waiting.interrupt();
		assertThat(failure.get(5, TimeUnit.SECONDS)).isInstanceOf(SessionStoreUnavailableException.class);
		first.complete("done");
		assertThat(running.toCompletableFuture()).isCompletedWithValue("done");
		assertFree();
	}

	private void assertFree() {
		CompletableFuture<Boolean> other = new CompletableFuture<>();
		new Thread(
				() -> other.complete(BlockingCaller.result(this.turns.run(this.caller, () -> Stages.completed(true)))))
			.start();
		assertThat(other).succeedsWithin(Duration.ofSeconds(5)).isEqualTo(true);
	}

}
