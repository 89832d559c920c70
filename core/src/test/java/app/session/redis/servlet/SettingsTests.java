package app.session.redis.servlet;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

import app.session.redis.SessionId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * Values that the repository's setters accept and refuse. Nothing connects.
 */
class SettingsTests {

	private final AtomicRedisSessionRepository repository = new AtomicRedisSessionRepository(
			new LettuceConnectionFactory());

	@ParameterizedTest
	@MethodSource("durations")
	void durationAtABound_isAccepted(BiConsumer<AtomicRedisSessionRepository, Duration> setter, Duration min,
			Duration max) {
		setter.accept(this.repository, min);
		assertThatNoException().isThrownBy(this.repository::afterPropertiesSet);
		setter.accept(this.repository, max);
		assertThatNoException().isThrownBy(this.repository::afterPropertiesSet);
	}

	@ParameterizedTest
	@MethodSource("durations")
	void durationBeyondABound_isRefused(BiConsumer<AtomicRedisSessionRepository, Duration> setter, Duration min,
			Duration max) {
		setter.accept(this.repository, min.minusMillis(1));
		assertThatIllegalArgumentException().isThrownBy(this.repository::afterPropertiesSet);
		setter.accept(this.repository, max.plusMillis(1));
		assertThatIllegalArgumentException().isThrownBy(this.repository::afterPropertiesSet);
	}

	static Stream<Arguments> durations() {
		Duration lifetime = Duration.ofDays(3650);
		Duration time = Duration.ofDays(365);
		Duration least = Duration.ofMillis(1);
		return Stream.of(duration(AtomicRedisSessionRepository::setGrace, Duration.ofSeconds(11), Duration.ofDays(49)),
				duration(AtomicRedisSessionRepository::setTouchInterval, Duration.ZERO, time),
				duration(AtomicRedisSessionRepository::setCommandTimeout, least, time),
				duration((repository, value) -> {
					repository.setGrace(Duration.ofDays(49));
					repository.setCollectorInterval(value);
				}, least, Duration.ofDays(49).minusSeconds(10)), duration((repository, value) -> {
					repository.setGrace(Duration.ofDays(49));
					repository.setCollectorLease(value);
				}, least, Duration.ofDays(49).minusSeconds(1)),
				duration((repository, value) -> repository.setConfirmReplicas(0, value), least, time),
				duration(AtomicRedisSessionRepository::setAbsoluteTimeout, Duration.ZERO, lifetime),
				duration(AtomicRedisSessionRepository::setFirstTimeout, Duration.ZERO, lifetime),
				duration((repository, value) -> repository.setTimeoutBounds(value, lifetime), Duration.ZERO, lifetime),
				duration((repository, value) -> repository.setTimeoutBounds(Duration.ZERO, value), Duration.ZERO,
						lifetime),
				duration((repository, value) -> repository.setBotTimeouts(value, null), Duration.ZERO, lifetime));
	}

	private static Arguments duration(BiConsumer<AtomicRedisSessionRepository, Duration> setter, Duration min,
			Duration max) {
		return arguments(setter, min, max);
	}

	@Test
	void idleTimeouts_haveNoLowerBoundButAnUpperOne() {
		Duration longest = Duration.ofDays(3650);
		for (Duration timeout : List.of(Duration.ofSeconds(-1), Duration.ZERO, longest)) {
			this.repository.setDefaultMaxInactiveInterval(timeout);
			this.repository.setBotTimeouts(Duration.ZERO, timeout);
			assertThatNoException().isThrownBy(this.repository::afterPropertiesSet);
		}
		this.repository.setBotTimeouts(Duration.ZERO, longest.plusMillis(1));
		assertThatIllegalArgumentException().isThrownBy(this.repository::afterPropertiesSet);
		this.repository.setBotTimeouts(Duration.ZERO, null);
		this.repository.setDefaultMaxInactiveInterval(longest.plusMillis(1));
		assertThatIllegalArgumentException().isThrownBy(this.repository::afterPropertiesSet);
	}

	@Test
	void numbers_areAcceptedWithinTheirBoundsOnly() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.repository.setIdBytes(15));
		assertThatIllegalArgumentException().isThrownBy(() -> this.repository.setIdBytes(193));
		for (int bytes : new int[] { 16, 192 }) {
			this.repository.setIdBytes(bytes);
			assertThatNoException().isThrownBy(this.repository::afterPropertiesSet);
			assertThat(SessionId.parse(this.repository.createSession().getId())).isNotNull();
		}
		this.repository.setCollectorBatchSize(0);
		assertThatIllegalArgumentException().isThrownBy(this.repository::afterPropertiesSet);
		this.repository.setCollectorBatchSize(1);
		this.repository.setConfirmReplicas(-1, Duration.ofMillis(1));
		assertThatIllegalArgumentException().isThrownBy(this.repository::afterPropertiesSet);
		this.repository.setConfirmReplicas(0, Duration.ofMillis(1));
		assertThatNoException().isThrownBy(this.repository::afterPropertiesSet);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "short", "0123456789abcde", "with:colon-0123456789", "with space 0123456789",
			"umlaut-\u00e4-0123456789", "with{brace}-0123456789", "line\n0123456789abcdef" })
	void generatorOfUnsuitableIds_isRefusedNamingItsType(String id) {
		FixedGenerator generator = new FixedGenerator(id);
		assertThatIllegalStateException().isThrownBy(() -> this.repository.setSessionIdGenerator(generator::next))
			.withMessageContaining(SettingsTests.class.getName())
			.withMessageContaining("an unsuitable id of " + id.length() + " characters")
			.withMessageContaining("16 to 256 characters");
	}

	@Test
	void generatorOfIdsThatAreTooLong_isRefused() {
		this.repository.setSessionIdGenerator(() -> "a".repeat(256));
		assertThatIllegalStateException()
			.isThrownBy(() -> this.repository.setSessionIdGenerator(() -> "a".repeat(257)));
	}

	@Test
	@SuppressWarnings("NullAway")
	void generatorOfNull_isRefused() {
		assertThatIllegalStateException().isThrownBy(() -> this.repository.setSessionIdGenerator(() -> null))
			.withMessageContaining("generated null");
	}

	@Test
	void generator_isAskedOnceBeforeTheFirstSession() {
		FixedGenerator generator = new FixedGenerator("0123456789abcdef");
		this.repository.setSessionIdGenerator(generator::next);
		this.repository.afterPropertiesSet();
		assertThat(generator.calls).hasValue(1);
	}

	private record FixedGenerator(String id, AtomicInteger calls) {

		FixedGenerator(String id) {
			this(id, new AtomicInteger());
		}

		String next() {
			this.calls.incrementAndGet();
			return this.id;
		}

	}

}
