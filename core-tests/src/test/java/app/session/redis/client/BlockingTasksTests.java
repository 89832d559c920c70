package app.session.redis.client;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests what happens to tasks that are unfinished at the end.
 */
@Timeout(10)
class BlockingTasksTests {

	@Test
	void connectionsThatStillHaveToBeReturnedAtTheEndAreReturned() {
		BlockingTasks tasks = new BlockingTasks();
		CountDownLatch never = new CountDownLatch(1);
		AtomicInteger givenBack = new AtomicInteger();
		for (int i = 0; i < 2; i++) {
			tasks.release(() -> {
				try {
					never.await();
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
				}
			});
		}
		for (int i = 0; i < 5; i++) {
			tasks.release(givenBack::incrementAndGet);
		}
		tasks.end(Duration.ofMillis(50));
		assertThat(givenBack).hasValue(5);
	}

}
