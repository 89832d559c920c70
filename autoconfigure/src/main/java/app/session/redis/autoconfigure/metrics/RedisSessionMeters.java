package app.session.redis.autoconfigure.metrics;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

import app.session.redis.autoconfigure.metrics.RedisSessionMeter.Keys;
import app.session.redis.observation.SessionCounter;
import app.session.redis.observation.SessionStatistics;
import app.session.redis.operations.SessionOperations;
import app.session.redis.operations.SessionStoreState;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.micrometer.common.KeyValue;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * Binds each {@link SessionCounter} and each {@link RedisSessionMeter} to a registry.
 * Most meters read the counts of this node. Those that are shared by all nodes are read
 * from Redis by {@link StateReading}, at most every five seconds.
 */
final class RedisSessionMeters implements MeterBinder {

	private final SessionStatistics statistics;

	private final SessionOperations operations;

	/** Kept here, since meters hold weak references only. */
	private final StateReading reading;

	RedisSessionMeters(SessionOperations operations, Duration commandTimeout) {
		this.statistics = operations.statistics();
		this.operations = operations;
		this.reading = new StateReading(this.operations, commandTimeout);
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		for (SessionCounter counter : SessionCounter.values()) {
			KeyValue tag = counter.getTag();
			FunctionCounter.builder(counter.getMeterName(), this.statistics, (statistics) -> statistics.get(counter))
				.tags((tag != null) ? Tags.of(tag.getKey(), tag.getValue()) : Tags.empty())
				.baseUnit(counter.getBaseUnit())
				.description(counter.getDescription())
				.register(registry);
		}
		gauge(registry, RedisSessionMeter.LIVE, Tags.empty(), this.reading,
				(reading) -> reading.get(SessionStoreState::live));
		this.statistics.onSave(summary(registry, RedisSessionMeter.SAVE_SIZE)::record);
		bindCollector(registry);
		FunctionTimer
			.builder(RedisSessionMeter.LOCK_WAIT.getName(), this.statistics, SessionStatistics::getLockWaits,
					(statistics) -> statistics.getLockWaitTime().toNanos(), TimeUnit.NANOSECONDS)
			.description(RedisSessionMeter.LOCK_WAIT.getDescription())
			.register(registry);
		gauge(registry, RedisSessionMeter.NEAR_CACHE_MEMORY, Tags.empty(), this.statistics,
				SessionStatistics::getNearCacheMemory);
		gauge(registry, RedisSessionMeter.NEAR_CACHE_SIZE, Tags.empty(), this.statistics,
				SessionStatistics::getNearCacheSize);
		gauge(registry, RedisSessionMeter.NEAR_CACHE_TRUST, Tags.empty(), this.statistics,
				(statistics) -> statistics.isNearCacheTrusted() ? 1 : 0);
		if (this.operations.breaker() != null) {
			for (State state : new State[] { State.CLOSED, State.OPEN, State.HALF_OPEN }) {
				gauge(registry, RedisSessionMeter.BREAKER_STATE,
						Tags.of(Keys.STATE.asString(), state.name().toLowerCase(Locale.ROOT).replace('_', '-')),
						this.operations, (operations) -> (operations.breaker() == state) ? 1 : 0);
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

}
