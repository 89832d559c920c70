package app.session.redis.autoconfigure.metrics;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

import app.session.redis.DeletionReason;
import app.session.redis.autoconfigure.metrics.RedisSessionMeter.Keys;
import app.session.redis.observation.LookupResult;
import app.session.redis.observation.SessionStatistics;
import app.session.redis.operations.SessionOperations;
import app.session.redis.operations.SessionStoreState;
import app.session.redis.servlet.AtomicRedisSessionRepository;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * Binds what the repository counts to the meters of {@link RedisSessionMeter}. Counting
 * goes on whether or not anybody looks; a look reads the counts, and asks Redis once in a
 * while for what all nodes share.
 */
final class RedisSessionMeters implements MeterBinder {

	private final SessionStatistics statistics;

	private final SessionOperations operations;

	/** Kept here, since meters don't keep what they read. */
	private final StateReading reading;

	RedisSessionMeters(AtomicRedisSessionRepository repository, Duration commandTimeout) {
		this.statistics = repository.getStatistics();
		this.operations = repository.operations();
		this.reading = new StateReading(this.operations, commandTimeout);
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		bindSessions(registry);
		bindSaves(registry);
		bindStore(registry);
		bindCollector(registry);
		bindLocks(registry);
	}

	private void bindSessions(MeterRegistry registry) {
		gauge(registry, RedisSessionMeter.LIVE, Tags.empty(), this.reading,
				(reading) -> reading.get(SessionStoreState::live));
		counter(registry, RedisSessionMeter.CREATED, Tags.empty(), SessionStatistics::getCreated);
		for (DeletionReason reason : DeletionReason.values()) {
			counter(registry, RedisSessionMeter.DELETED, tag(Keys.REASON, reason),
					(statistics) -> statistics.getDeleted(reason));
		}
		counter(registry, RedisSessionMeter.EXPIRED, Tags.empty(), SessionStatistics::getExpired);
		counter(registry, RedisSessionMeter.TAKEN_OVER, Tags.empty(), SessionStatistics::getTakenOver);
		counter(registry, RedisSessionMeter.NOT_TAKEN_OVER, Tags.empty(), SessionStatistics::getNotTakenOver);
		counter(registry, RedisSessionMeter.REFUSED, Tags.empty(), SessionStatistics::getRefusedSessions);
		counter(registry, RedisSessionMeter.DAMAGED, Tags.empty(), SessionStatistics::getDamagedSessions);
		counter(registry, RedisSessionMeter.MESSAGES_DROPPED, Tags.empty(), SessionStatistics::getDroppedMessages);
		counter(registry, RedisSessionMeter.PLAIN, Tags.empty(), SessionStatistics::getPlainSessions);
		for (LookupResult lookup : LookupResult.values()) {
			counter(registry, RedisSessionMeter.LOOKUPS, tag(Keys.RESULT, lookup),
					(statistics) -> statistics.getLookups(lookup));
		}
		counter(registry, RedisSessionMeter.LIMIT_REJECTED, tag(Keys.LIMIT, "per-principal"),
				SessionStatistics::getRejectedLogIns);
		counter(registry, RedisSessionMeter.LIMIT_REJECTED, tag(Keys.LIMIT, "total"),
				SessionStatistics::getRejectedSessions);
	}

	private void bindSaves(MeterRegistry registry) {
		this.statistics.onSave(summary(registry, RedisSessionMeter.SAVE_SIZE)::record);
		counter(registry, RedisSessionMeter.CONFLICTS, tag(Keys.TYPE, "ended"),
				SessionStatistics::getSavesOfEndedSessions);
		counter(registry, RedisSessionMeter.CONFLICTS, tag(Keys.TYPE, "expired"),
				SessionStatistics::getSavesOfExpiredSessions);
		counter(registry, RedisSessionMeter.CONFLICTS, tag(Keys.TYPE, "id-changed"),
				SessionStatistics::getSavesUnderOldIds);
		counter(registry, RedisSessionMeter.CONFLICTS, tag(Keys.TYPE, "locked"),
				SessionStatistics::getSavesWithoutLock);
		counter(registry, RedisSessionMeter.ATTRIBUTES_DROPPED, Tags.empty(),
				SessionStatistics::getUnreadableAttributes);
		counter(registry, RedisSessionMeter.TOUCHES_REFUSED, Tags.empty(), SessionStatistics::getRefusedTouches);
		counter(registry, RedisSessionMeter.UNCONFIRMED, Tags.empty(), SessionStatistics::getUnconfirmed);
	}

	private void bindStore(MeterRegistry registry) {
		counter(registry, RedisSessionMeter.COMMANDS, Tags.empty(), SessionStatistics::getCommands);
		counter(registry, RedisSessionMeter.ROUND_TRIPS, Tags.empty(), SessionStatistics::getRoundTrips);
		if (this.operations.breaker() != null) {
			for (State state : new State[] { State.CLOSED, State.OPEN, State.HALF_OPEN }) {
				gauge(registry, RedisSessionMeter.BREAKER_STATE, tag(Keys.STATE, state), this.operations,
						(operations) -> (operations.breaker() == state) ? 1 : 0);
			}
		}
	}

	private void bindCollector(MeterRegistry registry) {
		TimeGauge
			.builder(RedisSessionMeter.COLLECTOR_LAG.getName(), this.reading, TimeUnit.MILLISECONDS,
					(reading) -> reading.get((state) -> state.collectorLag().toMillis()))
			.description(RedisSessionMeter.COLLECTOR_LAG.getDescription())
			.register(registry);
		gauge(registry, RedisSessionMeter.COLLECTOR_LEADING, Tags.empty(), this.operations,
				(operations) -> operations.isCollecting() ? 1 : 0);
		this.statistics.onBatch(summary(registry, RedisSessionMeter.COLLECTOR_BATCH)::record);
	}

	private void bindLocks(MeterRegistry registry) {
		FunctionTimer
			.builder(RedisSessionMeter.LOCK_WAIT.getName(), this.statistics, SessionStatistics::getLockWaits,
					(statistics) -> statistics.getLockWaitTime().toNanos(), TimeUnit.NANOSECONDS)
			.description(RedisSessionMeter.LOCK_WAIT.getDescription())
			.register(registry);
		counter(registry, RedisSessionMeter.LOCK_TIMEOUTS, Tags.empty(), SessionStatistics::getLockTimeouts);
		counter(registry, RedisSessionMeter.LOCK_REFUSALS, Tags.empty(), SessionStatistics::getLockRefusals);
		counter(registry, RedisSessionMeter.LOCK_LOST, Tags.empty(), SessionStatistics::getLocksLost);
	}

	private void counter(MeterRegistry registry, RedisSessionMeter meter, Tags tags,
			ToDoubleFunction<SessionStatistics> count) {
		FunctionCounter.builder(meter.getName(), this.statistics, count)
			.tags(tags)
			.baseUnit(meter.getBaseUnit())
			.description(meter.getDescription())
			.register(registry);
	}

	private static <T> void gauge(MeterRegistry registry, RedisSessionMeter meter, Tags tags, T source,
			ToDoubleFunction<T> value) {
		Gauge.builder(meter.getName(), source, value)
			.tags(tags)
			.baseUnit(meter.getBaseUnit())
			.description(meter.getDescription())
			.register(registry);
	}

	private static DistributionSummary summary(MeterRegistry registry, RedisSessionMeter meter) {
		return DistributionSummary.builder(meter.getName())
			.baseUnit(meter.getBaseUnit())
			.description(meter.getDescription())
			.register(registry);
	}

	private static Tags tag(Keys key, Enum<?> value) {
		return tag(key, value.name().toLowerCase(Locale.ROOT).replace('_', '-'));
	}

	private static Tags tag(Keys key, String value) {
		return Tags.of(key.asString(), value);
	}

}
