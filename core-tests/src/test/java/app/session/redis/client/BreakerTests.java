package app.session.redis.client;

import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.protocol.CommandType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Compares what the breaker records with a circuit that records every call.
 */
class BreakerTests {

	private static final int WINDOW = 20;

	private static final RuntimeException OUTAGE = new RedisCommandTimeoutException("on purpose");

	private static CircuitBreaker circuit(SlidingWindowType type) {
		return CircuitBreaker.of("test",
				CircuitBreakerConfig.custom()
					.failureRateThreshold(50)
					.slidingWindow(WINDOW, 10, type)
					.waitDurationInOpenState(Duration.ofMinutes(1))
					.permittedNumberOfCallsInHalfOpenState(3)
					.build());
	}

	private static Breaker breaker(CircuitBreaker circuit) {
		// A PING that is never answered
		return new Breaker(circuit, CompletableFuture::new);
	}

	private static void record(Breaker breaker, boolean answered) {
		Call call = Call.of(CommandType.PING);
		assertThat(breaker.permits(call)).isTrue();
		breaker.record(call, answered ? null : OUTAGE);
	}

	@ParameterizedTest
	@EnumSource
	void answers_areNotRecordedWhileTheWindowContainsNothingElse(SlidingWindowType type) {
		CircuitBreaker circuit = circuit(type);
		Breaker breaker = breaker(circuit);
		AtomicInteger recorded = new AtomicInteger();
		circuit.getEventPublisher().onSuccess((event) -> recorded.incrementAndGet());
		for (int i = 0; i < 1000; i++) {
			record(breaker, true);
		}
		assertThat(recorded).hasValue((type == SlidingWindowType.COUNT_BASED) ? 2 * WINDOW : 1000);
		record(breaker, false);
		for (int i = 0; i < 1000; i++) {
			record(breaker, true);
		}
		assertThat(recorded).hasValue((type == SlidingWindowType.COUNT_BASED) ? 4 * WINDOW : 2000);
		breaker.close();
	}

	@ParameterizedTest
	@ValueSource(ints = { 5, 30, 45, 50, 60 })
	void failureRate_isThatOfACircuitThatRecordsEveryCall(int percentage) {
		Random random = new Random(percentage);
		for (int run = 0; run < 50; run++) {
			CircuitBreaker circuit = circuit(SlidingWindowType.COUNT_BASED);
			CircuitBreaker reference = circuit(SlidingWindowType.COUNT_BASED);
			for (int i = 0; i < WINDOW; i++) {
				reference.onSuccess(0, TimeUnit.NANOSECONDS);
			}
			Breaker breaker = breaker(circuit);
			for (int i = 0; i < 500 && circuit.getState() == State.CLOSED; i++) {
				// Failures come together, with long times without any in between
				boolean answered = i / 100 % 2 == 0 || random.nextInt(100) >= percentage;
				record(breaker, answered);
				if (answered) {
					reference.onSuccess(0, TimeUnit.NANOSECONDS);
				}
				else {
					reference.onError(0, TimeUnit.NANOSECONDS, OUTAGE);
				}
				assertThat(circuit.getState()).isEqualTo(reference.getState());
				assertThat(circuit.getMetrics().getFailureRate()).isEqualTo(reference.getMetrics().getFailureRate());
			}
			breaker.close();
		}
	}

	@Test
	void circuitThatIsReset_opensAtTheSameRate() {
		CircuitBreaker circuit = circuit(SlidingWindowType.COUNT_BASED);
		Breaker breaker = breaker(circuit);
		for (int i = 0; i < 100; i++) {
			record(breaker, true);
		}
		circuit.reset();
		for (int i = 0; i < WINDOW; i++) {
			record(breaker, true);
		}
		for (int i = 0; i < WINDOW / 2; i++) {
			assertThat(circuit.getState()).isEqualTo(State.CLOSED);
			assertThat(circuit.getMetrics().getFailureRate()).isEqualTo(100f * i / WINDOW);
			record(breaker, false);
		}
		assertThat(circuit.getState()).isEqualTo(State.OPEN);
		breaker.close();
	}

	@Test
	void trialCalls_areRecorded() {
		CircuitBreaker circuit = circuit(SlidingWindowType.COUNT_BASED);
		Breaker breaker = breaker(circuit);
		for (int i = 0; i < 100; i++) {
			record(breaker, true);
		}
		circuit.transitionToOpenState();
		circuit.transitionToHalfOpenState();
		for (int i = 0; i < 3; i++) {
			assertThat(circuit.getState()).isEqualTo(State.HALF_OPEN);
			record(breaker, true);
		}
		assertThat(circuit.getState()).isEqualTo(State.CLOSED);
		breaker.close();
	}

}
