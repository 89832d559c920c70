package app.session.redis.settings;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;

import app.session.redis.Option;
import app.session.redis.OptionNames;
import app.session.redis.SessionId;
import app.session.redis.codec.CompressionAlgorithm;
import app.session.redis.codec.EncryptionKeys;
import app.session.redis.codec.TypeCheck;
import app.session.redis.codec.ValueForm;
import app.session.redis.engine.SessionEngine;
import app.session.redis.servlet.AtomicRedisSessionRepository;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * Values that the builder accepts and refuses. Nothing connects.
 */
class SettingsTests {

	private static final Duration LONG = Duration.ofSeconds(30);

	private static final EncryptionKeys KEYS = new EncryptionKeys(Map.of("key", new byte[32]), "key");

	private final SessionSettingsBuilder settings = SessionSettings.builder();

	/** Creates a repository with the present settings. */
	private AtomicRedisSessionRepository repository() {
		SessionEngine engine = new SessionEngine(new LettuceConnectionFactory(), this.settings.build());
		engine.afterPropertiesSet();
		return new AtomicRedisSessionRepository(engine);
	}

	@ParameterizedTest
	@MethodSource("durations")
	void durationAtABound_isAccepted(BiConsumer<SessionSettingsBuilder, Duration> setter, Duration min, Duration max) {
		setter.accept(this.settings, min);
		assertThatNoException().isThrownBy(this::repository);
		setter.accept(this.settings, max);
		assertThatNoException().isThrownBy(this::repository);
	}

	@ParameterizedTest
	@MethodSource("durations")
	void durationBeyondABound_isRefused(BiConsumer<SessionSettingsBuilder, Duration> setter, Duration min,
			Duration max) {
		setter.accept(this.settings, min.minusMillis(1));
		assertThatIllegalArgumentException().isThrownBy(this::repository);
		setter.accept(this.settings, max.plusMillis(1));
		assertThatIllegalArgumentException().isThrownBy(this::repository);
	}

	static Stream<Arguments> durations() {
		Duration lifetime = Duration.ofDays(3650);
		Duration time = Duration.ofDays(365);
		Duration least = Duration.ofMillis(1);
		return Stream.of(duration(SessionSettingsBuilder::grace, Duration.ofSeconds(11), Duration.ofDays(49)),
				duration(SessionSettingsBuilder::touchInterval, Duration.ZERO, time),
				duration(SessionSettingsBuilder::commandTimeout, least, time), duration((settings, value) -> {
					settings.grace(Duration.ofDays(49));
					settings.collectorInterval(value);
				}, least, Duration.ofDays(49).minusSeconds(10)), duration((settings, value) -> {
					settings.grace(Duration.ofDays(49));
					settings.collectorLease(value);
				}, least, Duration.ofDays(49).minusSeconds(1)),
				duration((settings, value) -> settings.confirmReplicas(0, value), least, time),
				duration(SessionSettingsBuilder::absoluteTimeout, Duration.ZERO, lifetime),
				duration(SessionSettingsBuilder::firstTimeout, Duration.ZERO, lifetime),
				duration((settings, value) -> settings.timeoutBounds(value, lifetime), Duration.ZERO, lifetime),
				duration((settings, value) -> settings.timeoutBounds(Duration.ZERO, value), Duration.ZERO, lifetime),
				duration((settings, value) -> settings.botTimeouts(value, null), Duration.ZERO, lifetime));
	}

	private static Arguments duration(BiConsumer<SessionSettingsBuilder, Duration> setter, Duration min, Duration max) {
		return arguments(setter, min, max);
	}

	@Test
	void idleTimeouts_haveNoLowerBoundButAnUpperOne() {
		Duration longest = Duration.ofDays(3650);
		for (Duration timeout : List.of(Duration.ofSeconds(-1), Duration.ZERO, longest)) {
			this.settings.idleTimeout(timeout);
			this.settings.botTimeouts(Duration.ZERO, timeout);
			assertThatNoException().isThrownBy(this::repository);
		}
		this.settings.botTimeouts(Duration.ZERO, longest.plusMillis(1));
		assertThatIllegalArgumentException().isThrownBy(this::repository);
		this.settings.botTimeouts(Duration.ZERO, null);
		this.settings.idleTimeout(longest.plusMillis(1));
		assertThatIllegalArgumentException().isThrownBy(this::repository);
	}

	@Test
	void numbers_areAcceptedWithinTheirBoundsOnly() {
		assertRefused((settings) -> settings.idBytes(15), Option.ID_BYTES, "15");
		assertRefused((settings) -> settings.idBytes(193), Option.ID_BYTES, "193");
		assertRefused((settings) -> settings.idOverlap(Duration.ofMillis(-1)), Option.ID_OVERLAP, "PT-0.001S");
		assertRefused((settings) -> settings.idOverlap(Duration.ofMillis(300_001)), Option.ID_OVERLAP, "PT5M0.001S");
		for (int bytes : new int[] { 16, 192 }) {
			this.settings.idBytes(bytes);
			assertThatNoException().isThrownBy(this::repository);
			assertThat(SessionId.parse(repository().createSession().getId())).isNotNull();
		}
		this.settings.collectorBatchSize(0);
		assertThatIllegalArgumentException().isThrownBy(this::repository);
		this.settings.collectorBatchSize(1);
		this.settings.confirmReplicas(-1, Duration.ofMillis(1));
		assertThatIllegalArgumentException().isThrownBy(this::repository);
		this.settings.confirmReplicas(0, Duration.ofMillis(1));
		assertThatNoException().isThrownBy(this::repository);
	}

	@Test
	void numbersBelowTheirBounds_areRefused() {
		assertRefused((settings) -> settings.limitPerPrincipal(-1, OnExceeded.REJECT), Option.LIMIT_PER_PRINCIPAL,
				"-1");
		assertRefused((settings) -> settings.limitTotal(-1), Option.LIMIT_TOTAL, "-1");
		assertRefused((settings) -> settings.compression(CompressionAlgorithm.NONE, -1), Option.COMPRESSION_THRESHOLD,
				"-1");
		assertRefused((settings) -> settings.locks(locks(Duration.ofMillis(-1), LONG, 0)), Option.LOCK_WAIT,
				"PT-0.001S");
		assertRefused((settings) -> settings.locks(locks(LONG, Duration.ZERO, 0)), Option.LOCK_LEASE, "PT0S");
		assertRefused((settings) -> settings.locks(locks(LONG, LONG, -1)), Option.LOCK_MAX_WAITERS, "-1");
	}

	@Test
	void namesThatAreNone_areRefused() {
		assertRefused((settings) -> settings.namespace("a{b}"), Option.NAMESPACE, "a{b}", "hash slot");
		assertRefused((settings) -> settings.allowedTypes(List.of("com acme")), Option.ALLOWED_TYPES, "com acme",
				"com.acme.shop");
		assertRefused((settings) -> settings.allowedLambdas(List.of("com.*")), Option.ALLOWED_LAMBDAS, "com.*");
	}

	@Test
	void contradictions_areRefusedNamingBothOptions() {
		assertRefused((settings) -> settings.timeoutBounds(Duration.ofDays(2), Duration.ofDays(1)), Option.MIN_TIMEOUT,
				"PT48H", "SessionSettingsBuilder.timeoutBounds", "PT24H");
		assertRefused((settings) -> settings.grace(Duration.ofSeconds(12)).collectorInterval(Duration.ofSeconds(3)),
				Option.GRACE, "PT12S", "SessionSettingsBuilder.collectorInterval", "PT3S", "PT10S");
		assertRefused(
				(settings) -> settings.confirmReplicas(1, Duration.ofMillis(500))
					.commandTimeout(Duration.ofMillis(500)),
				Option.CONFIRM_TIMEOUT, "PT0.5S", "SessionSettingsBuilder.commandTimeout");
		assertRefused((settings) -> settings.typeCheck(TypeCheck.WARN), Option.TYPE_CHECK, "WARN",
				"SessionSettingsBuilder.encryptionKeys", "SessionSettingsBuilder.allowedTypes");
		assertRefused((settings) -> settings.encryptionKeys(KEYS).protectIds(false), Option.PROTECT_IDS, "false",
				"SessionSettingsBuilder.encryptionKeys");
		assertRefused((settings) -> settings.migrateFrom("old").valueForm(ValueForm.JSON), Option.MIGRATE_FROM, "old",
				"SessionSettingsBuilder.readForms(JDK)");
		assertRefused((settings) -> settings.migrateFrom("old").encryptionKeys(KEYS), Option.MIGRATE_FROM, "old",
				"SessionSettingsBuilder.acceptPlainUntil");
		Instant now = Instant.parse("2026-01-01T00:00:00Z");
		assertRefused(
				(settings) -> settings.clock(Clock.fixed(now, ZoneOffset.UTC))
					.acceptPlainUntil(now.plus(Duration.ofDays(30)).plusMillis(1)),
				Option.ACCEPT_PLAIN_UNTIL, "2026-01-31T00:00:00.001Z", "30 days");
	}

	private static LockSettings locks(Duration waitTime, Duration lease, int maxWaiters) {
		return new LockSettings(waitTime, lease, OnLockTimeout.REJECT, maxWaiters);
	}

	private static void assertRefused(Consumer<SessionSettingsBuilder> options, Option option, String value,
			String... texts) {
		SessionSettingsBuilder settings = SessionSettings.builder();
		options.accept(settings);
		assertThatExceptionOfType(InvalidSettingException.class).isThrownBy(settings::build).satisfies((ex) -> {
			assertThat(ex.getOption()).isEqualTo(option);
			assertThat(ex.getValue()).isEqualTo(value);
			assertThat(List.of(texts)).allSatisfy((text) -> assertThat(ex.getReason() + ex.getAdvice()).contains(text));
			assertThat(ex).hasMessageContainingAll(OptionNames.METHODS.name(option), value, ex.getReason(),
					ex.getAdvice());
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "short", "0123456789abcde", "with:colon-0123456789", "with space 0123456789",
			"umlaut-\u00e4-0123456789", "with{brace}-0123456789", "line\n0123456789abcdef" })
	void generatorOfUnsuitableIds_isRefusedNamingItsType(String id) {
		FixedGenerator generator = new FixedGenerator(id);
		assertThatIllegalStateException().isThrownBy(() -> this.settings.idGenerator(generator::next))
			.withMessageContaining(SettingsTests.class.getName())
			.withMessageContaining("an invalid id of " + id.length() + " characters")
			.withMessageContaining("16 to 256 characters");
	}

	@Test
	void generatorOfIdsThatAreTooLong_isRefused() {
		this.settings.idGenerator(() -> "a".repeat(256));
		assertThatIllegalStateException().isThrownBy(() -> this.settings.idGenerator(() -> "a".repeat(257)));
	}

	@Test
	@SuppressWarnings("NullAway")
	void generatorOfNull_isRefused() {
		assertThatIllegalStateException().isThrownBy(() -> this.settings.idGenerator(() -> null))
			.withMessageContaining("generated null");
	}

	@Test
	void generator_isAskedOnceBeforeTheFirstSession() {
		FixedGenerator generator = new FixedGenerator("0123456789abcdef");
		this.settings.idGenerator(generator::next);
		repository();
		assertThat(generator.calls).hasValue(1);
	}

	@Test
	void changesAfterTheRepositoryWasCreated_haveNoEffect() {
		this.settings.idBytes(16);
		this.settings.idleTimeout(Duration.ofMinutes(5));
		AtomicRedisSessionRepository repository = repository();
		String id = repository.createSession().getId();
		this.settings.idBytes(192);
		this.settings.idleTimeout(Duration.ofMinutes(50));
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
