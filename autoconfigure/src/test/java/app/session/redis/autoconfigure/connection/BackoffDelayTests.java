package app.session.redis.autoconfigure.connection;

import java.time.Duration;
import java.util.stream.LongStream;

import app.session.redis.autoconfigure.properties.RedisSessionConnectionProperties.Backoff;
import app.session.redis.autoconfigure.properties.RedisSessionConnectionProperties.BackoffAlgorithm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

class BackoffDelayTests {

	@ParameterizedTest
	@EnumSource(BackoffAlgorithm.class)
	void anyAttempt_isNeverAboveTheCapNorNegative(BackoffAlgorithm algorithm) {
		BackoffDelay delay = delay(algorithm);
		LongStream.rangeClosed(1, 10_000)
			.map((attempt) -> attempt * attempt)
			.forEach((attempt) -> assertThat(delay.createDelay(attempt)).isBetween(Duration.ZERO,
					Duration.ofMillis(1000)));
	}

	@ParameterizedTest
	@EnumSource(BackoffAlgorithm.class)
	void manyAttempts_waitSomething(BackoffAlgorithm algorithm) {
		BackoffDelay delay = delay(algorithm);
		double average = LongStream.rangeClosed(1000, 2000)
			.map((attempt) -> delay.createDelay(attempt).toMillis())
			.average()
			.orElseThrow();
		assertThat(average).isGreaterThan(90);
	}

	@Test
	void constant_isTheBase() {
		assertThat(delay(BackoffAlgorithm.CONSTANT).createDelay(7)).isEqualTo(Duration.ofMillis(100));
	}

	@Test
	void exponential_doublesUpToTheCap() {
		BackoffDelay delay = delay(BackoffAlgorithm.EXPONENTIAL);
		assertThat(LongStream.rangeClosed(1, 6).map((attempt) -> delay.createDelay(attempt).toMillis()).toArray())
			.containsExactly(100, 200, 400, 800, 1000, 1000);
	}

	@Test
	void equalJitter_isAtLeastHalfOfTheExponentialTime() {
		BackoffDelay delay = delay(BackoffAlgorithm.EQUAL_JITTER);
		for (int i = 0; i < 1000; i++) {
			assertThat(delay.createDelay(3)).isBetween(Duration.ofMillis(200), Duration.ofMillis(400));
		}
	}

	@Test
	void decorrelatedJitter_isBetweenBaseAndThreeTimesThePrevious() {
		BackoffDelay delay = delay(BackoffAlgorithm.DECORRELATED_JITTER);
		Duration previous = Duration.ofMillis(100);
		for (int i = 1; i < 1000; i++) {
			Duration next = delay.createDelay(i);
			assertThat(next).isBetween(Duration.ofMillis(100), previous.multipliedBy(3));
			previous = next;
		}
		delay.reset();
		assertThat(delay.createDelay(1)).isLessThanOrEqualTo(Duration.ofMillis(300));
	}

	private static BackoffDelay delay(BackoffAlgorithm algorithm) {
		return new BackoffDelay(new Backoff(algorithm, Duration.ofMillis(100), Duration.ofSeconds(1)));
	}

}
