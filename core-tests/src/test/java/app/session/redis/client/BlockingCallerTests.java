package app.session.redis.client;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import io.lettuce.core.RedisCommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests how a thread that may block waits for replies.
 */
@Timeout(30)
class BlockingCallerTests {

	private static final Executor LATER = CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS);

	private final BlockingCaller caller = new BlockingCaller(Duration.ofSeconds(20));

	private final BlockingCaller impatient = new BlockingCaller(Duration.ofMillis(50));

	@AfterEach
	void clearInterruption() {
		boolean unused = Thread.interrupted();
	}

	private static void assertFails(Reason reason, CompletionStage<?> stage) {
		assertThat(stage.toCompletableFuture()).isDone();
		assertThatExceptionOfType(SessionStoreUnavailableException.class).isThrownBy(() -> BlockingCaller.result(stage))
			.satisfies((ex) -> assertThat(ex.getReason()).isEqualTo(reason));
	}

	@Test
	void aReplyIsThereWhenItIsReceived() {
		CompletionStage<String> received = this.caller.receive(CompletableFuture.supplyAsync(() -> "reply", LATER));
		assertThat(received).isCompletedWithValue("reply");
		assertThat(this.caller.receive(CompletableFuture.completedFuture("reply"))).isCompletedWithValue("reply");
	}

	@Test
	void whatFollowsRunsOnTheThreadThatReceives() {
		CompletableFuture<Thread> thread = this.caller.receive(CompletableFuture.supplyAsync(() -> "reply", LATER))
			.thenApply((reply) -> Thread.currentThread())
			.toCompletableFuture();
		assertThat(thread).isCompletedWithValue(Thread.currentThread());
	}

	@Test
	void aReplyThatDoesNotComeInTimeIsATimeoutAndStaysToCome() {
		CompletableFuture<String> reply = new CompletableFuture<>();
		assertFails(Reason.TIMEOUT, this.impatient.receive(reply));
		assertThat(reply).isNotDone();
	}

	@Test
	void patienceIsAddedToTheCommandTimeout() {
		CompletionStage<String> received = this.impatient.receive(CompletableFuture.supplyAsync(() -> "reply", LATER),
				Duration.ofSeconds(20));
		assertThat(received).isCompletedWithValue("reply");
	}

	@Test
	void aFailureIsTranslated() {
		RedisCommandExecutionException refusal = new RedisCommandExecutionException("OOM command not allowed");
		assertFails(Reason.OUT_OF_MEMORY, this.caller.receive(CompletableFuture.failedFuture(refusal)));
		assertFails(Reason.OUT_OF_MEMORY, this.caller.receive(CompletableFuture.supplyAsync(() -> {
			throw refusal;
		}, LATER)));
		SessionStoreUnavailableException known = new SessionStoreUnavailableException(Reason.NOT_ASKED, null, null);
		assertThatExceptionOfType(SessionStoreUnavailableException.class)
			.isThrownBy(() -> BlockingCaller.result(this.caller.receive(CompletableFuture.failedFuture(known))))
			.isSameAs(known);
	}

	@Test
	void anInterruptedThreadWaitsNoLongerAndStaysInterrupted() {
		Thread.currentThread().interrupt();
		assertFails(Reason.FAILED, this.caller.receive(new CompletableFuture<>()));
		assertThat(Thread.currentThread().isInterrupted()).isTrue();
		assertFails(Reason.FAILED, this.caller.await(new CompletableFuture<>(), Duration.ofSeconds(20)));
		assertThat(Thread.interrupted()).isTrue();
	}

	@Test
	void aSignalIsAwaited() {
		assertThat(this.caller.await(CompletableFuture.supplyAsync(() -> "signal", LATER), Duration.ofSeconds(20)))
			.isCompletedWithValue(true);
		assertThat(this.caller.await(CompletableFuture.completedFuture("signal"), Duration.ZERO))
			.isCompletedWithValue(true);
	}

	@Test
	void aFailureIsASignal() {
		assertThat(this.caller.await(CompletableFuture.failedFuture(new IllegalStateException("expected")),
				Duration.ofSeconds(20)))
			.isCompletedWithValue(true);
	}

	@Test
	void aSignalThatDoesNotComeInTimeIsMissed() {
		CompletableFuture<String> signal = new CompletableFuture<>();
		long start = System.nanoTime();
		assertThat(this.caller.await(signal, Duration.ofMillis(50))).isCompletedWithValue(false);
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(50));
		assertThat(signal).isNotDone();
		assertThat(this.caller.await(signal, Duration.ZERO)).isCompletedWithValue(false);
	}

	@Test
	void aResultIsReturnedOrItsFailureThrown() {
		assertThat(BlockingCaller.result(CompletableFuture.supplyAsync(() -> "result", LATER))).isEqualTo("result");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> BlockingCaller.result(CompletableFuture.supplyAsync(() -> {
				throw new IllegalArgumentException("expected");
			}, LATER)))
			.withMessage("expected");
	}

	@Test
	void itMayBlock() {
		assertThat(this.caller.mayBlock()).isTrue();
	}

}
