package app.session.redis.log;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

import org.apache.commons.logging.impl.NoOpLog;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests how frequent messages are limited.
 */
class LimitedLogTests {

	private final AtomicLong time = new AtomicLong(Long.MAX_VALUE - 5);

	private final Messages messages = new Messages();

	private final LimitedLog log = new LimitedLog(this.messages, 3, this.time::get);

	@Test
	void fewMessagesAreLoggedAsTheyAre() {
		this.log.warn("one");
		this.log.error("two", new IllegalStateException());
		assertThat(this.messages.all).containsExactly("one", "two");
	}

	@Test
	void furtherMessagesAreSuppressedAndCounted() {
		for (int i = 0; i < 10; i++) {
			this.log.warn("flood");
			this.log.error("flood", new IllegalStateException());
		}
		assertThat(this.messages.all).containsExactly("flood", "flood", "flood");
		this.time.addAndGet(Duration.ofMinutes(1).toNanos());
		this.log.warn("later");
		this.log.warn("next");
		assertThat(this.messages.all.subList(3, 5))
			.containsExactly("later. 17 previous messages of this kind were not logged", "next");
	}

	@Test
	void keyIsRememberedAndMemoryIsBounded() {
		assertThat(this.log.isFirst("a")).isTrue();
		assertThat(this.log.isFirst("a")).isFalse();
		assertThat(this.log.isFirst("b")).isTrue();
		assertThat(IntStream.range(0, 100_000).filter((number) -> this.log.isFirst("key" + number)).count())
			.isEqualTo(100_000);
		assertThat(IntStream.range(0, 100_000).filter((number) -> !this.log.isFirst("key" + number)).count())
			.isLessThanOrEqualTo(2_000);
	}

	/**
	 * Stores the logged messages.
	 */
	private static final class Messages extends NoOpLog {

		private static final long serialVersionUID = 1L;

		private final transient List<String> all = new ArrayList<>();

		@Override
		public void warn(Object message) {
			this.all.add((String) message);
		}

		@Override
		public void error(Object message, Throwable failure) {
			this.all.add((String) message);
		}

	}

}
