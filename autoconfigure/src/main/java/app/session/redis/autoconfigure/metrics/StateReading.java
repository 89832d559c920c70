package app.session.redis.autoconfigure.metrics;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.ToDoubleFunction;

import app.session.redis.client.BackgroundThreads;
import app.session.redis.operations.SessionOperations;
import app.session.redis.operations.SessionStoreState;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * What meters tell of the store as a whole: one round trip for all of them, five seconds
 * apart at the least, however many ask. Redis is asked by a thread of its own, so that a
 * request that reads meters is neither held up for longer than the command timeout nor
 * taken for one that Redis has failed. While the circuit breaker keeps Redis from being
 * asked, this doesn't either.
 */
final class StateReading {

	private static final Log logger = LogFactory.getLog(StateReading.class);

	private static final long MAX_AGE_NANOS = Duration.ofSeconds(5).toNanos();

	private final SessionOperations operations;

	private final Duration timeout;

	private @Nullable Reading last;

	StateReading(SessionOperations operations, Duration timeout) {
		this.operations = operations;
		this.timeout = timeout;
	}

	/** A value of the state; not a number when Redis doesn't tell it in time. */
	double get(ToDoubleFunction<SessionStoreState> value) {
		Reading reading = reading();
		if (reading == null) {
			return Double.NaN;
		}
		try {
			long left = Math.max(reading.askedAt() + this.timeout.toNanos() - System.nanoTime(), 0);
			return value.applyAsDouble(reading.state().get(left, TimeUnit.NANOSECONDS));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (TimeoutException | ExecutionException ex) {
			logger.debug("Redis did not tell how many sessions there are", ex);
		}
		return Double.NaN;
	}

	private synchronized @Nullable Reading reading() {
		State breaker = this.operations.breaker();
		if (breaker != null && breaker != State.CLOSED) {
			return null;
		}
		Reading current = this.last;
		long now = System.nanoTime();
		if (current == null || (current.state().isDone() && now - current.askedAt() >= MAX_AGE_NANOS)) {
			current = new Reading(CompletableFuture.supplyAsync(this.operations::state, StateReading::start), now);
			this.last = current;
		}
		return current;
	}

	private static void start(Runnable task) {
		BackgroundThreads.create("redis-session-meters", task).start();
	}

	/** An answer to come, and when it was asked for. */
	private record Reading(CompletableFuture<SessionStoreState> state, long askedAt) {
	}

}
