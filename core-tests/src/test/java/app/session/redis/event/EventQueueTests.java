package app.session.redis.event;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests what happens to messages while listeners are slow.
 */
class EventQueueTests {

	private final LongAdder dropped = new LongAdder();

	private final AtomicInteger done = new AtomicInteger();

	private final AtomicInteger rechecks = new AtomicInteger();

	/** The number of messages that were processed before the last recheck. */
	private final AtomicInteger doneBefore = new AtomicInteger();

	private final EventQueue queue = new EventQueue(this::recheck, null, this.dropped::increment);

	private int failures;

	@AfterEach
	void stop() {
		this.queue.stop();
	}

	private void recheck() {
		this.doneBefore.set(this.done.get());
		this.rechecks.incrementAndGet();
		if (this.failures-- > 0) {
			throw new IllegalStateException("The test wants it to fail");
		}
	}

	@Test
	void messagesBeyondTheCapacityAreDroppedAndCountedAndARecheckMakesUpForThem() throws Exception {
		this.queue.start();
		CountDownLatch began = new CountDownLatch(1);
		CountDownLatch listener = new CountDownLatch(1);
		this.queue.add(() -> {
			began.countDown();
			awaitQuietly(listener);
		});
		assertThat(began.await(10, TimeUnit.SECONDS)).isTrue();
		for (int i = 0; i < EventQueue.CAPACITY + 500; i++) {
			this.queue.add(this.done::incrementAndGet);
		}
		assertThat(this.dropped.sum()).isEqualTo(500);
		assertThat(this.rechecks).hasValue(0);
		listener.countDown();
		await().untilAsserted(() -> assertThat(this.rechecks).hasValue(1));
		assertThat(this.doneBefore).hasValue(EventQueue.CAPACITY);
		this.queue.add(this.done::incrementAndGet);
		await().untilAsserted(() -> assertThat(this.done).hasValue(EventQueue.CAPACITY + 1));
		assertThat(this.dropped.sum()).isEqualTo(500);
	}

	@Test
	void messagesAreWorkedOffInTheirOrderAlsoAfterOneThatFails() {
		this.queue.start();
		StringBuffer order = new StringBuffer();
		this.queue.add(() -> order.append('a'));
		this.queue.add(() -> {
			throw new IllegalStateException("The test wants it to fail");
		});
		this.queue.add(() -> order.append('b'));
		this.queue.add(() -> order.append('c'));
		await().untilAsserted(() -> assertThat(order).hasToString("abc"));
	}

	@Test
	void aRecheckThatFailsIsRepeated() {
		this.failures = 1;
		this.queue.start();
		this.queue.recheck();
		await().untilAsserted(() -> assertThat(this.rechecks).hasValue(2));
	}

	@Test
	void aRecheckIsDoneAgainAndAgainWhereThatIsSet() {
		EventQueue repeating = new EventQueue(this::recheck, Duration.ofMillis(10), this.dropped::increment);
		repeating.start();
		try {
			await().until(() -> this.rechecks.get() >= 3);
		}
		finally {
			repeating.stop();
		}
	}

	@Test
	void aQueueThatIsStoppedTakesNothingAndCanBeStartedAgain() {
		this.queue.add(this.done::incrementAndGet);
		this.queue.start();
		assertThat(this.queue.start()).isNull();
		this.queue.stop();
		for (int i = 0; i <= EventQueue.CAPACITY; i++) {
			this.queue.add(this.done::incrementAndGet);
		}
		this.queue.recheck();
		this.queue.start();
		this.queue.add(this.done::incrementAndGet);
		this.queue.recheck();
		await().untilAsserted(() -> assertThat(this.rechecks).hasValue(1));
		assertThat(this.done).hasValue(1);
	}

	private static void awaitQuietly(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
