package app.session.redis.settings;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

import app.session.redis.SessionId;
import app.session.redis.engine.SessionEngine;
import app.session.redis.servlet.AtomicRedisSessionRepository;
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
 * Values that the setters accept and refuse. Nothing connects.
 */
class SettingsTests {

	private final SessionSettings settings = new SessionSettings();

	/** Creates a repository with the present settings. */
	private AtomicRedisSessionRepository repository() {
		SessionEngine engine = new SessionEngine(new LettuceConnectionFactory(), this.settings);
		engine.afterPropertiesSet();
		return new AtomicRedisSessionRepository(engine);
	}

	@ParameterizedTest
	@MethodSource("durations")
	void durationAtABound_isAccepted(BiConsumer<SessionSettings, Duration> setter, Duration min, Duration max) {
		setter.accept(this.settings, min);
		assertThatNoException().isThrownBy(this::repository);
		setter.accept(this.settings, max);
		assertThatNoException().isThrownBy(this::repository);
	}

	@ParameterizedTest
	@MethodSource("durations")
	void durationBeyondABound_isRefused(BiConsumer<SessionSettings, Duration> setter, Duration min, Duration max) {
		setter.accept(this.settings, min.minusMillis(1));
		assertThatIllegalArgumentException().isThrownBy(this::repository);
		setter.accept(this.settings, max.plusMillis(1));
		assertThatIllegalArgumentException().isThrownBy(this::repository);
	}

	static Stream<Arguments> durations() {
		Duration lifetime = Duration.ofDays(3650);
		Duration time = Duration.ofDays(365);
		Duration least = Duration.ofMillis(1);
		return Stream.of(duration(SessionSettings::setGrace, Duration.ofSeconds(11), Duration.ofDays(49)),
				duration(SessionSettings::setTouchInterval, Duration.ZERO, time),
				duration(SessionSettings::setCommandTimeout, least, time), duration((settings, value) -> {
					settings.setGrace(Duration.ofDays(49));
					settings.setCollectorInterval(value);
				}, least, Duration.ofDays(49).minusSeconds(10)), duration((settings, value) -> {
					settings.setGrace(Duration.ofDays(49));
					settings.setCollectorLease(value);
				}, least, Duration.ofDays(49).minusSeconds(1)),
				duration((settings, value) -> settings.setConfirmReplicas(0, value), least, time),
				duration(SessionSettings::setAbsoluteTimeout, Duration.ZERO, lifetime),
				duration(SessionSettings::setFirstTimeout, Duration.ZERO, lifetime),
				duration((settings, value) -> settings.setTimeoutBounds(value, lifetime), Duration.ZERO, lifetime),
				duration((settings, value) -> settings.setTimeoutBounds(Duration.ZERO, value), Duration.ZERO, lifetime),
				duration((settings, value) -> settings.setBotTimeouts(value, null), Duration.ZERO, lifetime));
	}

	private static Arguments duration(BiConsumer<SessionSettings, Duration> setter, Duration min, Duration max) {
		return arguments(setter, min, max);
	}

	@Test
	void idleTimeouts_haveNoLowerBoundButAnUpperOne() {
		Duration longest = Duration.ofDays(3650);
		for (Duration timeout : List.of(Duration.ofSeconds(-1), Duration.ZERO, longest)) {
			this.settings.setDefaultMaxInactiveInterval(timeout);
			this.settings.setBotTimeouts(Duration.ZERO, timeout);
			assertThatNoException().isThrownBy(this::repository);
		}
		this.settings.setBotTimeouts(Duration.ZERO, longest.plusMillis(1));
		assertThatIllegalArgumentException().isThrownBy(this::repository);
		this.settings.setBotTimeouts(Duration.ZERO, null);
		this.settings.setDefaultMaxInactiveInterval(longest.plusMillis(1));
		assertThatIllegalArgumentException().isThrownBy(this::repository);
	}

	@Test
	void numbers_areAcceptedWithinTheirBoundsOnly() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.settings.setIdBytes(15));
		assertThatIllegalArgumentException().isThrownBy(() -> this.settings.setIdBytes(193));
		for (int bytes : new int[] { 16, 192 }) {
			this.settings.setIdBytes(bytes);
			assertThatNoException().isThrownBy(this::repository);
			assertThat(SessionId.parse(repository().createSession().getId())).isNotNull();
		}
		this.settings.setCollectorBatchSize(0);
		assertThatIllegalArgumentException().isThrownBy(this::repository);
		this.settings.setCollectorBatchSize(1);
		this.settings.setConfirmReplicas(-1, Duration.ofMillis(1));
		assertThatIllegalArgumentException().isThrownBy(this::repository);
		this.settings.setConfirmReplicas(0, Duration.ofMillis(1));
		assertThatNoException().isThrownBy(this::repository);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "short", "0123456789abcde", "with:colon-0123456789", "with space 0123456789",
			"umlaut-\u00e4-0123456789", "with{brace}-0123456789", "line\n0123456789abcdef" })
	void generatorOfUnsuitableIds_isRefusedNamingItsType(String id) {
		FixedGenerator generator = new FixedGenerator(id);
		assertThatIllegalStateException().isThrownBy(() -> this.settings.setSessionIdGenerator(generator::next))
			.withMessageContaining(SettingsTests.class.getName())
			.withMessageContaining("an invalid id of " + id.length() + " characters")
			.withMessageContaining("16 to 256 characters");
	}

	@Test
	void generatorOfIdsThatAreTooLong_isRefused() {
		this.settings.setSessionIdGenerator(() -> "a".repeat(256));
		assertThatIllegalStateException().isThrownBy(() -> this.settings.setSessionIdGenerator(() -> "a".repeat(257)));
	}

	@Test
	@SuppressWarnings("NullAway")
	void generatorOfNull_isRefused() {
		assertThatIllegalStateException().isThrownBy(() -> this.settings.setSessionIdGenerator(() -> null))
			.withMessageContaining("generated null");
	}

	@Test
	void generator_isAskedOnceBeforeTheFirstSession() {
		FixedGenerator generator = new FixedGenerator("0123456789abcdef");
		this.settings.setSessionIdGenerator(generator::next);
		repository();
		assertThat(generator.calls).hasValue(1);
	}

	@Test
	void changesAfterTheRepositoryWasCreated_haveNoEffect() {
		this.settings.setIdBytes(16);
		this.settings.setDefaultMaxInactiveInterval(Duration.ofMinutes(5));
		AtomicRedisSessionRepository repository = repository();
		String id = repository.createSession().getId();
		this.settings.setIdBytes(192);
		this.settings.setDefaultMaxInactiveInterval(Duration.ofMinutes(50));
		assertThat(repository.createSession().getId()).hasSameSizeAs(id);
		assertThat(repository.createSession().getMaxInactiveInterval()).isEqualTo(Duration.ofMinutes(5));
		assertThat(repository().createSession().getId()).hasSizeGreaterThan(id.length());
		assertThat(repository().createSession().getMaxInactiveInterval()).isEqualTo(Duration.ofMinutes(50));
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
