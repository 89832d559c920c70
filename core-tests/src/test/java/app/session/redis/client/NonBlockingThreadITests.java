package app.session.redis.client;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.blockhound.BlockingOperationError;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests that {@link NonBlockingThread} detects blocking calls.
 */
class NonBlockingThreadITests {

	private final NonBlockingThread thread = new NonBlockingThread();

	@AfterEach
	void close() {
		this.thread.close();
	}

	private void assertFoundOut(Supplier<?> blocking) {
		assertThatExceptionOfType(BlockingOperationError.class).isThrownBy(() -> this.thread.start(blocking));
		assertThatExceptionOfType(AssertionError.class).isThrownBy(this.thread::assertNothingBlocked)
			.withCauseInstanceOf(BlockingOperationError.class);
		this.thread.assertNothingBlocked();
	}

	@Test
	void waitingForAReplyIsFoundOut() {
		BlockingCaller caller = new BlockingCaller(Duration.ofSeconds(1));
		assertFoundOut(() -> caller.receive(new CompletableFuture<>()));
		assertFoundOut(() -> BlockingCaller.result(new CompletableFuture<>()));
	}

	@Test
	void whatIsSwallowedIsFoundOut() {
		this.thread.start(() -> {
			try {
				new CompletableFuture<>().get(1, TimeUnit.SECONDS);
			}
			catch (Exception | Error ex) {
				assertThat(ex).isInstanceOf(BlockingOperationError.class);
			}
			return null;
		});
		assertThatExceptionOfType(AssertionError.class).isThrownBy(this.thread::assertNothingBlocked);
	}

	@Test
	void otherThreadsMayBlock() throws Exception {
		Thread.sleep(1);
		assertThat(CompletableFuture.supplyAsync(() -> 1).get(10, TimeUnit.SECONDS)).isOne();
		this.thread.assertNothingBlocked();
	}

	@Test
	void anotherThreadIsNotTheOneOfTheCaller() {
		CompletableFuture<Integer> result = new CompletableFuture<>();
		CompletableFuture<Integer> started = this.thread.startIncomplete(() -> result);
		result.complete(1);
		assertThat(started).failsWithin(10, TimeUnit.SECONDS);
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> this.thread.startIncomplete(() -> CompletableFuture.completedFuture(1)));
	}

}
